"""What a word of status says of a project: an end, a stop, a milestone, or that it goes on."""

import re
from dataclasses import dataclass, replace

from models.i18n import gettext as _
from models.office_files.cells import BadCell, plain
from models.office_files.vocabulary import CLAIMS, GOING_ON, HOLDS, REACHED, RESUMES, UNCLAIMED, UNDER_WAY
from models.words import Clock, MilestoneKind, VisitOutcome

LONGEST_WORD = 12  # characters; longer texts are sentences, which tell of progress
# A word, and why or when, in brackets or behind a sign: 停工（资金未到位）
REMARKED = re.compile(r"([^(（:：,，;；。]+)(?:[(（](.+)[)）]|[:：,，;；。](.+?))[。.]?", re.DOTALL)
AROUND = re.compile(
    r"^(?:该|本|项目|目前|现|正处于|处于|已经|已|正在|正|全面|正式|全部|现已|均)+|(?:状态|阶段|之中|中|了|项目|期)+$"
)
NOT_YET = re.compile(r"^(?:项目|目前|现|已)*(?:尚未|还未|暂未|仍未|从未|没有|未|待|拟|即将|计划|预计|准备|无)(?:进行)?")
# In a sentence: what nobody may overlook.
GRAVE = re.compile(
    r"(?<![未不无])(?:终止|解除合同|合同解除|解约|取消|撤销|撤资|流失|外迁|清退|停工|停建|缓建|暂停|停滞|搁置|中止)"
)


@dataclass(frozen=True)
class Standing:
    """`outcome` ends a project; `clock` keeps it going, stops it or lets it go on."""

    outcome: VisitOutcome | None = None
    clock: Clock | None = None
    reached: MilestoneKind | None = None
    remark: str = ""  # why it ended or stopped, or the day it came so far
    is_whole: bool = True  # the ledger has a place for all that was said

    @property
    def is_over(self) -> bool:
        return self.outcome in (VisitOutcome.TERMINATED, VisitOutcome.LOST)

    @property
    def takes_reason(self) -> bool:
        return self.is_over or self.clock is Clock.HOLD


def standing(text: str, original: str) -> Standing:
    """What a text in simplified characters says; a sentence without a word of status says nothing.

    A reason is taken from the `original`, word for word.

    Raises:
        BadCell: if a word is unknown, or an end or a stop stands within a sentence.
    """
    whole = plain(text).rstrip("。.")
    if known := _of_word(whole):
        return known
    remarked = REMARKED.fullmatch(text)
    known = _of_word(plain(remarked[1])) if remarked else None
    remark = _remark(remarked, original if len(original) == len(text) else text) if remarked else ""
    if known and known.takes_reason:
        return replace(known, remark=remark)
    if grave := GRAVE.search(whole):
        reason = _(
            "This speaks of “%(word)s”: write that word alone, with the reason in brackets, like "
            "%(word)s（资金未到位）; or write how it goes on."
        )
        raise BadCell(reason % {"word": grave[0]})
    if known:
        return replace(known, remark=remark, is_whole=False)
    if len(whole) <= LONGEST_WORD and not re.search(r"[,;:。\n]", whole):
        raise BadCell(
            _(
                "No stage of that name is known: write 推进中, 已落地, 终止, 撤资, 停工, 已复工, 已开工, 已竣工 or "
                "已投产. If the column is only to be kept, say so by `mapping`: extra."
            )
        )
    return Standing(clock=Clock.KEEP, is_whole=False)


def _remark(match: re.Match[str], original: str) -> str:
    start, end = match.span(2 if match[2] else 3)
    return original[start:end].strip()


def _of_word(text: str) -> Standing | None:
    if (known := _known(text)) or (known := _known(AROUND.sub("", text))):
        return known
    later = NOT_YET.sub("", text)
    if later != text and (_known(later) or _known(AROUND.sub("", later))):
        return Standing(clock=Clock.KEEP, is_whole=False)  # 未开工, 拟投产
    return None


def _known(text: str) -> Standing | None:
    word = text.replace(" ", "") if not text.isascii() else text.casefold()
    if word in CLAIMS:
        return Standing(CLAIMS[word])
    if word in UNCLAIMED:
        return Standing()
    if word in HOLDS or word in RESUMES:
        return Standing(clock=Clock.HOLD if word in HOLDS else Clock.RESUME)
    if word in REACHED:
        return Standing(reached=REACHED[word], is_whole=False)
    return Standing(clock=Clock.KEEP, is_whole=word in GOING_ON) if word in UNDER_WAY | GOING_ON else None
