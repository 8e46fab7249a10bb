"""The day as of which a file speaks: read from its titles, its name, or when it was saved."""

import calendar
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from models.i18n import gettext as _
from models.office_files.cells import BadCell, plain
from models.office_files.days.days import parse_day
from models.office_files.sheets.sheet import Cell, Row

FIRST_YEAR = 1990  # no office kept such a file before
LONGEST = 200  # characters of a cell that may name the file's day
# 截至 says of which day the figures are; 填报日期 when somebody wrote them down, mostly later.
STATES = re.compile(
    r"(?:数据|统计|情况|进度|更新)?(?:截至|截止|截至日期|截止日期|截止时间|截至时间|统计截止|asof)(?:到|至|于|日期|时间)?[:：]?",
    re.IGNORECASE,
)
REPORTS = re.compile(
    r"(?:填报|填表|填写|制表|制|统计|报送|上报|报告|更新|编制)(?:日期|时间|日)[:：]?|(?:date|updated(?:on)?)[:：]",
    re.IGNORECASE,
)
DAY = r"(?<!\d)(\d{4})(?:年|[-./](?=\d{1,2}[-./]\d))(\d{1,2})(?:月|[-./])(\d{1,2})[日号]?(?!\d)"
MONTH = r"(?<!\d)(\d{4})(?:年|[-./](?=\d))(?:1[-—~至到])?(\d{1,2})月(?:份|底|末)?(?!\d)"
COMPACT = r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"
COMPACT_MONTH = r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(?!\d)"
PERIODS = tuple(map(re.compile, (DAY, MONTH)))
PERIODS_OF_NAMES = tuple(
    map(re.compile, (DAY, COMPACT, MONTH, r"(?<!\d)(\d{4})[-._](\d{1,2})(?![\d.-])", COMPACT_MONTH))
)
ALONE = re.compile(r"[(（【\[]?([^()（）【】\[\]]+)[)）】\]]?")  # a date and nothing else, perhaps in brackets
IN_BRACKETS = re.compile(r"[(（【\[]([^()（）【】\[\]]+)[)）】\]]\s*$")
# Of these projects the title speaks, not of their state: projects signed in June 2013.
COHORT = re.compile(r"签约|新签|新增|开工|竣工|投产|入库|以来|以后|起|前三|activity|signed", re.IGNORECASE)
LEDGER = re.compile(r"台[账帐]|月报|进展|进度|情况表|一览表|统计表|汇总表|明细表|调度表")


class FileDay(NamedTuple):
    """A day that a file may speak of, and where it stands; of a month it is the last day."""

    day: date
    source: str = ""  # empty: the day the file came in
    is_month: bool = False
    is_saved: bool = False  # a property that programs write, not people

    @property
    def first(self) -> date:
        return self.day.replace(day=1) if self.is_month else self.day


class ChosenDay(NamedTuple):
    """The day a file counts as of, and the ones that cannot be right."""

    day: date
    source: str
    refused: Sequence[FileDay] = ()

    @property
    def is_own(self) -> bool:
        """Whether the file says it itself, or the operator does."""
        return bool(self.source)


def chosen_day(days: Sequence[FileDay], today: date, last_signing: date | None = None) -> ChosenDay:
    """The first of the days that can be right, else today: none is to come, none before a signing.

    A month that still runs counts until today. A day the file was saved on tells which day of the
    month it was.
    """
    possible: list[FileDay] = []
    refused: list[FileDay] = []
    for day in days:
        is_before_signing = day.is_saved and last_signing and day.day < last_signing <= today
        is_possible = date(FIRST_YEAR, 1, 1) <= day.first <= today and not is_before_signing
        (possible if is_possible else refused).append(day)
    if not possible:
        return ChosenDay(today, "", refused)
    first = possible[0]
    exact = (day for day in possible[1:] if not day.is_month and first.first <= day.day <= first.day)
    day = next(exact, first) if first.is_month else first
    return ChosenDay(min(day.day, today), first.source, refused)


def days_in_rows(sheet: str, numbers: Sequence[int], rows: Iterable[Row]) -> list[FileDay]:
    """The days that rows above or below a table give the file; what it states comes first."""
    stated: list[FileDay] = []
    reported: list[FileDay] = []
    bare: list[FileDay] = []
    for number, row in zip(numbers, rows, strict=True):
        cells = [cell for cell in row if cell != ""]
        for cell, behind in zip(cells, [*cells[1:], ""], strict=True):
            if isinstance(cell, str) and len(cell) <= LONGEST:
                text = plain(cell).replace(" ", "")
                source = _("sheet %(sheet)s, row %(row)s: %(text)s") % {"sheet": sheet, "row": number, "text": text}
                stated += _behind(STATES, text, behind, source)
                reported += _behind(REPORTS, text, behind, source)
                bare += _bare(text, source)
    return [*stated, *reported, *bare]


def day_in_name(name: str, source: str) -> list[FileDay]:
    """The day in a name without suffix: 台账20130630, 2013年6月台账; 6月台账 says none."""
    stem = plain(name).replace(" ", "")
    if COHORT.search(stem) and not STATES.search(stem):
        return []
    return list(_days(PERIODS_OF_NAMES, stem, source))[:1]


def most_reliable_first(of_sheets: Sequence[Sequence[FileDay]]) -> list[FileDay]:
    """The days of a file's sheets: first what each says foremost, of these the latest."""
    foremost = sorted((days[0] for days in of_sheets if days), key=lambda day: day.day, reverse=True)
    return [*foremost, *(day for days in of_sheets for day in days[1:])]


def day_saved(day: date | None) -> list[FileDay]:
    return [FileDay(day, _("the day it was last saved"), is_saved=True)] if day else []


def _behind(label: re.Pattern[str], text: str, behind: Cell, source: str) -> Iterator[FileDay]:
    """The day behind a label, in its cell or in the next one."""
    match = label.search(text)
    if match is None:
        return
    rest = text[match.end() :]
    if rest.strip(":：") == "":
        if isinstance(behind, str):
            yield from list(_days(PERIODS, plain(behind).replace(" ", ""), source))[:1]
        elif isinstance(behind, date | float):
            yield from _cell_day(behind, source)
        return
    yield from [day for day in _days(PERIODS, rest, source) if _starts_with_year(rest)][:1]


def _starts_with_year(text: str) -> bool:
    return text.lstrip(":： ")[:4].isdigit()


def _cell_day(cell: Cell, source: str) -> Iterator[FileDay]:
    day = cell.date() if isinstance(cell, datetime) else cell
    try:
        yield FileDay(parse_day(day), source)
    except BadCell:
        return


def _bare(text: str, source: str) -> Iterator[FileDay]:
    """The day of a title that is nothing else, ends with it in brackets, or names a ledger."""
    if COHORT.search(text) or STATES.search(text) or REPORTS.search(text):
        return
    alone, brackets = ALONE.fullmatch(text), IN_BRACKETS.search(text)
    for piece in (alone and alone[1], brackets and brackets[1]):
        if piece and any(pattern.fullmatch(piece) for pattern in PERIODS):
            yield from list(_days(PERIODS, piece, source))[:1]
            return
    if LEDGER.search(text):
        yield from list(_days(PERIODS, text, source))[:1]


def _days(patterns: Sequence[re.Pattern[str]], text: str, source: str) -> Iterator[FileDay]:
    for pattern in patterns:
        for match in pattern.finditer(text):
            year, month, *day = map(int, match.groups())
            if 1 <= month <= 12 and year > 0:
                last = calendar.monthrange(year, month)[1]
                if not day or 1 <= day[0] <= last:
                    yield FileDay(date(year, month, day[0] if day else last), source, is_month=not day)
