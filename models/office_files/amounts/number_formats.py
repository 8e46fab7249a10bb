"""What a cell shows of a number: the figure that its number format makes of it, sign and unit."""

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import NamedTuple

LONGEST_FORMAT = 255  # characters; Excel takes no longer ones
TOKEN = re.compile(
    r"""(?P<quoted>"[^"]*"?)|[\\!](?P<escaped>.)|[_*](?P<gap>.)|\[\$(?P<sign>[^\]-]*)-?(?P<place>[^\]]*)\]"""
    r"""|\[(?P<condition>[<>=]{1,2})(?P<limit>-?\d+(?:\.\d+)?)\]|(?P<elapsed>\[(?:h+|m+|s+)\])|\[(?P<ignored>[^\]]*)\]"""
    r"""|(?P<general>General|G/通用格式)|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)|(?P<end>;)"""
    r"""|(?P<unlike>[dmyhsgeab@])|(?P<literal>.)""",
    re.IGNORECASE | re.DOTALL,
)
COMPARISONS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
    "<>": operator.ne,
}
# Where $ and ¥ are those of the United States and of China; as numbers and as names of languages
OWN_PLACES = {
    "$": {"", "409", "540a", "en-us", "es-us"},
    "¥": {"", "804", "1004", "2", "zh-cn", "zh"},
}
SIGNS_OF_NUMBERS = re.compile(r"[\s+()（）-]")
NOBODYS = "?"  # after a sign: some other country's


class Appearance(NamedTuple):
    """What a cell shows of a number: words, and the figure between them without any rounding."""

    before: str
    figure: str
    after: str
    scaled: Decimal | None = None  # the figure; None if words divide it
    is_percent: bool = False

    @property
    def text(self) -> str:
        return f"{self.before}{self.figure}{self.after}".replace(NOBODYS, "").strip()

    @property
    def words(self) -> str:
        return SIGNS_OF_NUMBERS.sub("", self.before + self.after)


@dataclass
class Section:
    """One of the parts of a number format, for the numbers that meet its condition."""

    before: str = ""
    after: str = ""
    pattern: list[str] = field(default_factory=list)  # places of digits 0 # ? and what stands between them
    decimals: str = ""  # the digits after the point
    thousands: int = 0  # how often the figure is divided by a thousand
    percents: int = 0
    condition: tuple[str, Decimal] | None = None
    is_signless: bool = False  # of negative numbers: it writes the sign itself, or none

    @property
    def is_empty(self) -> bool:
        return not (self.pattern or self.decimals or self.before or self.after)

    @property
    def divides(self) -> bool:
        return any(part not in "0#?" for part in self.pattern)

    @property
    def is_telling(self) -> bool:
        """Whether it shows anything but the number itself."""
        words = SIGNS_OF_NUMBERS.sub("", self.before + self.after)
        is_padded = self.pattern.count("0") > 1
        return bool(words or self.thousands or self.percents or self.divides or is_padded)

    def meets(self, value: Decimal) -> bool:
        return self.condition is None or COMPARISONS[self.condition[0]](value, self.condition[1])

    def appearance(self, value: Decimal) -> Appearance:
        scaled = value.scaleb(2 * self.percents - 3 * self.thousands)
        pattern = self.pattern
        if pattern.count(".") == 1 and not self.decimals and set(pattern) <= set("0#?."):
            # 0!.0 writes the point: the figure is divided by ten without a comma
            point = pattern.index(".")
            scaled = scaled.scaleb(point + 1 - len(pattern))
            return self._plain(scaled, pattern[:point], "".join(pattern[point + 1 :]))
        if not self.divides:
            return self._plain(scaled, pattern, self.decimals)
        return Appearance(self.before, self._divided(scaled), self.after, None, self.percents > 0)

    def _plain(self, scaled: Decimal, whole: list[str], decimals: str) -> Appearance:
        if not scaled and "0" not in (*whole, *decimals):
            return Appearance(self.before, "", self.after, scaled, self.percents > 0)
        figure = f"{abs(scaled):f}"
        before, _point, behind = figure.partition(".")
        behind = behind.rstrip("0").ljust(decimals.count("0"), "0")
        figure = before.zfill(whole.count("0")) + (f".{behind}" if behind else "")
        sign = "-" if scaled < 0 else ""
        return Appearance(self.before, sign + figure, self.after, scaled, self.percents > 0)

    def _divided(self, scaled: Decimal) -> str:
        """A figure whose digits stand between words, from the right: 0000-00-00."""
        digits = list(f"{abs(scaled):.{len(self.decimals)}f}".partition(".")[0].zfill(self.pattern.count("0")))
        shown: list[str] = []
        for part in reversed(self.pattern):
            if part not in "0#?":
                shown.append(part)
            elif digits:
                shown.append(digits.pop())
        behind = f"{abs(scaled):.{len(self.decimals)}f}".partition(".")[2]
        return ("-" if scaled < 0 else "") + "".join((*digits, *reversed(shown))) + (f".{behind}" if behind else "")


def is_telling(code: str) -> bool:
    """Whether a number format shows a unit, a sign, another figure than the value, or nothing."""
    sections = _sections(code)
    return any(section.is_telling for section in sections) or (len(sections) > 1 and sections[0].is_empty)


def appearance(value: float, code: str) -> Appearance | None:
    """What a cell of that number format shows; None if it shows nothing."""
    number, sections = Decimal(repr(float(value))), _sections(code)
    section = next((section for section in sections if section.meets(number)), None)
    if section is None:
        return Appearance("", f"{number:f}", "", number)
    if section.is_empty:
        return None
    try:
        return section.appearance(abs(number) if section.is_signless else number)
    except InvalidOperation:  # more digits than anybody counts
        return Appearance("", f"{number:f}", "", number)


@lru_cache(1024)
def _sections(code: str) -> tuple[Section, ...]:
    """The sections for numbers; none if the format is of days, of text, or not understood."""
    try:
        sections = tuple(map(_section, _parts(code[: LONGEST_FORMAT + 1])))[:3] if len(code) <= LONGEST_FORMAT else ()
    except _Unlike:
        return ()
    if len(sections) > 1 and not any(section.condition for section in sections):
        positive, negative = sections[:2]
        positive.condition = (">=" if len(sections) == 2 else ">", Decimal())
        negative.condition = ("<", Decimal())
    for section in sections[1:]:
        section.is_signless = sections[0].condition in ((">=", Decimal()), (">", Decimal()))
    return sections


class _Unlike(ValueError):
    """A number format that shows something else than a decimal figure."""


def _parts(code: str) -> Iterator[list[re.Match[str]]]:
    part: list[re.Match[str]] = []
    count = 1
    for match in TOKEN.finditer(code):
        if match["end"]:
            yield part
            part, count = [], count + 1
        elif count < 4:  # the fourth is for texts
            part.append(match)
    if count < 4:
        yield part


def _section(tokens: list[re.Match[str]]) -> Section:
    section, is_behind_point, words = Section(), False, ""
    for place, token in enumerate(tokens):
        kind, text = token.lastgroup, token[0]
        if kind in ("elapsed", "unlike"):
            if text == "@" and len(tokens) == 1:
                continue
            raise _Unlike
        if kind == "limit":
            section.condition = (token["condition"], Decimal(text.strip("[]<>=")))
            if token["condition"] not in COMPARISONS:
                raise _Unlike
        elif kind in ("digit", "general"):
            if section.pattern or section.decimals:
                section.pattern += words
            else:
                section.before = words
            words = ""
            if is_behind_point:
                section.decimals += text
            else:
                section.pattern.append(text if kind == "digit" else "0")
        elif kind == "point":
            if is_behind_point:
                raise _Unlike
            is_behind_point = True
        elif kind == "comma":
            rest = (after.lastgroup for after in tokens[place + 1 :] if after.lastgroup != "comma")
            if next(rest, "") != "digit":
                section.thousands += 1
        elif kind == "literal" and text == "/":
            raise _Unlike  # of a fraction
        elif kind not in ("gap", "ignored"):
            section.percents += kind == "percent"
            words += _words(token)
    section.after = words
    if not section.pattern and not section.decimals:
        section.before, section.after = words, ""
    return section


def _words(token: re.Match[str]) -> str:
    if token.lastgroup == "quoted":
        return token["quoted"].strip('"')
    if token.lastgroup == "escaped":
        return token["escaped"]
    if token.lastgroup not in ("sign", "place"):
        return token[0]
    sign, place = token["sign"].replace("￥", "¥"), token["place"].casefold().lstrip("0")
    return sign if place in OWN_PLACES.get(sign, {place}) else sign + NOBODYS
