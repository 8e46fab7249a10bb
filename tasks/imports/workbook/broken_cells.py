"""Finds the cells of a workbook that show no value: errors (#REF!) and formulas that were never worked out.

Calamine gives them as empty cells, and an empty cell says nothing: they would be lost without a word.
"""

import re
import struct
import xml.etree.ElementTree as ET
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cached_property, reduce
from html import unescape
from typing import IO
from zipfile import BadZipFile, ZipFile

from models.office_files.sheet import Broken
from tasks.imports.workbook.excel_97 import errors_of

CHUNK = 2**18
"""Bytes of a sheet looked at together."""

ODD = (struct.error, zlib.error, BadZipFile, ET.ParseError, KeyError, ValueError)
"""What a file brings about that is built otherwise than it should be, and that calamine can read nevertheless."""
SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]*>")
RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")
ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*\bt="e"[^>]*>.*?</(?:\w+:)?c>', re.DOTALL)
UNWORKED = re.compile(
    rb"<(?:\w+:)?c\s[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v>\s*</(?:\w+:)?v>|<(?:\w+:)?v\s*/>)?\s*</(?:\w+:)?c>"
)
IS_TEXT = re.compile(rb'^[^>]*\bt="str"')
PLACE = re.compile(rb'^[^>]*\br="([A-Z]{1,3})(\d{1,7})"')
ERROR_TEXT, FORMULA = re.compile(rb"v>([^<]*)<"), re.compile(rb"<(?:\w+:)?f\b[^>]*>([^<]*)<")
ODS = "{urn:oasis:names:tc:opendocument:xmlns:%s:1.0}%s"


Cells = dict[int, dict[int, Broken]]
"""By row and column, both from 0."""


class BrokenCells:
    """The broken cells of one workbook, sheet by sheet."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        file.seek(0)
        self._is_zip = file.read(2) == b"PK"

    def of(self, sheet: str, place: int) -> Cells:
        """Those of a sheet, given by its name and its place among the sheets."""
        found: Cells = {}
        with suppress(*ODD):
            for row, column, text in self._of_zip(sheet) if self._is_zip else errors_of(self._file, place):
                found.setdefault(row, {})[column] = Broken(text)
        return found

    def _of_zip(self, sheet: str) -> Iterator[tuple[int, int, str]]:
        archive = self._archive
        if self._is_ods:
            if self._has_errors:
                with archive.open("content.xml") as content:
                    yield from _of_ods(content, sheet)
        elif part := self._part_of.get(sheet):
            with archive.open(part) as content:
                yield from _of_xlsx(content)

    @cached_property
    def _archive(self) -> ZipFile:
        return ZipFile(self._file)

    @cached_property
    def _is_ods(self) -> bool:
        return "content.xml" in self._archive.namelist()

    @cached_property
    def _has_errors(self) -> bool:
        with self._archive.open("content.xml") as content:
            return any(b'value-type="error"' in part for part in _parts(content, b"table-row>"))

    @cached_property
    def _part_of(self) -> dict[str, str]:
        there = set(self._archive.namelist())
        return {sheet: part for sheet, part in _parts_of(self._archive).items() if part in there}


def _parts_of(archive: ZipFile) -> dict[str, str]:
    """The parts of an .xlsx file that hold its sheets, by their names."""
    named = {
        _attribute(tag, rb"name"): _attribute(tag, rb":id") for tag in SHEET.findall(archive.read("xl/workbook.xml"))
    }
    relations = RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {_attribute(tag, rb"Id"): _attribute(tag, rb"Target") for tag in relations}
    found = {sheet: targets.get(relation, "") for sheet, relation in named.items()}
    return {sheet: target[1:] if target.startswith("/") else f"xl/{target}" for sheet, target in found.items()}


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"(?<![\w:])" + name + rb'="([^"]*)"' if name[:1] != b":" else name + rb'="([^"]*)"', tag)
    return unescape(found[1].decode()) if found else ""


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
    end_of_formula = b""
    for part in _parts(stream, b"row>"):
        end_of_formula = end_of_formula or (b":f>" if b":sheetData" in part else b"</f>")
        if b't="e"' in part:
            yield from _placed(ERROR_CELL.findall(part), ERROR_TEXT)
        if b"<f" in part or b":f" in part:
            unworked = (
                cell for cell in UNWORKED.findall(part) if not IS_TEXT.search(cell)
            )  # ="" means to show nothing
            yield from ((row, column, f"={text}") for row, column, text in _placed(unworked, FORMULA))


def _placed(cells: Iterable[bytes], said: re.Pattern[bytes]) -> Iterator[tuple[int, int, str]]:
    """Row, column and text of cells."""
    for cell in cells:
        if place := PLACE.search(cell):
            text = found[1] if (found := said.search(cell)) else b""
            yield int(place[2]) - 1, _column(place[1]), unescape(text.decode(errors="replace"))


def _column(letters: bytes) -> int:
    """The place of a column from 0: A is 0, AA is 26."""
    return reduce(lambda place, letter: 26 * place + letter - 64, letters, 0) - 1


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
