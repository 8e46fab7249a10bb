"""Finds the marks of a workbook's cells, sheet by sheet."""

from functools import cached_property
from typing import IO, Protocol
from zipfile import ZipFile

from tasks.imports.workbook.marks.look import SheetMarks
from tasks.imports.workbook.marks.ods import OdsMarks
from tasks.imports.workbook.marks.xlsx import XlsxMarks


class _Finder(Protocol):
    def find(self, name: str, number: int, marks: SheetMarks) -> None: ...


class Marks:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        file.seek(0)
        self._is_zip = file.read(2) == b"PK"

    def of(self, name: str, number: int) -> SheetMarks:
        """Those of a sheet, by its name and its number among the worksheets, from 0.

        In a faulty file they are those before the fault.
        """
        marks = SheetMarks()
        try:
            self._finder.find(name, number, marks)
        except MemoryError:
            raise
        except Exception:  # the parsers raise a dozen classes, AssertionError and IndexError among them
            marks.has_looks = False
        return marks

    @cached_property
    def _finder(self) -> _Finder:
        if self._is_zip:
            archive = ZipFile(self._file)
            return OdsMarks(archive) if "content.xml" in archive.namelist() else XlsxMarks(archive)
        from tasks.imports.workbook.marks.excel_97 import Excel97Marks  # loads xlrd

        return Excel97Marks(self._file)
