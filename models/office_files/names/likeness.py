"""Which names are one name, and which problems one problem, however they are worded."""

import re
from enum import Enum, auto
from functools import lru_cache

from rapidfuzz import fuzz

from models.office_files.cells import plain
from models.office_files.columns import bare, simplified
from models.office_files.names.people import is_person, people_in
from models.office_files.vocabulary import SOUND_ALIKE
from models.office_files.words.numbering import without_number

SAME_NAME_SCORE = 85  # names at least this similar (0–100) count as the same
NUMERALS = re.compile(r"[0-9]+|[一二三四五六七八九十]+|[ⅠⅡⅢⅣⅤ]+")

SIMILAR_WORDING_SCORE = 75  # texts at least this similar (0–100) may be one problem
LONGEST_COMPARED = 1000  # characters of a problem
SIGNS = re.compile(r"[\W_]+")
# What tells one part of a project from another: 二期, 3号地块, 第一标段, A区, 东侧.
PARTS = re.compile(
    r"第[\d一二三四五六七八九十]+|[\da-z一二三四五六七八九十]+(?=[期号#栋幢座层楼区段标批块线])|[东西南北]"
)
# What turns the words behind it into their opposite, and what says that a problem is no more;
# 已落实80亩 does not.
TURNED = re.compile(r"(?:[未不没无非已]|没有|已经)$|^已经?(?:全部|妥善)?(?:解决|办结|化解|消除|落实|完成)$")
SOLVED = re.compile(
    r"已(?:(?!部分)[^未不没无请报申帮研推商拟望待]){0,6}(?:解决|办结|销号|化解|消除)"
    r"|(?:已(?:(?!部分)[^未不没无]){0,6}|全部|完全)(?:落实|完成|整改|到位|处理|办理|办妥|批复|获批|取得)(?:到位|完毕|完成|了)*$"
    r"|(?<![未不没无])(?:解决|落实|办结|完成|到位)了$|(?:问题|困难)(?:解决|消除)$"
)
CLAUSES = re.compile(r"[，,；;。：:（(）)\s]+")
# Before 已解决 in a clause about the clause before it; 资金不足，土地问题已解决 speaks of two.
ALL_OF_IT = re.compile(r"(?:该|此|本|这一|上述|目前|现在|现|问题|困难|情况|均|都|也|全部|截至)*")
# Signs that name what a problem is about: 供水 is not 供电, nor 环评 能评.
SUBJECTS = frozenset("水电气汽暖热油路桥管网讯环能安消防规划立项土地房林坟拆迁征资金款贷融税工人设备图证料")

SOUNDS = {sign: number for number, signs in enumerate(SOUND_ALIKE) for sign in signs}
LAST_COMMON = 0xD7  # of GB 2312: the first bytes of its signs in general use end here


def name_same_part(one: str, other: str) -> bool:
    """Whether both names have the same numbers and parts: 一期 and 二期, 东区 and 西区 are two."""
    names = bare(one), bare(other)
    return all(pattern.findall(names[0]) == pattern.findall(names[1]) for pattern in (NUMERALS, PARTS))


def is_same_name(one: str, other: str) -> bool:
    return name_same_part(one, other) and fuzz.ratio(bare(one), bare(other)) >= SAME_NAME_SCORE


class Wording(Enum):
    """How a text about a problem stands to an earlier one."""

    SAME = auto()
    LONGER = auto()  # it says the same and more
    SHORTER = auto()
    SIMILAR = auto()  # a person has to say whether they are one
    OTHER = auto()


def compare_wording(new: str, old: str) -> Wording:
    one, other = wording_key(new), wording_key(old)
    if one == other:
        return Wording.SAME
    if not one or not other:
        return Wording.OTHER
    parts, other_parts = PARTS.findall(one), PARTS.findall(other)
    if parts != other_parts and parts and other_parts:
        return Wording.OTHER
    if one in other or other in one:
        if parts != other_parts or _says_otherwise(*sorted((one, other), key=len)):
            return Wording.SIMILAR
        return Wording.LONGER if other in one else Wording.SHORTER
    if parts != other_parts or not SUBJECTS.isdisjoint(set(one) ^ set(other)):
        return Wording.OTHER
    return Wording.SIMILAR if fuzz.ratio(one, other) >= SIMILAR_WORDING_SCORE else Wording.OTHER


def _says_otherwise(shorter: str, longer: str) -> bool:
    """Whether what a text has around a shorter one makes another statement of it: 未, 已解决."""
    before, _shorter, behind = longer.partition(shorter)
    return bool(TURNED.search(before) or SOLVED.search(behind))


def says_solved(text: str) -> bool:
    """Whether a text ends by saying that the problem it names is no more: 土地未批，已解决."""
    *before, last = [part for part in CLAUSES.split(simplified(plain(text))) if part] or [""]
    solved = SOLVED.search(last)
    if solved is None or last[solved.end() :].strip("了。！!") not in ("", "到位", "完毕", "完成"):
        return False
    return not before or bool(ALL_OF_IT.fullmatch(last[: solved.start()]))


@lru_cache(2**14)
def wording_key(text: str) -> str:
    """A text without its number, signs and spaces, in half-width simplified characters."""
    return SIGNS.sub("", simplified(plain(without_number(text[:LONGEST_COMPARED])))).casefold()


@lru_cache(2**14)
def person_key(name: str) -> str:
    """What a person's name is compared by: without a post, in simplified characters."""
    if is_person(name) and _is_simplified(name):
        return name  # as most are
    names = people_in(name).names
    return simplified(plain(names[0] if len(names) == 1 else name)).replace(" ", "")


def masked(name: str) -> list[tuple[str, str]]:
    """A person's name with one sign after the other covered, each with that sign."""
    return [(f"{name[:at]}*{name[at + 1 :]}", sign) for at, sign in enumerate(name)] if is_person(name) else []


def is_mistakable(sign: str, other: str) -> bool:
    """Whether one sign of a name is easily written for the other: 建 for 健, 国 for 囯."""
    if sign in SOUNDS and SOUNDS[sign] == SOUNDS.get(other):
        return True
    return not (_is_common(sign) and _is_common(other))


def _is_common(sign: str) -> bool:
    return _is_simplified(sign) and sign.encode("gb2312")[0] <= LAST_COMMON


def _is_simplified(text: str) -> bool:
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True
