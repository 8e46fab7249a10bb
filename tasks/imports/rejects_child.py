"""Marks cells of a workbook, in a process of its own as `tasks/imports/workbook/child.py` is."""

import datetime
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.worksheet import Worksheet

from tasks.documents.characters import printable, sheet_title
from tasks.documents.replacing import replacing
from tasks.imports.workbook.child import confine

if TYPE_CHECKING:
    from models.office_files.sheet import Sheet

AUTHOR = "Luodi"
BELOW = f"\n\n{AUTHOR}: "  # between a comment of the office and ours, if a cell has both
RED, PLAIN = PatternFill("solid", fgColor="FFFF9999"), PatternFill(fill_type=None)
WIDTHS = (16, 10, 18, 30, 80)
TYPED = int | float | datetime.date | datetime.time | datetime.timedelta  # no text; a bool is an int


class Mark(NamedTuple):
    """A cell to correct, rows and columns from 1, and what to do about it."""

    sheet: str
    row: int
    column: int
    header: str
    value: str
    advice: str

    @property
    def cell(self) -> str:
        """As Excel names it."""
        return f"{get_column_letter(self.column)}{self.row}"


class Order(NamedTuple):
    """Which workbook to mark, where to write it, the marks, and the headers of their list."""

    source: str
    target: str
    title: str
    heads: Sequence[str]
    marks: Sequence[Mark]


def main() -> None:
    """Mark the workbook as the order on the input says."""
    confine()
    order = Order(*json.load(sys.stdin))
    mark(order._replace(marks=[Mark(*each) for each in order.marks]))


def mark(order: Order) -> None:
    """Write the workbook with every mark on its cell, and a list of them."""
    with Path(order.source).open("rb") as source:  # given a path, it would refuse a workbook called .et or .xls
        book = load_workbook(source, keep_links=False)
    for sheet in book.worksheets:
        _clean(sheet)
    if order.title in book.sheetnames:
        del book[order.title]
    for each in order.marks:
        _mark(book[each.sheet], each)
    first = order.marks[0]
    book.active = book.sheetnames.index(first.sheet)
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet.title == first.sheet
    _select(book[first.sheet], first.cell)
    _list(book, order)
    _save(book, order.target)


def write_anew(order: Order, headers: Mapping[str, int], sheets: Mapping[str, "Sheet"]) -> None:
    """Write a workbook with each sheet's rows down to its header, and below only the marked rows."""
    book = Workbook()
    book.remove(book.worksheets[0])
    moved: list[Mark] = []
    for name in dict.fromkeys(each.sheet for each in order.marks):
        marks = [each for each in order.marks if each.sheet == name]
        sheet = book.create_sheet(sheet_title(name))
        moved += _fill(sheet, marks, headers[name], sheets[name])
    _list(book, order._replace(marks=moved))
    _save(book, order.target)


def _fill(sheet: Worksheet, marks: Sequence[Mark], header: int, source: "Sheet") -> list[Mark]:
    wanted, filled = {each.row for each in marks}, source.filled(header)
    places: dict[int, int] = {}
    for number, cells in zip(source.numbers, source.rows, strict=True):
        if number > header and number not in wanted:
            continue
        places[number] = len(places) + 1
        for column, value in enumerate(filled.get(number, cells), 1):
            _write(sheet, places[number], column, value)
    sheet.freeze_panes = f"A{places[header] + 1}"
    moved = [each._replace(sheet=sheet.title, row=places[each.row]) for each in marks]
    for each in moved:
        _mark(sheet, each)
    return moved


def _write(sheet: Worksheet, row: int, column: int, value: Any) -> None:
    """Put a value down as it is: text stays text, also where it begins like a formula."""
    if value == "":
        return
    if not isinstance(value, TYPED | str):
        value = str(value)
    cell = sheet.cell(row, column, printable(value) if isinstance(value, str) else value)
    if isinstance(value, str):
        cell.data_type = "s"
    if isinstance(value, datetime.date) and str(value)[10:] in ("", " 00:00:00"):
        cell.number_format = "yyyy-mm-dd"


def _mark(sheet: Worksheet, each: Mark) -> None:
    """Colour a cell and comment it; of a merged range the first cell, which is shown."""
    cell = sheet.cell(each.row, each.column)
    if isinstance(cell, MergedCell):
        around = next(each for each in sheet.merged_cells.ranges if cell.coordinate in each)
        cell = sheet.cell(around.min_row, around.min_col)
    cell.fill = RED
    former = cell.comment
    text, author = (f"{former.text}{BELOW}{each.advice}", former.author) if former else (each.advice, AUTHOR)
    cell.comment = Comment(text, author, width=360, height=120)


def _clean(sheet: Worksheet) -> None:
    """Remove our former marks and keep the office's own comments."""
    for cell, comment in [(cell, cell.comment) for row in sheet.iter_rows() for cell in row if cell.comment]:
        own, below, _ours = comment.text.partition(BELOW)
        if below or comment.author == AUTHOR:
            cell.comment = Comment(own, comment.author) if below else None
            cell.fill = PLAIN


def _select(sheet: Worksheet, cell: str) -> None:
    for selection in sheet.sheet_view.selection:
        selection.activeCell = selection.sqref = cell


def _list(book: Workbook, order: Order) -> None:
    """A sheet that lists every mark, each with a way to its cell."""
    sheet = book.create_sheet(order.title)
    sheet.append(list(order.heads))
    for each in order.marks:
        row = sheet.max_row + 1
        for column, value in enumerate((each.sheet, each.cell, each.header, each.value, each.advice), 1):
            _write(sheet, row, column, value)
        marked = book[each.sheet][each.cell]
        if isinstance(marked.value, TYPED):
            _write(sheet, row, 4, marked.value)
            sheet.cell(row, 4).number_format = marked.number_format
        link = sheet.cell(row, 2)
        link.hyperlink = f"#{quote_sheetname(each.sheet)}!{each.cell}"
        link.style = "Hyperlink"
    for at, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(at)].width = width
        sheet.cell(1, at).font = Font(bold=True)
    sheet.freeze_panes = "A2"


def _save(book: Workbook, target: str) -> None:
    with replacing(Path(target)) as scratch:
        book.save(scratch)


if __name__ == "__main__":
    main()
