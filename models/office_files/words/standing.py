"""What a word of status says of a project: an end, a stop, a milestone, or that it goes on."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

from models.i18n import gettext as _
from models.office_files.cells import BadCell, plain
from models.office_files.vocabulary import (
    ALONE,
    CLAIMS,
    GOING_ON,
    HOLDS,
    REACHED,
    RESUMES,
    UNCLAIMED,
    UNCLEAR,
    UNDER_WAY,
)
from models.words import Clock, MilestoneKind, VisitOutcome

T = TypeVar("T")

LONGEST_WORD = 12  # characters; longer texts are sentences, which tell of progress
LONGEST_STOP = 40  # characters of an end or a stop with its reason, as progress
# A word, and why or when, in brackets or behind a sign: 停工（资金未到位）
REMARKED = re.compile(r"([^(（:：,，;；。]+)(?:[(（](.+)[)）]|[:：,，;；。](.+?))[。.]?", re.DOTALL)
BEFORE = re.compile(r"^(?:该|本|项目|目前|现|正处于|处于|已经|已|正在|正式|正|全面|全部|现已|均)+")
BEHIND = re.compile(r"(?:状态|阶段|之中|中|了|项目|期)$")
IN_PROCESS = re.compile(r"正(?!式)|(?:中|阶段|期)$")
NOT_YET = re.compile(r"^(?:项目|目前|现|已)*(?:尚未|还未|暂未|仍未|从未|没有|未|无)(?:进行)?")
TO_COME = re.compile(r"^(?:项目|目前|现|已)*(?:待|拟|即将|计划|预计|准备)(?:进行)?")


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """One of the words in a sentence, the longest that stands there; not behind 未, 不 or 无."""
    longest_first = sorted(words, key=len, reverse=True)
    either = "|".join(rf"(?<![a-z]){word}(?![a-z])" if word.isascii() else word for word in longest_first)
    return re.compile(rf"(?<![未不无])(?:{either})", re.IGNORECASE)


OVER = frozenset(word for word, outcome in CLAIMS.items() if outcome is not VisitOutcome.LANDED)
GRAVE = _any_of((OVER | HOLDS) - ALONE)  # what nobody may overlook
DOUBTFUL = _any_of(UNCLEAR)
# Without a condition before them, for speed: in few texts of progress.
MENTIONED = re.compile("|".join(sorted(word for word in OVER | HOLDS | UNCLEAR if not word.isascii())))


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
    if doubtful := DOUBTFUL.search(whole):
        reason = _(
            "“%(word)s” may be an end or a stop: write 终止, 撤资 or 停工 alone, with the reason in brackets, like "
            "终止（%(word)s）."
        )
        raise BadCell(reason % {"word": doubtful[0]})
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


def stop_in(text: str) -> VisitOutcome | Clock | None:
    """The end or the stop of which a text of progress speaks, and of nothing else.

    What may be either counts as an end, so that a stop does not hide it.
    """
    if len(text) > LONGEST_STOP or not (text.isascii() or MENTIONED.search(text)):
        return None  # as most do
    whole = plain(text).rstrip("。.")
    remarked = REMARKED.fullmatch(text)
    for word in (whole, plain(remarked[1]) if remarked else ""):
        known = _of_word(word)
        if known and known.takes_reason:
            return known.outcome or known.clock
        if _bare(word, UNCLEAR.__contains__):
            return VisitOutcome.TERMINATED
    return None


def _of_word(text: str) -> Standing | None:
    if known := _bare(text, _known):
        return None if known.is_over and IN_PROCESS.search(text) else known
    for not_there_yet in (NOT_YET, TO_COME):
        later = not_there_yet.sub("", text)
        if later != text and (known := _bare(later, _known)):
            is_threat = known.takes_reason and not_there_yet is TO_COME  # 拟终止
            return None if is_threat else Standing(clock=Clock.KEEP, is_whole=False)  # 未开工, 拟投产
    return None


def _bare(text: str, look_up: Callable[[str], T]) -> T:
    """What is known of a word, without what may stand around it: 前期 in 处于前期阶段."""
    if known := look_up(text):
        return known
    word = BEFORE.sub("", text)
    while not (known := look_up(word)) and (shorter := BEHIND.sub("", word)) != word:
        word = shorter
    return known


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
