"""Finds the table on a sheet: its header below the titles, in one row or two, and which rows speak of what."""

import operator
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from models.i18n import gettext as _
from models.office_files.cells import UNSAID, AmountUnit, amount_unit_of, is_blank, plain
from models.office_files.columns import LEDGER, LONGEST_HEADER, Column, bare, by_header, is_ignored
from models.office_files.names import clean_name
from models.office_files.rows import Effect, Heading, Problem
from models.office_files.sheet import Sheet

LONGEST_TITLE = 500
"""Characters looked at of what stands above the header."""
TITLE_ROWS = 30
"""A header is looked for in so many rows that say something."""
SUBTOTAL = re.compile(
    r"其中[:：]?.{0,12}|.{0,12}?(小计|合计|总计|累计|小計|合計|總計|(sub)?total)(?![a-z]).{0,4}[\d个個项項目共计計家:：、,，()（）.]*",
    re.IGNORECASE,
)
REMARK = re.compile(
    r"(注|备注|備註|说明|說明|填报说明|填表人|填报人|制表人?|制表|审核人?|负责人|联系人|联系电话|单位负责人|填报单位|填报时间|填报日期|notes?)\s*[:：].*",
    re.IGNORECASE | re.DOTALL,
)
UNUSUAL = re.compile(
    r"其中|[计計注说說填]|[total]{5}|备|備|制表|审核|负责|联系|单位|note|^\W*[一二三四五六七八九十]", re.IGNORECASE
)
"""In whatever a row of a project hardly ever begins with; only such rows are looked at closely."""
MEASURE = re.compile(r"\((?!\d+\)).{1,12}\)|[千百万亿萬億]*(?:元|美元)|亩|畝|平方米|m2|个|人|%")
"""What a row below the header says of its columns: （万元）, （年月日）."""
UNCOUNTED = {"栏次", "序号", "甲", "乙", "丙", "丁"}
"""What columns without a number have in a row that counts them."""
LATIN, WIDE = re.compile(r"[A-Za-z][A-Za-z .']*"), re.compile(r"[^\x00-\x7f]+")
SECTION = re.compile(r"[（(]?[一二三四五六七八九十]{1,3}[)）]?[、.．].*")
ONLY_UNIT = re.compile(r"\(?((?:人民[币幣])?(?:[千百]?[万萬]|[亿億千])?美?元)\)?")
SHEET_UNIT = re.compile(r"(?:[单單]位|unit)\s*[:(]\s*(.+?)(?:[;。]|,(?!\d)|[汇匯]率|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Header:
    """Where a table's header ends and what its columns are; None: kept, but not understood."""

    at: int
    texts: tuple[str, ...]
    columns: tuple[Column | None, ...]

    @cached_property
    def by_field(self) -> dict[str, str]:
        """The columns' own names by field."""
        return {column.field: text for column, text in zip(self.columns, self.texts, strict=True) if column}

    def missing(self, columns: Sequence[Column]) -> list[Column]:
        """The required columns that are not there."""
        return [column for column in columns if column.is_required and column.field not in self.by_field]


@dataclass(frozen=True)
class Body:
    """The rows below a header that speak of something, and notes on those that do not."""

    numbers: list[int]
    rows: list[list[Any]]
    notes: list[Problem]


@dataclass(frozen=True)
class Table:
    """A sheet whose header was found."""

    sheet: Sheet
    header: Header

    @property
    def heading(self) -> Heading:
        """Where its header stands, for whoever marks cells of the file."""
        return Heading(self.sheet.numbers[self.header.at], self.header.texts, self.header.by_field)

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """What stands above the header."""
        return titles_of(self.sheet.rows[: self.header.at])

    def unit(self, body: Body) -> AmountUnit:
        """What plain figures stand for where their column does not say: 单位：万元 above the header or on a row below.

        Where these do not agree nobody says: one part's figures would be taken for ten thousand times as much.
        """
        above = next(filter(None, map(unit_named, self.titles)), None)
        below = {unit_named(said) for said in {note.value for note in body.notes} if not REMARK.fullmatch(said)}
        said = [unit for unit in below | {above} if unit]
        return said[0] if len(said) == 1 else UNSAID

    def body(self) -> Body:
        """Every row below the header that says something, merged cells filled in."""
        body = Body([], [], [])
        first, width = self.header.at + 1, len(self.header.texts)
        filled = self.sheet.filled(self.sheet.numbers[self.header.at])
        texts = set(self.header.texts)
        for number, cells in zip(self.sheet.numbers[first:], self.sheet.rows[first:], strict=True):
            row = _fitted(filled.get(number, cells), width)
            start = next((cell for cell in row if cell != ""), "")
            if type(start) is str and (len(start) < 3 or start.isspace()):
                start = next((cell for cell in row if cell != "" and not is_blank(cell)), "")
            if start == "":
                continue
            is_alone = row.count("") >= width - 1
            if is_alone and plain(start).isdigit() and is_ignored(self._column_of_first(row)):
                continue  # rows are numbered beforehand and left empty
            is_odd = type(start) is str and (is_alone or UNUSUAL.search(start) or clean_name(start) in texts)
            if is_odd and (reason := self._why_not(row, plain(start))):
                body.notes.append(Problem(self.sheet.name, number, "", clean_name(start)[:60], reason, Effect.NOTE))
            else:
                body.numbers.append(number)
                body.rows.append(row)
        return body

    def _why_not(self, row: Sequence[Any], start: str) -> str:
        """Why a row speaks of nothing; empty when it does."""
        if self._is_header_again(start, row):
            return _("The header is repeated here: the row was skipped.")
        if self._is_complete(row):
            return ""
        if SUBTOTAL.fullmatch(start.replace(" ", "")):
            return _("This is a subtotal, not a project: it was skipped.")
        is_alone = sum(cell != "" for cell in row) == 1
        if REMARK.fullmatch(start) or (is_alone and self._is_heading(row, start)):
            return _("This is a remark or a heading, not a project: it was skipped.")
        return ""

    def _column_of_first(self, row: Sequence[Any]) -> str:
        return next(text for cell, text in zip(row, self.header.texts, strict=True) if cell != "")

    def _is_complete(self, row: Sequence[Any]) -> bool:
        """Whether a row has all needed cells, as no subtotal has: 合计大厦 is a project."""
        needed = [cell for cell, column in zip(row, self.header.columns, strict=True) if column and column.is_required]
        return len(needed) > 1 and not any(map(is_blank, needed))

    def _is_header_again(self, start: str, row: Sequence[Any]) -> bool:
        """Whether the row says what the header says; offices repeat it on each page."""
        if bare(start) not in self._bare_texts:
            return False
        same = sum(clean_name(cell) == text for cell, text in zip(row, self.header.texts, strict=True) if text)
        return same > len(self.header.by_field) // 2

    @cached_property
    def _bare_texts(self) -> set[str]:
        return {bare(text) for text in self.header.texts}

    def _is_heading(self, row: Sequence[Any], first: str) -> bool:
        """Whether a row's only cell names a section; on a sheet of one column every row is its own."""
        column = next(column for cell, column in zip(row, self.header.columns, strict=True) if cell != "")
        is_list = len(self.header.by_field) < 2
        is_section = bool(SECTION.fullmatch(first)) or unit_named(first) is not None
        return not is_list and (column is None or not column.is_required or is_section)


def unit_named(text: str) -> AmountUnit | None:
    """The unit that a title names for the figures of its sheet: 单位：万元, or (万元) and nothing else."""
    said = clean_name(plain(text))
    found = ONLY_UNIT.fullmatch(said) or SHEET_UNIT.search(said)
    unit = amount_unit_of(found[1]) if found else UNSAID
    return unit if unit.size is not None else None


def nameless(table: Table) -> list[Column]:
    """The columns that are missing to tell which project a row speaks of: its code would do, or its name and unit."""
    missing = [] if "code" in table.header.by_field else table.header.missing(LEDGER)
    return [column for column in missing if column.field in ("name", "units")]


def titles_of(rows: Iterable[Sequence[Any]]) -> tuple[str, ...]:
    """What rows on top of a sheet say, cell by cell."""
    texts = (cell[:LONGEST_TITLE] for row in rows for cell in row if isinstance(cell, str))
    return tuple(text for text in map(plain, texts) if text)


def _fitted(row: list[Any], width: int) -> list[Any]:
    """The row with as many cells as the widest."""
    return row if len(row) >= width else [*row, *[""] * (width - len(row))]


def _texts(row: list[Any], width: int) -> list[str]:
    return [clean_name(cell) if cell != "" else "" for cell in _fitted(row, width)]


def find_table(sheet: Sheet, columns: tuple[Column, ...], mapping: Mapping[str, Column | None]) -> Table | None:
    """The table of a sheet: its header is the row, or two of them, that names most columns; None if none names two.

    Where no more than one column is needed, one is enough. `mapping` gives columns by bare header and comes first.
    """
    mapped = {column.field for column in mapping.values() if column}
    known: dict[str, Column | None] = {
        header: column for header, column in by_header(columns).items() if column.field not in mapped
    }
    known |= mapping
    width = max(map(len, sheet.rows), default=0)
    best = max(_headers(sheet, known, width), key=lambda header: len(header.by_field), default=None)
    if best is None or len(best.by_field) < min(2, sum(column.is_required for column in columns)):
        return None
    return Table(sheet, _with_small_print(sheet, _with_row_below(sheet, best, known, width)))


def _headers(sheet: Sheet, known: Mapping[str, Column | None], width: int) -> Iterator[Header]:
    """What could be the header: each row alone, then each with the row below it."""
    top = min(TITLE_ROWS, len(sheet.rows))
    for at in range(top):
        yield _header(at, [(text,) for text in _texts(sheet.rows[at], width)], known)
    for at in range(1, top):
        yield _header(at, _paired(sheet, at, width), known)


def _with_row_below(sheet: Sheet, header: Header, known: Mapping[str, Column | None], width: int) -> Header:
    """A header with the row below it, where that only divides what was merged across."""
    at = header.at + 1
    lower = _texts(sheet.row(at), width)
    across = sheet.across(sheet.numbers[header.at])
    divides = [place in across for place, text in enumerate(lower) if text]
    if not divides or not all(divides):
        return header
    both = _header(at, _paired(sheet, at, width), known)
    return both if len(both.by_field) >= len(header.by_field) else header


def _with_small_print(sheet: Sheet, header: Header) -> Header:
    """A header with the rows below it that give its columns units and numbers; no project has either."""
    lower = [plain(text) for text in _texts(sheet.row(header.at + 1), len(header.texts))]
    said = [text for text in lower if text]
    if said and all(map(MEASURE.fullmatch, said)):
        remarks = [text if text[:1] in ("", "(") else f"({text})" for text in lower]
        texts = tuple(map(operator.add, header.texts, remarks))
        return _with_small_print(sheet, replace(header, at=header.at + 1, texts=texts))
    return replace(header, at=header.at + 1) if _counts(said) else header


def _counts(texts: Sequence[str]) -> bool:
    """Whether these are the numbers of columns: 甲 乙 1 2 3, (1) (2) (3)."""
    numbers = [text.strip("()") for text in texts if text not in UNCOUNTED]
    return len(numbers) > 2 and numbers == [str(number) for number in range(1, len(numbers) + 1)]


def _paired(sheet: Sheet, at: int, width: int) -> list[tuple[str, ...]]:
    """What each column of a header in two rows may be called: both together, either way round, or the one there is."""
    lower = _texts(sheet.rows[at], width)
    names: list[tuple[str, ...]] = []
    for over, under in zip(_spread(sheet, at - 1, lower, width), lower, strict=True):
        names.append((over + under, under + over, under) if over and under else (over or under,))
    return names


def _spread(sheet: Sheet, at: int, lower: Sequence[str], width: int) -> list[str]:
    """The upper row of a header, each text over all columns it was merged across."""
    upper = _texts(sheet.rows[at], width)
    if sheet.merged:
        across = sheet.across(sheet.numbers[at])
        return [upper[across.get(place, place)] for place in range(width)]
    for place in range(1, width):  # text files and .ods tell no merged cells
        if not upper[place] and lower[place] and lower[place - 1]:
            upper[place] = upper[place - 1]
    return upper


def _known(text: str, known: Mapping[str, Column | None]) -> Column | None:
    """The column of a header, also of one that says it in Chinese and in English: 項目名稱 Project name."""
    if (header := bare(text)) in known or text.isascii() or len(text) > LONGEST_HEADER or not LATIN.search(text):
        return known.get(header)
    chinese, english = known.get(bare(LATIN.sub("", text))), known.get(bare(WIDE.sub("", text)))
    return chinese if chinese is english else None


def _header(at: int, names: Sequence[tuple[str, ...]], known: Mapping[str, Column | None]) -> Header:
    taken: set[str] = set()
    columns: list[Column | None] = []
    texts: list[str] = []
    for choices in names:
        text = next((each for each in choices if bare(each) in known), choices[0])
        column = _known(text, known) if text else None
        columns.append(column if column and column.field not in taken else None)
        texts.append(text)
        taken |= {column.field} if column else set()
    return Header(at, tuple(texts), tuple(columns))
