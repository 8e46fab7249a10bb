"""Marks cells of a workbook in a child process, as `tasks/imports/workbook/child.py` reads them."""

import datetime
import io
import json
import os
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.drawing.spreadsheet_drawing import SpreadsheetDrawing
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._writer import WorksheetWriter
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

from models.office_files.sheets.sheet import Cell, PartlyStruck, Sheet, Shown, Struck
from tasks.documents.characters import printable, sheet_title
from tasks.documents.replacing import replacing
from tasks.imports.confinement import confine

AUTHOR = "Luodi"
BELOW = f"\n\n{AUTHOR}: "  # between the office's comment and ours on one cell
RED, PLAIN = PatternFill("solid", fgColor="FFFF9999"), PatternFill(fill_type=None)
LARGEST_MARKED = 64 * 2**20  # bytes; of files that are kept the largest has 5 MB
WIDTHS = (16, 10, 18, 30, 80)
TYPED = int | float | datetime.date | datetime.time | datetime.timedelta  # a bool is an int


class Mark(NamedTuple):
    """A cell to correct; rows and columns count from 1."""

    sheet: str
    row: int
    column: int
    header: str
    value: str
    advice: str

    @property
    def cell(self) -> str:
        """The cell's name in Excel, like B7."""
        return f"{get_column_letter(self.column)}{self.row}"


class Order(NamedTuple):
    """What to mark in a workbook."""

    title: str  # of the sheet that lists the marks
    heads: Sequence[str]  # of its columns
    marks: Sequence[Mark]


def main() -> None:
    """Mark the open file whose number is given as the input says; the output is the new one."""
    order = Order(*json.load(sys.stdin))
    order = order._replace(marks=[Mark(*fields) for fields in order.marks])
    with os.fdopen(int(sys.argv[1]), "rb") as source:
        load_all()
        confine(LARGEST_MARKED)
        mark(order, source, sys.stdout.buffer)


def load_all() -> None:
    """Write and read a workbook: what openpyxl loads late could not be loaded later."""
    book, file = Workbook(), io.BytesIO()
    book.worksheets[0]["A1"].comment = Comment(AUTHOR, AUTHOR)
    _save(book, file)
    load_workbook(file)


def mark(order: Order, source: BinaryIO, target: BinaryIO) -> None:
    book = load_workbook(source, keep_links=False, rich_text=True)  # which may be struck through
    for sheet in book.worksheets:
        _clean(sheet)
    if order.title in book.sheetnames:
        del book[order.title]
    for one in order.marks:
        _mark(book[one.sheet], one)
    first = order.marks[0]
    book.active = book.sheetnames.index(first.sheet)
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet.title == first.sheet
    for selection in book[first.sheet].sheet_view.selection:
        selection.activeCell = selection.sqref = first.cell
    _list(book, order)
    _save(book, target)


def write_anew(
    order: Order, target: Path, headers: Mapping[str, Sequence[tuple[int, int]]], sheets: Mapping[str, Sheet]
) -> None:
    """Write a workbook with the marked rows of each sheet only, and the heads of its tables.

    `headers` gives by sheet the first and the last row of each head.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    if any(sheet.is_1904 for sheet in sheets.values()):
        book.epoch = CALENDAR_MAC_1904
    moved: list[Mark] = []
    for name in dict.fromkeys(one.sheet for one in order.marks):
        marks = [one for one in order.marks if one.sheet == name]
        sheet = book.create_sheet(sheet_title(name))
        moved += _fill(sheet, marks, headers[name], sheets[name])
    _list(book, order._replace(marks=moved))
    with replacing(target) as scratch:
        book.save(scratch)


def _fill(sheet: Worksheet, marks: Sequence[Mark], heads: Sequence[tuple[int, int]], source: Sheet) -> list[Mark]:
    wanted, header = {one.row for one in marks}, heads[0][1]
    for top, last in heads:
        wanted.update(source.numbers[bisect_left(source.numbers, top) : bisect_right(source.numbers, last)])
    filled = source.filled(header)
    new_rows: dict[int, int] = {}
    for number, cells in zip(source.numbers, source.rows, strict=True):
        if number not in wanted:
            continue
        new_rows[number] = len(new_rows) + 1
        for column, value in enumerate(filled.get(number, cells), 1):
            _write(sheet, new_rows[number], column, value)
    _merge_marked(sheet, marks, source, new_rows)
    sheet.freeze_panes = f"A{new_rows[header] + 1}"
    moved = [one._replace(sheet=sheet.title, row=new_rows[one.row]) for one in marks]
    for one in moved:
        _mark(sheet, one)
    return moved


def _merge_marked(sheet: Worksheet, marks: Sequence[Mark], source: Sheet, new_rows: Mapping[int, int]) -> None:
    """Merge what is marked as it was: filled down, one figure would become that of each project."""
    marked = {(one.row, one.column) for one in marks}
    columns = {column for _row, column in marked}
    reached: dict[int, int] = {}  # by column; overlapping ranges are merged once
    for top, left, bottom, _right in sorted(source.merged):
        first = max(top, reached.get(left, 0))
        if left + 1 in columns and bottom > first:
            rows = [number for number in range(first, min(bottom, max(new_rows)) + 1) if (number, left + 1) in marked]
            reached[left] = bottom + 1
            if len(rows) > 1:
                start, end = new_rows[rows[0]], new_rows[rows[-1]]
                sheet.merge_cells(start_row=start, end_row=end, start_column=left + 1, end_column=left + 1)


def _write(sheet: Worksheet, row: int, column: int, value: Cell) -> None:
    """Write a value as it is: text stays text, even if it begins like a formula."""
    if value == "":
        return
    cell = sheet.cell(row, column, printable(value) if isinstance(value, str) else value)
    if isinstance(value, Struck | PartlyStruck):
        cell.font = Font(strike=True)
    if isinstance(value, Shown):
        cell.number_format = value.number_format
    if isinstance(value, str):
        cell.data_type = "s"
    if isinstance(value, datetime.date) and str(value)[10:] in ("", " 00:00:00"):
        cell.number_format = "yyyy-mm-dd"


def _mark(sheet: Worksheet, mark: Mark) -> None:
    """Colour and comment a cell; in a merged range its first cell, which is the visible one."""
    cell = sheet.cell(mark.row, mark.column)
    if isinstance(cell, MergedCell):
        around = next(area for area in sheet.merged_cells.ranges if cell.coordinate in area)
        cell = sheet.cell(around.min_row, around.min_col)
    cell.fill = RED
    former = cell.comment
    if former and mark.advice in former.text:
        return  # another row of the merged range has it
    text, author = (f"{former.text}{BELOW}{mark.advice}", former.author) if former else (mark.advice, AUTHOR)
    cell.comment = Comment(text, author, width=360, height=120)


def _clean(sheet: Worksheet) -> None:
    for cell, comment in [(cell, cell.comment) for row in sheet.iter_rows() for cell in row if cell.comment]:
        own, below, _ours = comment.text.partition(BELOW)
        if below or comment.author == AUTHOR:
            cell.comment = Comment(own, comment.author) if below else None
            cell.fill = PLAIN


def _list(book: Workbook, order: Order) -> None:
    sheet = book.create_sheet(order.title)
    sheet.append(list(order.heads))
    for one in order.marks:
        row = sheet.max_row + 1
        for column, value in enumerate((one.sheet, one.cell, one.header, one.value, one.advice), 1):
            _write(sheet, row, column, value)
        marked = book[one.sheet][one.cell]
        if isinstance(marked.value, TYPED):
            _write(sheet, row, 4, marked.value)
            sheet.cell(row, 4).number_format = marked.number_format
        link = sheet.cell(row, 2)
        link.hyperlink = f"#{quote_sheetname(one.sheet)}!{one.cell}"
        link.style = "Hyperlink"
    for column, width in enumerate(WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.cell(1, column).font = Font(bold=True)
    sheet.freeze_panes = "A2"


def _save(book: Workbook, target: BinaryIO) -> None:
    book.properties.modified = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        _Writer(book, archive).write_data()


class _Writer(ExcelWriter):
    """Writes sheets without the scratch files that openpyxl makes of them."""

    _archive: ZipFile

    def write_worksheet(self, ws: Any) -> None:
        ws._drawing = SpreadsheetDrawing()
        ws._drawing.charts, ws._drawing.images = ws._charts, ws._images
        content = io.BytesIO()
        writer: Any = WorksheetWriter(ws, content)
        writer.write()
        ws._rels = writer._rels
        self._archive.writestr(ws.path[1:], content.getvalue())
        self.manifest.append(ws)


if __name__ == "__main__":
    main()
