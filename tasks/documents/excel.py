"""A workbook as the official ledger wants it: its formats, its sheets and how they print."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from models.escalation.traffic_light import Light
from models.i18n import gettext as _
from models.i18n import mark
from models.office_files.columns import LANDED_ON, OVERDUE_ITEMS, RUNNING_NUMBER, TRAFFIC_LIGHT
from models.office_files.sheet import SIDE_SHEETS

A3, A4 = 8, 9
"""Paper, as Excel numbers it."""
TITLE, NOTE, HEADER, FIRST = 0, 1, 2, 3
"""The rows of a table from 0: title, remark, header, the first of its own."""
FROZEN = 3
"""Columns that stay in sight: number, code and name."""
LONGEST_TITLE = 31
LONG = 10**5
"""A number above it is shown with two decimals at most; its cell holds them all."""
FONT = mark("Calibri")
LINE, LOWEST_ROW, MOST_LINES = 13.5, 20, 20
"""Points a line of text takes, and a row at least; longer texts are cut on paper, not in the cell."""
REMARK = re.compile(r" (?=\()|(?=（)")
"""Where a header breaks into two lines."""
NOT_IN_TITLES = re.compile(r"[\[\]:*?/\\\x00-\x1f]+")
RED, YELLOW, GREEN, GREY, BLUE = "#F8CBAD", "#FFE699", "#C6E0B4", "#EDEDED", "#D9E2F3"
LIGHTS = {Light.RED: RED, Light.YELLOW: YELLOW, Light.GREEN: GREEN}
SAFE = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}

NUMBER, LIGHT, OVERDUE, LANDED = "no", "light", "overdue", "landed_on"
"""The columns that are worked out; an import takes nothing from them."""
AUTOMATIC = {NUMBER: RUNNING_NUMBER, LIGHT: TRAFFIC_LIGHT, OVERDUE: OVERDUE_ITEMS, LANDED: LANDED_ON}
CENTRED = (NUMBER, "claim", "is_sme")
WIDTHS = {
    NUMBER: 5,
    "code": 13,
    "name": 22,
    "units": 12,
    "sector": 12,
    "investor": 20,
    "registered_in": 14,
    "amount": 14.5,
    "claim": 11,
    LIGHT: 9,
    OVERDUE: 26,
    "progress": 30,
    "problem": 30,
    "category": 11,
    "solution": 26,
    "recipient": 14,
    "is_sme": 7,
    "origin_activity": 18,
    "squad": 14,
    "exit_reason": 20,
}
"""In characters of Excel, of which a Chinese one takes two."""
DAY_WIDTH, TEXT_WIDTH = 11.5, 16


@dataclass(frozen=True)
class Head:
    """A column of the sheet: the field it holds, or the offices' own column, and its header."""

    field: str
    text: str
    is_extra: bool = False

    @property
    def is_computed(self) -> bool:
        """Whether it is worked out from the others."""
        return not self.is_extra and self.field in AUTOMATIC

    @property
    def width(self) -> float:
        """In characters of Excel."""
        if self.is_extra:
            return TEXT_WIDTH
        return DAY_WIDTH if self.field.endswith("_on") else WIDTHS.get(self.field, TEXT_WIDTH)


class Exact(float):
    """A number that is written with all its figures; the workbook's writer otherwise rounds it to 16."""

    def __format__(self, _spec: str) -> str:
        return repr(float(self))


class Book:
    """A workbook that is written row by row, and its formats."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._titles: set[str] = {"history"}  # Excel keeps that one to itself
        basis = {"font_name": _(FONT), "font_size": 10, "valign": "vcenter", "text_wrap": True}
        add = workbook.add_format
        self.title = add({"font_name": _(FONT), "font_size": 16, "bold": True, "valign": "vcenter"})
        self.note = add({"font_name": _(FONT), "font_size": 9, "font_color": "#595959", "valign": "vcenter"})
        self.head = add(basis | {"bold": True, "align": "center", "bg_color": BLUE, "border": 1})
        self.computed = add(basis | {"bold": True, "align": "center", "bg_color": GREY, "border": 1})
        self.text = add(basis)
        self.right = add(basis | {"align": "right"})
        self.centred = add(basis | {"align": "center"})
        self.day = add(basis | {"align": "center", "num_format": "yyyy-mm-dd"})
        self.whole = add(basis | {"num_format": "#,##0"})
        self.tenth = add(basis | {"num_format": "0.0"})
        self.figure = add(basis | {"num_format": "#,##0.00####"})
        self.cents = add(basis | {"num_format": "#,##0.00"})
        self.rate = add(basis | {"num_format": "0.0%"})
        total = basis | {"bold": True, "bg_color": GREY}
        self.total = add(total | {"num_format": "#,##0"})
        self.total_figure = add(total | {"num_format": "#,##0.00####"})
        self.total_cents = add(total | {"num_format": "#,##0.00"})
        self.total_text = add(total | {"align": "center"})
        self.total_rate = add(total | {"num_format": "0.0%"})
        self.lights = {light.label: add(basis | {"align": "center", "bg_color": LIGHTS[light]}) for light in Light}
        self.lines = add({"border": 1, "border_color": "#BFBFBF"})

    def number(self, value: float) -> Format:
        """How a number is shown: with all its figures while they fit a column, and never as ####."""
        if value == int(value):
            return self.whole
        return self.figure if abs(value) < LONG else self.cents

    def sheet(self, title: str, *, is_register: bool = False) -> Worksheet:
        """A new sheet, named as Excel allows and unlike every other; a register's name is no other sheet's."""
        plain = NOT_IN_TITLES.sub("_", title).strip("' ") or "_"
        name, times = _cut(plain), 1
        while name.casefold() in self._titles or (name in SIDE_SHEETS and not is_register):
            times += 1
            name = _cut(plain, f"（{times}）")
        self._titles.add(name.casefold())
        return self._workbook.add_worksheet(name)

    def chart(self, **options: Any) -> Any:
        """A new chart of the workbook's own."""
        return self._workbook.add_chart(options)


def _cut(title: str, end: str = "") -> str:
    """The title in at most 31 units of UTF-16, as Excel counts."""
    while len((title + end).encode("utf-16-le")) > 2 * LONGEST_TITLE:
        title = title[:-1]
    return title.rstrip("' ") + end


@contextmanager
def writing(path: Path) -> Iterator[Book]:
    """A new workbook at `path`; a reader finds it there whole, or not at all."""
    scratch = path.with_name(f".{path.name}.part")
    try:
        with Workbook(str(scratch), SAFE) as workbook:
            workbook.set_properties({"title": path.stem, "comments": "Luodi"})
            yield Book(workbook)
        scratch.replace(path)
    finally:
        scratch.unlink(missing_ok=True)


def put(sheet: Worksheet, row: int, column: int, value: Any, book: Book, style: Format | None = None) -> None:
    """Write one cell as what it is; text stays text, whatever it begins with, and nothing is an empty cell."""
    if value is None or value == "":
        return
    if isinstance(value, str):
        sheet.write_string(row, column, _plain(value), style or book.text)
    elif isinstance(value, bool):
        sheet.write_boolean(row, column, value, style or book.centred)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style or book.day)
    else:
        sheet.write_number(row, column, Exact(value), style or book.number(value))


def _plain(text: str) -> str:
    """Text that the workbook's writer does not take for runs of rich text, which it would write as they stand."""
    is_rich = text.startswith("<r>") and text.endswith("</r>")
    return f'<r><t xml:space="preserve">{escape(text)}</t></r>' if is_rich else text


class Table:
    """A sheet that is a table: title, remark, header, and one row after the other."""

    def __init__(
        self, book: Book, title: str, heads: Sequence[Head], heading: str, remark: str, *, is_register: bool = False
    ) -> None:
        self._book, self.heads = book, heads
        self._widths = [(head, head.width) for head in heads]
        self.sheet = book.sheet(title, is_register=is_register)
        self.rows = 0
        self.sheet.set_row(TITLE, 26)
        self.sheet.set_row(HEADER, 32)
        put(self.sheet, TITLE, 0, heading, book, book.title)
        put(self.sheet, NOTE, 0, remark, book, book.note)
        for place, head in enumerate(heads):
            self.sheet.set_column(place, place, head.width)
            style = book.computed if head.is_extra or head.is_computed else book.head
            text = head.text if head.is_extra else REMARK.sub("\n", head.text)
            self.sheet.write_string(HEADER, place, _plain(text), style)
        self.sheet.freeze_panes(FIRST, min(FROZEN, len(heads) - 1))

    def add(self, cells: Mapping[str, Any], extra: Mapping[str, Any] | None = None) -> None:
        """Write the next row; what is not said is left empty."""
        row = FIRST + self.rows
        said = []
        for place, (head, width) in enumerate(self._widths):
            value = (extra or {}).get(head.field) if head.is_extra else cells.get(head.field)
            if value is not None and value != "":
                said.append((place, value, head, _lines(value, width) if isinstance(value, str) else 1))
        self.sheet.set_row(row, _points(max((lines for *_cell, lines in said), default=1)))
        for place, value, head, _height in said:
            put(self.sheet, row, place, value, self._book, self._style(head, value))
        self.rows += 1

    def _style(self, head: Head, value: Any) -> Format | None:
        if head.is_extra:  # shown as Excel does by itself: it knows how to fit any number
            return None if isinstance(value, bool | str) else self._book.text
        if head.field == LIGHT:
            return self._book.lights.get(value)
        if head.field == "amount" and isinstance(value, str):
            return self._book.right
        return self._book.centred if head.field in CENTRED else None

    def finish(self, paper: int, printed: int = 0, blank: int = 1) -> None:
        """Filters over all rows, and how it prints: the first columns (`printed`; 0: all) fit the paper's width.

        `blank` is how many rows are printed at least, empty ones too.
        """
        last, width = FIRST + max(self.rows, blank) - 1, len(self.heads)
        self.sheet.autofilter(HEADER, 0, last, width - 1)
        self.sheet.print_area(TITLE, 0, last, (printed or width) - 1)
        self.sheet.repeat_rows(HEADER)
        frame(self._book, self.sheet, HEADER, last, width)
        print_across(self.sheet, paper)


def height(text: str, width: float) -> float:
    """The height of a row in which a text takes all the lines it needs, within reason."""
    return _points(_lines(text, width))


def _points(lines: int) -> float:
    return max(LOWEST_ROW, LINE * min(lines, MOST_LINES) + 4)


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column; a Chinese sign is as wide as two others."""
    room = width - 1
    if 2 * len(text) <= room and "\n" not in text:
        return 1
    return sum(max(1, math.ceil(len(line.encode("gb18030", "replace")) / room)) for line in text.split("\n"))


def frame(book: Book, sheet: Worksheet, first: int, last: int, width: int) -> None:
    """Lines between the cells of these rows, also the empty ones, which are not written."""
    sheet.conditional_format(first, 0, last, width - 1, {"type": "no_errors", "format": book.lines})


def print_across(sheet: Worksheet, paper: int) -> None:
    """Print a sheet in landscape, as wide as the paper, with page numbers."""
    sheet.set_landscape()
    sheet.set_paper(paper)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&L&A&R" + _("Page &P of &N"))
