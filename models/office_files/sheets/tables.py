"""Finds the tables of a sheet: a lower row that is another header begins a table of its own."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from models.office_files.cells import is_blank, plain
from models.office_files.columns import Column, bare, is_ignored
from models.office_files.sheets.find_table import table_of
from models.office_files.sheets.header import Header, Headers, header_of, header_text, paired
from models.office_files.sheets.named_units import unit_named
from models.office_files.sheets.sheet import Broken, Cell, Row, Sheet
from models.office_files.sheets.table import MOST_TITLES, REMARK, SUBTOTAL, LedgerSheet

# Columns of a ledger in which most rows have a figure, a day or a code, as no header has.
TELLING = ("amount", "signed_on", "code")
FIGURE = re.compile(r"(?=\D*\d)[A-Z\d\s,.:/()（）\-年月日号约¥￥$千百万亿元美]+")
LONGEST_HEAD, LONGEST_HALF = 100, 12  # characters of a header's cell; of one in a header of two rows
FEWEST_FIELDS = 2  # that a row names which is a header
FEWEST_BESIDE = 3  # headers that a table beside repeats
FIELDS_PER_FIGURE = 3  # a row with a figure is a header if it names more fields
# Words of headers that Luodi does not know: 金额（亿元）; 投资额 beside 时间.
AMOUNT_HEAD = re.compile(r".+(?:额|投资|资金)|投资|资金")
UNIT_HEAD = re.compile(r".*[^)]\((?:[千百]?[万萬]|[亿億千])?[美港欧]?元\)")
DAY_HEAD = re.compile(r".*(?:时间|時間|日期)")
YEARS = range(1990, 2100)  # a header may hold them as numbers


class Place(NamedTuple):
    """The first and the last row of a header, by index."""

    first: int
    last: int
    is_known: bool = True  # else it names an amount and more, but in words that Luodi does not know


class Start(NamedTuple):
    top: int  # index of the first row of its titles
    table: LedgerSheet


def find_tables(sheet: Sheet, columns: tuple[Column, ...], known: Headers) -> list[LedgerSheet]:
    """The sheet's tables from above, each with its rows.

    A header that is only repeated, as on each page, begins none.
    """
    width = max(map(len, sheet.rows), default=0)
    best = table_of(sheet, columns, known, width)
    if best is None:
        return []
    places = _places(sheet, best.header, known, width)
    if not places:
        return [best]
    starts: list[Start] = []
    repeated: set[int] = set()
    before = _part(sheet, 0, _top(sheet, places[0].first, 0, best.header))
    if table := table_of(before, columns, known, width):  # its header is in two rows
        starts.append(Start(0, table))
    for place, end in zip(places, [*(place.first for place in places[1:]), len(sheet.rows)], strict=True):
        above = starts[-1] if starts else None
        top = 0
        if above:
            header = above.table.header
            top = _top(sheet, place.first, above.top + header.row_index + 1, header)
        part = _part(sheet, top, end)
        table = table_of(part, columns, known, width, place.last - top + 2)
        if not table and not place.is_known:
            names = [(header_text(cell),) for cell in (*part.row(place.last - top), *[""] * width)[:width]]
            table = LedgerSheet(part, header_of(place.last - top, names, known))
        if table and above and _is_repeated(above.table, table):
            repeated.update(sheet.numbers[place.first : top + table.header.row_index + 1])
        elif table:
            starts.append(Start(top, table))
    if len(starts) < 2:
        # The best header may be one that repeats the first, with rows of data above it
        only = replace(starts[0].table, sheet=sheet) if starts else best
        return [replace(only, repeated=frozenset(repeated))]
    ends = [*(start.top for start in starts[1:]), len(sheet.rows)]
    first = starts[0].table
    return [
        replace(
            start.table,
            sheet=_part(sheet, start.top, end),
            repeated=frozenset(repeated),
            unit_of_sheet=first.unit_above if _amounts(start.table) <= _amounts(first) else None,
        )
        for start, end in zip(starts, ends, strict=True)
    ]


def _amounts(table: LedgerSheet) -> set[str]:
    return {table.header.texts[index] for index in table.header.amounts}


def _part(sheet: Sheet, start: int, end: int) -> Sheet:
    return replace(sheet, numbers=sheet.numbers[start:end], rows=sheet.rows[start:end])


def _places(sheet: Sheet, header: Header, known: Headers, width: int) -> list[Place]:
    """The rows that may be headers; neighbours are one header."""
    by_field = {column.field: index for index, column in enumerate(header.columns) if column}
    telling = [by_field[name] for name in TELLING if name in by_field]
    places: list[Place] = []
    former = -2  # the last row that is no data
    for index, row in enumerate(sheet.rows):
        if _is_data(row, telling):
            continue
        if _fields(row, known) >= FEWEST_FIELDS:
            place = Place(index, index)
        elif former == index - 1 and _is_halved(sheet, index, known, width):
            place = Place(former, index)
        elif index > header.row_index and _is_unknown_header(row):
            place = Place(index, index, is_known=False)
        else:
            former = index
            continue
        former = index
        if places and places[-1].last >= place.first - 1:
            above = places.pop()
            place = Place(above.first, place.last, above.is_known or place.is_known)
        places.append(place)
    return places


def _is_data(row: Row, telling: Sequence[int]) -> bool:
    """Whether a row has a figure, a day or a code where the first table has them."""
    length, texts = len(row), 0
    for index in telling:
        if index < length and (cell := row[index]) != "":
            if not isinstance(cell, str) or (FIGURE.fullmatch(cell) and not isinstance(cell, Broken)):
                return texts < len(TELLING) - 1  # a header may begin with a number
            texts += 1
    return False


def _fields(row: Row, known: Headers) -> int:
    """How many fields a row names; 0 if too many cells are none of a header's."""
    fields: set[str] = set()
    figures = 0
    for cell in row:
        if cell == "":
            continue
        if not isinstance(cell, str):
            figures += cell not in YEARS
            continue
        if len(cell) > LONGEST_HEAD:
            return 0
        if (column := known.named(cell)) and cell.rstrip()[-1] not in ":：":
            fields.add(column.field)
    return len(fields) if not figures or len(fields) > FIELDS_PER_FIGURE * figures else 0


def _is_unknown_header(row: Row) -> bool:
    """Whether a row seems to be a header: short texts, among them a unit in brackets, 序号, or one
    for amounts and one for days.
    """
    cells = [cell for cell in row if cell != ""]
    if len(cells) < FEWEST_BESIDE or not all(map(_is_short, cells)):
        return False
    texts = [plain(cell) for cell in cells]
    if any(text[-1:] in ("", ":") or unit_named(text) for text in texts):
        return False
    is_measured = any(map(UNIT_HEAD.fullmatch, texts)) or any(map(is_ignored, texts))
    return is_measured or (any(map(AMOUNT_HEAD.fullmatch, texts)) and any(map(DAY_HEAD.fullmatch, texts)))


def _is_halved(sheet: Sheet, index: int, known: Headers, width: int) -> bool:
    """Whether this row and the one above are a header in two rows that neither is alone: 项目 over
    名称.
    """
    upper, lower = ([cell for cell in row if cell != ""] for row in sheet.rows[index - 1 : index + 1])
    if not 0 < len(upper) < len(lower) or not all(_is_short(cell) for cell in (*upper, *lower)):
        return False
    return len(header_of(index, paired(sheet, index, width), known).by_field) > FEWEST_FIELDS


def _is_short(cell: Cell) -> bool:
    return isinstance(cell, str) and len(cell) <= LONGEST_HALF and not any(map(str.isdigit, cell))


def _top(sheet: Sheet, first: int, floor: int, above: Header) -> int:
    """The index of the first of a header's titles: the rows above it that hold little but text.

    A row with name and unit is a project of the table `above`, even if all else is missing.
    """
    needed = [at for at, column in enumerate(above.columns) if column and column.field in ("name", "units")]
    top = first
    while top > floor and _is_title(sheet.rows[top - 1], needed):
        is_apart = sheet.numbers[top] - sheet.numbers[top - 1] > 1
        if is_apart and top < first:
            break
        top -= 1
    return top


def _is_title(row: Row, needed: Sequence[int]) -> bool:
    cells = [cell for cell in row if cell != "" and not is_blank(cell)]
    if not 0 < len(cells) <= MOST_TITLES or not all(isinstance(cell, str | date) for cell in cells):
        return False
    texts = [plain(cell) for cell in cells if isinstance(cell, str)] or [""]
    is_project = len(needed) > 1 and all(at < len(row) and not is_blank(row[at]) for at in needed)
    if is_project and not any(map(unit_named, texts)):
        return False
    if REMARK.fullmatch(texts[0]) or SUBTOTAL.fullmatch(texts[0].replace(" ", "")):
        return False
    return not any(FIGURE.fullmatch(text) and "年" not in text for text in texts)


def column_beside(header: Header) -> int | None:
    """The index of the column where a table beside this one begins: the same headers again."""
    texts = [bare(text) for text in header.texts]
    of_names = (index for index, column in enumerate(header.columns) if column and column.field == "name")
    for first in of_names:
        wanted = texts[first : first + FEWEST_BESIDE]
        if len(wanted) == FEWEST_BESIDE and all(wanted):
            later = range(first + FEWEST_BESIDE, len(texts))
            return next((index for index in later if texts[index : index + FEWEST_BESIDE] == wanted), None)
    return None


def _is_repeated(above: LedgerSheet, table: LedgerSheet) -> bool:
    """Whether a header only repeats the one above: the same columns in the same units."""
    own = table.unit_above
    return _columns(above.header) == _columns(table.header) and own in (None, above.unit_above)


def _columns(header: Header) -> list[tuple[object, object]]:
    pairs = enumerate(zip(header.texts, header.columns, strict=True))
    return [(column.field if column else bare(text), header.unit(index)) for index, (text, column) in pairs]
