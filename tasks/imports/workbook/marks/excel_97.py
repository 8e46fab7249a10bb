"""The marks of an .xls workbook, found by xlrd."""

import sys
from collections.abc import Sequence
from functools import cached_property
from itertools import pairwise
from typing import IO

from xlrd import XL_CELL_BLANK, XL_CELL_EMPTY, XL_CELL_ERROR, Book, error_text_from_code, open_workbook
from xlrd.sheet import Sheet

from models.office_files.sheets.sheet import Broken
from tasks.imports.workbook.marks.look import PLAIN, Look, SheetMarks, Strike, look_of, strike_of


class Excel97Marks:
    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        self._content = file.read()
        self._opened = _Opened(self._content, has_looks=True)

    def find(self, _name: str, number: int, marks: SheetMarks) -> None:
        try:
            sheet = self._opened.book.sheet_by_index(number)
        except MemoryError:
            raise
        except Exception:  # xlrd asks more of a file whose formats it reads
            self._opened = _Opened(self._content, has_looks=False)
            sheet = self._opened.book.sheet_by_index(number)
        marks.is_1904, marks.has_looks = self._opened.book.datemode == 1, self._opened.has_looks
        for row in range(sheet.nrows):
            types = sheet.row_types(row)
            if XL_CELL_ERROR in types:
                _add_errors(sheet, row, types, marks)
            if sheet.formatting_info:
                self._opened.add_looks(sheet, row, types, marks)
        self._opened.book.unload_sheet(number)


def _add_errors(sheet: Sheet, row: int, types: Sequence[int], marks: SheetMarks) -> None:
    for column, kind in enumerate(types):
        if kind == XL_CELL_ERROR:
            text = error_text_from_code.get(int(sheet.cell_value(row, column)), "#N/A")
            marks.add(row, column, Broken(text))


class _Opened:
    """The workbook as xlrd opens it, with or without its formats."""

    def __init__(self, content: bytes, *, has_looks: bool) -> None:
        self._content, self.has_looks = content, has_looks

    @cached_property
    def book(self) -> Book:
        book = open_workbook(
            file_contents=self._content,
            on_demand=True,
            ragged_rows=True,
            formatting_info=self.has_looks,
            logfile=sys.stderr,  # the child's output carries the sheets
            ignore_workbook_corruption=True,
        )
        self._struck_fonts = {number for number, font in enumerate(book.font_list) if font.struck_out}
        self._looks = self._telling_looks(book)
        if not (self._looks or self._struck_fonts):
            book.formatting_info = False  # of the sheets, which takes half as long again
        return book

    def _telling_looks(self, book: Book) -> dict[int, Look]:
        """The looks that tell something, by the number of their cells' format."""
        codes = {key: style.format_str for key, style in book.format_map.items()}
        looks = {
            number: look_of(
                codes.get(xf.format_key, ""), Strike.WHOLE if xf.font_index in self._struck_fonts else Strike.NONE
            )
            for number, xf in enumerate(book.xf_list)
            if not xf.is_style
        }
        return {number: look for number, look in looks.items() if look != PLAIN}

    def add_looks(self, sheet: Sheet, row: int, types: Sequence[int], marks: SheetMarks) -> None:
        formats = sheet._cell_xf_indexes[row]  # type: ignore[attr-defined]  # one by one they are slow to ask for
        if not self._looks.keys().isdisjoint(formats):
            for column, (kind, number) in enumerate(zip(types, formats, strict=True)):
                if number in self._looks and kind not in (XL_CELL_EMPTY, XL_CELL_BLANK):
                    marks.add(row, column, self._looks[number])
        if self._struck_fonts and sheet.rich_text_runlist_map:
            for column, number in enumerate(formats):
                if runs := sheet.rich_text_runlist_map.get((row, column)):
                    font, text = self.book.xf_list[number].font_index, str(sheet.cell_value(row, column))
                    marks.add(row, column, Look("", self._strike(text, [(0, font), *runs, (len(text), font)])))

    def _strike(self, text: str, fonts: list[tuple[int, int]]) -> Strike:
        """How much of a text is struck through, whose fonts begin where they say."""
        return strike_of((text[start:end], font in self._struck_fonts) for (start, font), (end, _) in pairwise(fonts))
