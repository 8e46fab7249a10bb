"""Finds the cells of a workbook that show no value: errors (#REF!) and formulas never calculated.

Calamine gives them as empty cells: they would be lost without a word.
Delete this module when https://github.com/dimastbk/python-calamine/issues/105 is solved.
"""

import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from functools import cached_property, reduce
from html import unescape
from typing import IO, TYPE_CHECKING
from zipfile import ZipFile

from models.office_files.sheet import Broken

if TYPE_CHECKING:
    from xlrd import Book

CHUNK = 2**18  # bytes of a sheet scanned at a time
# Not by an XML parser: it refuses files that calamine reads, for an undeclared prefix for example.
TAG = rb"""<(?:\w+:)?%b((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))+)"""
SHEET, RELATION = re.compile(TAG % b"sheet"), re.compile(TAG % b"Relationship")
ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*\bt="e"[^>]*>.*?</(?:\w+:)?c>', re.DOTALL)
UNCALCULATED = re.compile(
    rb"<(?:\w+:)?c\s[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v>\s*</(?:\w+:)?v>|<(?:\w+:)?v\s*/>)?\s*</(?:\w+:)?c>"
)
IS_TEXT = re.compile(rb'^[^>]*\bt="str"')
CELL_NAME = re.compile(rb'^[^>]*\br="([A-Z]{1,3})(\d{1,7})"')
ERROR_TEXT, FORMULA = re.compile(rb"v>([^<]*)<"), re.compile(rb"<(?:\w+:)?f\b[^>]*>([^<]*)<")
ODS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}%s"
Cells = dict[int, dict[int, Broken]]  # by row and column, both from 0


class BrokenCells:
    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        file.seek(0)
        self._is_zip = file.read(2) == b"PK"

    def of(self, name: str, number: int) -> Cells:
        """Those of a sheet, by its name and its number among the worksheets, from 0.

        In a faulty file they are those before the fault.
        """
        cells: Cells = {}
        try:
            for row, column, text in self._of_zip(name) if self._is_zip else self._of_excel_97(number):
                cells.setdefault(row, {})[column] = Broken(text)
        except MemoryError:
            raise
        except Exception:  # the parsers raise a dozen classes, AssertionError and IndexError among them
            return cells
        return cells

    def _of_zip(self, name: str) -> Iterator[tuple[int, int, str]]:
        archive = self._archive
        if "content.xml" in archive.namelist():
            if self._has_errors:
                with archive.open("content.xml") as content:
                    yield from _of_ods(content, name)
        elif part := self._part_of.get(name):
            with archive.open(part) as content:
                yield from _of_xlsx(content)

    @cached_property
    def _archive(self) -> ZipFile:
        return ZipFile(self._file)

    @cached_property
    def _has_errors(self) -> bool:
        with self._archive.open("content.xml") as content:
            return any(b'value-type="error"' in part for part in _parts(content, b"table-row>"))

    @cached_property
    def _part_of(self) -> dict[str, str]:
        """The parts of an .xlsx file that hold its sheets, by sheet name."""
        relations = self._attributes("xl/_rels/workbook.xml.rels", RELATION)
        targets = {relation.get("Id"): relation.get("Target", "") for relation in relations}
        parts = {}
        for sheet in self._attributes("xl/workbook.xml", SHEET):
            relation_id = next((value for name, value in sheet.items() if name.endswith(":id")), "")
            target = targets.get(relation_id, "")
            parts[sheet.get("name", "")] = target[1:] if target.startswith("/") else f"xl/{target}"
        there = set(self._archive.namelist())
        return {name: part for name, part in parts.items() if part in there}

    def _attributes(self, part: str, tag: re.Pattern[bytes]) -> Iterator[dict[str, str]]:
        for attributes in tag.findall(self._archive.read(part)):
            yield {
                name.decode(): unescape((double or single).decode(errors="replace"))
                for name, double, single in ATTRIBUTE.findall(attributes)
            }

    def _of_excel_97(self, number: int) -> Iterator[tuple[int, int, str]]:
        from xlrd import XL_CELL_ERROR, error_text_from_code

        sheet = self._excel_97.sheet_by_index(number)
        for row in range(sheet.nrows):
            for column, cell_type in enumerate(sheet.row_types(row)):
                if cell_type == XL_CELL_ERROR:
                    yield row, column, error_text_from_code.get(int(sheet.cell_value(row, column)), "#N/A")
        self._excel_97.unload_sheet(number)

    @cached_property
    def _excel_97(self) -> "Book":
        from xlrd import open_workbook  # takes 70 ms, which other files need not wait for

        self._file.seek(0)
        return open_workbook(
            file_contents=self._file.read(),
            on_demand=True,
            ragged_rows=True,
            logfile=sys.stderr,  # the child's output carries the sheets
            ignore_workbook_corruption=True,
        )


def _parts(stream: IO[bytes], end: bytes) -> Iterator[bytes]:
    """A stream in parts that hold whole rows."""
    rest = b""
    while chunk := stream.read(CHUNK):
        text = rest + chunk
        cut = text.rfind(end) + len(end) if end in text else 0
        yield text[:cut]
        rest = text[cut:]
    yield rest


def _of_xlsx(stream: IO[bytes]) -> Iterator[tuple[int, int, str]]:
    for part in _parts(stream, b"row>"):
        if b't="e"' in part:
            yield from _placed(ERROR_CELL.findall(part), ERROR_TEXT)
        if b"<f" in part or b":f" in part:
            # ="" is calculated: it shows nothing
            uncalculated = (cell for cell in UNCALCULATED.findall(part) if not IS_TEXT.search(cell))
            yield from ((row, column, f"={text}") for row, column, text in _placed(uncalculated, FORMULA))


def _placed(cells: Iterable[bytes], content: re.Pattern[bytes]) -> Iterator[tuple[int, int, str]]:
    for cell in cells:
        if cell_name := CELL_NAME.search(cell):
            text = match[1] if (match := content.search(cell)) else b""
            yield int(cell_name[2]) - 1, _column(cell_name[1]), unescape(text.decode(errors="replace"))


def _column(letters: bytes) -> int:
    """A column's number from 0: A is 0, AA is 26."""
    return reduce(lambda number, letter: 26 * number + letter - 64, letters, 0) - 1


def _of_ods(stream: IO[bytes], sheet: str) -> Iterator[tuple[int, int, str]]:
    name, row, column = "", 0, 0
    repeated = {"row": ODS % ("table", "number-rows-repeated"), "cell": ODS % ("table", "number-columns-repeated")}
    for event, element in ET.iterparse(stream, ("start", "end")):  # noqa: S314 - expat bounds entities, the process memory
        kind = element.tag.rpartition("}")[2]
        if kind == "table" and event == "start":
            name, row = element.get(ODS % ("table", "name"), ""), 0
        elif kind == "table-row" and event == "start":
            column = 0
        elif kind == "table-row":
            row += int(element.get(repeated["row"], "1"))
            element.clear()
        elif kind in ("table-cell", "covered-table-cell") and event == "end":
            if name == sheet and "error" in (value for key, value in element.items() if key.endswith("}value-type")):
                yield row, column, "".join(element.itertext()).strip()
            column += int(element.get(repeated["cell"], "1"))
