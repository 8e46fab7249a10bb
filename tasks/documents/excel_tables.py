"""Prints tables on the sheets of a workbook, and sets how sheets print."""

import math
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Generic

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from models.escalation.traffic_light import Light
from models.i18n import gettext as _
from tasks.documents.characters import width
from tasks.documents.excel import LONG, Book, put
from tasks.documents.table import Cell, Column, Kind, Plain, Row, Table, check_keys
from tasks.documents.text import text_of

A3, A4 = 8, 9  # paper, as Excel numbers it
TITLE, NOTE, HEADER, FIRST = 0, 1, 2, 3  # the rows of a sheet that is a table: from FIRST on its own
FROZEN = 3  # columns that stay in sight: number, code and name
TITLE_HEIGHT, HEADER_HEIGHT, LINE_HEIGHT, MIN_HEIGHT = 26, 32, 13.5, 20  # points
MAX_LINES = 20  # on paper; the cell holds all of them
REMARK = re.compile(r" (?=\()|(?=（)")  # where a header breaks into two lines


class SheetWriter(Generic[Row]):
    """A sheet that is one table, written row by row. Sheets may be filled side by side."""

    def __init__(
        self,
        book: Book,
        title: str,
        columns: Sequence[Column[Row]],
        heading: str,
        remark: str,
        *,
        is_register: bool = False,
    ) -> None:
        check_keys(columns)
        self._book, self.columns, self.row_count = book, columns, 0
        self._readers = [None if column.kind is Kind.NUMBER else column.read for column in columns]
        self.sheet = book.sheet(title, is_register=is_register)
        self.sheet.set_row(TITLE, TITLE_HEIGHT)
        self.sheet.set_row(HEADER, HEADER_HEIGHT)
        put(self.sheet, TITLE, 0, heading, book, book.title)
        put(self.sheet, NOTE, 0, remark, book, book.note)
        for index, column in enumerate(columns):
            self.sheet.set_column(index, index, column.width)
            is_own = column.kind is Kind.OWN
            style = book.computed if is_own or column.is_computed or column.kind is Kind.NUMBER else book.head
            put(self.sheet, HEADER, index, column.head if is_own else REMARK.sub("\n", column.head), book, style)
        self.sheet.freeze_panes(FIRST, min(FROZEN, len(columns) - 1))

    def add(self, row: Row) -> None:
        """Write the next row; what it does not say is left empty."""
        self.row_count += 1
        cells, lines = [], 1
        for index, read in enumerate(self._readers):
            value = read(row) if read else self.row_count
            if value is not None and value != "":
                column = self.columns[index]
                text, style = _dressed(self._book, column.kind, value)
                cells.append((index, text, style))
                if isinstance(text, str):
                    lines = max(lines, _lines(text, column.width))
        row_index = FIRST + self.row_count - 1
        self.sheet.set_row(row_index, _points(lines))
        for index, text, style in cells:
            put(self.sheet, row_index, index, text, self._book, style)

    def finish(self, paper: int, printed: int = 0, blank: int = 1) -> None:
        """Print the first `printed` columns (0: all) and at least `blank` rows, with filters."""
        last, count = FIRST + max(self.row_count, blank) - 1, len(self.columns)
        self.sheet.autofilter(HEADER, 0, last, count - 1)
        self.sheet.print_area(TITLE, 0, last, (printed or count) - 1)
        self.sheet.repeat_rows(HEADER)
        frame(self._book, self.sheet, HEADER, last, count)
        print_across(self.sheet, paper)


def write_sheet(book: Book, title: str, table: Table[Row], heading: str, remark: str, paper: int = A3) -> None:
    writer = SheetWriter(book, title, table.columns, heading, remark)
    for row in table.rows:
        writer.add(row)
    writer.finish(paper)


def begin(book: Book, sheet: Worksheet, heading: str, widths: Sequence[float]) -> None:
    """Set the widths of a sheet's columns, and write its heading."""
    for place, room in enumerate(widths):
        sheet.set_column(place, place, room)
    sheet.set_row(0, TITLE_HEIGHT)
    put(sheet, 0, 0, heading, book, book.title)


def write_block(
    book: Book, sheet: Worksheet, top: int, table: Table[Row], widths: Sequence[float], *, has_total: bool = False
) -> int:
    """Write a table from `top` down, all but ints and floats as text; returns its last row."""
    sheet.set_row(top, HEADER_HEIGHT)
    for index, head in enumerate(table.heads):
        put(sheet, top, index, head, book, book.head)
    rows = [[cell if isinstance(cell, int | float) else text_of(cell) for cell in cells] for cells in table.cells]
    for row_index, cells in enumerate(rows, start=top + 1):
        texts = [(cell, room) for cell, room in zip(cells, widths, strict=False) if isinstance(cell, str)]
        sheet.set_row(row_index, max((height(text, room) for text, room in texts), default=MIN_HEIGHT))
        for index, (column, cell) in enumerate(zip(table.columns, cells, strict=True)):
            is_total = has_total and row_index == top + len(rows)
            style = _total(book, column.kind, cell) if is_total else _style(book, column.kind, cell)
            put(sheet, row_index, index, cell, book, style)
    last = top + max(len(rows), 1)
    frame(book, sheet, top, last, len(table.columns))
    return last


def _dressed(book: Book, kind: Kind, value: Cell) -> tuple[Plain, Format | None]:
    if type(value) is str:  # as most are
        return value, book.text_styles.get(kind)
    if isinstance(value, Light):
        return value.label, book.lights[value]
    if isinstance(value, int | float | date | Decimal):
        return value, _style(book, kind, value)
    return text_of(value), book.text_styles.get(kind)


def _style(book: Book, kind: Kind, value: object) -> Format | None:
    """How a cell stands; None: as its value wants it."""
    if isinstance(value, str):
        return book.text_styles.get(kind)
    return None if kind is Kind.OWN and isinstance(value, bool) else book.value_styles.get(kind)


def _total(book: Book, kind: Kind, value: str | float) -> Format:
    if kind is Kind.SHARE:
        return book.total_rate
    if isinstance(value, str):
        return book.total_text
    return book.total if value == int(value) else book.total_cents if value >= LONG else book.total_figure


def height(text: str, room: float) -> float:
    """The height of a row in which a text takes all the lines it needs, up to `MAX_LINES`."""
    return _points(_lines(text, room))


def _points(lines: int) -> float:
    return max(MIN_HEIGHT, LINE_HEIGHT * min(lines, MAX_LINES) + 4)


def _lines(text: str, room: float) -> int:
    if 2 * len(text) <= room - 1 and "\n" not in text:
        return 1
    return sum(max(1, math.ceil(width(line) / (room - 1))) for line in text.split("\n"))


def frame(book: Book, sheet: Worksheet, first: int, last: int, count: int) -> None:
    sheet.conditional_format(first, 0, last, count - 1, {"type": "no_errors", "format": book.lines})


def print_across(sheet: Worksheet, paper: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&L&A&R" + _("Page &P of &N"))
