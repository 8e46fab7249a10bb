"""The marks of an .xls workbook, found by xlrd."""

import sys
from functools import cached_property
from itertools import pairwise
from typing import IO

from xlrd import XL_CELL_BLANK, XL_CELL_EMPTY, XL_CELL_ERROR, Book, error_text_from_code, open_workbook
from xlrd.sheet import Sheet

from models.office_files.sheet import Broken
from tasks.imports.workbook.marks.look import PLAIN, Look, SheetMarks, Strike, look_of, strike_of


class Excel97Marks:
    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        self._content = file.read()
        self._has_looks = True

    def find(self, name: str, number: int, marks: SheetMarks) -> None:
        try:
            sheet = self._book.sheet_by_index(number)
        except Exception:
            if not self._has_looks:
                raise
            self._has_looks = False  # xlrd asks more of a file whose formats it reads
            del self._book
            sheet = self._book.sheet_by_index(number)
        marks.is_1904, marks.has_looks = self._book.datemode == 1, self._has_looks
        for row in range(sheet.nrows):
            self._find_in_row(sheet, row, marks)
        self._book.unload_sheet(number)

    def _find_in_row(self, sheet: Sheet, row: int, marks: SheetMarks) -> None:
        types = sheet.row_types(row)
        if XL_CELL_ERROR in types:
            for column, kind in enumerate(types):
                if kind == XL_CELL_ERROR:
                    text = error_text_from_code.get(int(sheet.cell_value(row, column)), "#N/A")
                    marks.add(row, column, Broken(text))
        if not self._has_looks:
            return
        if self._looks:
            for column, kind in enumerate(types):
                look = self._looks.get(sheet.cell_xf_index(row, column))
                if look and kind not in (XL_CELL_EMPTY, XL_CELL_BLANK):
                    marks.add(row, column, look)
        if self._struck_fonts and sheet.rich_text_runlist_map:
            for column in range(len(types)):
                if runs := sheet.rich_text_runlist_map.get((row, column)):
                    marks.add(row, column, Look("", self._strike(sheet, row, column, runs)))

    def _strike(self, sheet: Sheet, row: int, column: int, runs: list[tuple[int, int]]) -> Strike:
        text, own_font = (
            str(sheet.cell_value(row, column)),
            self._book.xf_list[sheet.cell_xf_index(row, column)].font_index,
        )
        starts = [(0, own_font), *runs, (len(text), own_font)]
        return strike_of(
            (text[start:end], font in self._struck_fonts) for (start, font), (end, _next) in pairwise(starts)
        )

    @cached_property
    def _book(self) -> Book:
        return open_workbook(
            file_contents=self._content,
            on_demand=True,
            ragged_rows=True,
            formatting_info=self._has_looks,
            logfile=sys.stderr,  # the child's output carries the sheets
            ignore_workbook_corruption=True,
        )

    @cached_property
    def _struck_fonts(self) -> set[int]:
        return {number for number, font in enumerate(self._book.font_list) if font.struck_out}

    @cached_property
    def _looks(self) -> dict[int, Look]:
        """The looks that tell something, by the number of their cells' format."""
        looks = {}
        for number, xf in enumerate(self._book.xf_list):
            code = self._book.format_map[xf.format_key].format_str if xf.format_key in self._book.format_map else ""
            looks[number] = look_of(code, Strike.WHOLE if xf.font_index in self._struck_fonts else Strike.NONE)
        return {number: look for number, look in looks.items() if look != PLAIN}
