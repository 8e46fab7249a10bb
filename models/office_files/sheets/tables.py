"""Finds the tables of a sheet: a lower row that is another header begins a table of its own."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from models.office_files.amounts.amounts import amount_unit_of
from models.office_files.cells import is_blank, plain
from models.office_files.columns import Column, bare
from models.office_files.sheets.header import (
    REMARK,
    SUBTOTAL,
    Header,
    Headers,
    LedgerSheet,
    header_of,
    paired,
    table_of,
    unit_named,
)
from models.office_files.sheets.sheet import Broken, Cell, Row, Sheet

# Columns of a ledger in which most rows have a figure, a day or a code, as no header has.
TELLING = ("amount", "signed_on", "code")
FIGURE = re.compile(r"(?=\D*\d)[A-Z\d\s,.:/()（）\-年月日号约¥￥$千百万亿元美]+")
LONGEST_HEAD, LONGEST_HALF = 100, 12  # characters of a header's cell; of one in a header of two rows
FEWEST_FIELDS = 2  # that a row names which is a header
FEWEST_BESIDE = 3  # headers that a table beside repeats
MOST_TITLES = 3  # filled cells of a row above a lower header: 签约项目, 单位：亿元, 2013年6月
YEARS = range(1990, 2100)  # a header may hold them as numbers


class Place(NamedTuple):
    """The first and the last row of a header, by index."""

    first: int
    last: int


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
        table = table_of(_part(sheet, top, end), columns, known, width, place.last - top + 2)
        if table and above and _is_repeated(above.table, table):
            repeated.update(sheet.numbers[place.first : top + table.header.row_index + 1])
        elif table:
            starts.append(Start(top, table))
    if len(starts) < 2:
        return [replace(best, repeated=frozenset(repeated))]
    ends = [*(start.top for start in starts[1:]), len(sheet.rows)]
    unit = starts[0].table.unit_above
    return [
        replace(
            start.table,
            sheet=_part(sheet, start.top, end),
            repeated=frozenset(repeated),
            unit_of_sheet=unit,
        )
        for start, end in zip(starts, ends, strict=True)
    ]


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
        else:
            former = index
            continue
        former = index
        if places and places[-1].last >= place.first - 1:
            place = Place(places.pop().first, place.last)
        places.append(place)
    return places


def _is_data(row: Row, telling: Sequence[int]) -> bool:
    """Whether a row has a figure, a day or a code where the first table has them."""
    length = len(row)
    for index in telling:
        if index < length and (cell := row[index]) != "":
            is_text = isinstance(cell, str) and not isinstance(cell, Broken)
            if not is_text or FIGURE.fullmatch(str(cell)):
                return True
    return False


def _fields(row: Row, known: Headers) -> int:
    """How many fields a row names; 0 if a cell is none of a header's."""
    fields: set[str] = set()
    for cell in row:
        if cell == "":
            continue
        if not isinstance(cell, str):
            if cell in YEARS:
                continue
            return 0
        if len(cell) > LONGEST_HEAD:
            return 0
        if (column := known.named(cell)) and cell.rstrip()[-1] not in ":：":
            fields.add(column.field)
    return len(fields)


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
    pairs = zip(header.texts, header.columns, strict=True)
    return [(column.field if column else bare(text), amount_unit_of(text)) for text, column in pairs]
