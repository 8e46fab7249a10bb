"""The marks of an .xlsx workbook, found by a scan of its parts.

Errors (#REF!) and formulas never calculated calamine gives as empty cells. That part may go when
https://github.com/dimastbk/python-calamine/issues/105 is solved.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, reduce
from html import unescape
from typing import IO
from zipfile import ZipFile

from models.office_files.sheets.sheet import Broken
from tasks.imports.workbook.marks.look import PLAIN, Look, SheetMarks, Strike, look_of, strike_of

CHUNK = 2**18  # bytes of a sheet scanned at a time
MOST_TRIED = 20  # numbers that one pattern asks for
# Not by an XML parser: it refuses files that calamine reads, for an undeclared prefix for example.
TAG = rb"""<(?:\w+:)?%b((?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'))+)"""
ELEMENTS = rb"<(?:\w+:)?%b(?:\s[^>]*)?(?:/>|(?<!/)>(.*?)</(?:\w+:)?%b>)"
SHEET, RELATION, ABOUT_BOOK = (re.compile(TAG % name) for name in (b"sheet", b"Relationship", b"workbookPr"))
NUMBER_FORMAT, CELL_FORMAT = re.compile(TAG % b"numFmt"), re.compile(TAG % b"xf")
ATTRIBUTE = re.compile(rb"""([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
FONTS, CELL_FORMATS = (re.compile(ELEMENTS % (name, name), re.DOTALL) for name in (b"fonts", b"cellXfs"))
FONT, TEXT = (re.compile(ELEMENTS % (name, name), re.DOTALL) for name in (b"font", b"si"))
RUN, LETTERS = (re.compile(ELEMENTS % (name, name), re.DOTALL) for name in (b"r", b"t"))
READING = re.compile(ELEMENTS % (b"rPh", b"rPh"), re.DOTALL)  # how a text is pronounced
STRIKE = re.compile(rb"""<(?:\w+:)?strike(?!\s+val\s*=\s*["'](?:0|false|off))[\s/>]""")
ERROR_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*\bt="e"[^>]*>.*?</(?:\w+:)?c>', re.DOTALL)
UNCALCULATED = re.compile(
    rb"<(?:\w+:)?c\s[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v>\s*</(?:\w+:)?v>|<(?:\w+:)?v\s*/>)?\s*</(?:\w+:)?c>"
)
OWN_TEXT = re.compile(rb'<(?:\w+:)?c\s[^>]*\bt="inlineStr"[^>]*>.*?</(?:\w+:)?c>', re.DOTALL)
SHARED_TEXT = re.compile(rb'<(?:\w+:)?c\s[^>]*\bt="s"[^>]*>\s*<(?:\w+:)?v>\d+<')
CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*>")
IS_TEXT = re.compile(rb'^[^>]*\bt="str"')
CELL_NAME = re.compile(rb'^[^>]*\br="([A-Z]{1,3})(\d{1,7})"')
ERROR_TEXT, FORMULA = re.compile(rb"v>([^<]*)<"), re.compile(rb"<(?:\w+:)?f\b[^>]*>([^<]*)<")
BUILT_IN = {"9": "0%", "10": "0.00%"}  # the other ones show days, or signs of money that depend on the computer
YES = {"1", "true", "on"}


class XlsxMarks:
    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive

    def find(self, name: str, _number: int, marks: SheetMarks) -> None:
        marks.is_1904 = self._is_1904
        if part := self._part_of.get(name):
            with self._archive.open(part) as content:
                self._find_in(content, marks)

    def _find_in(self, stream: IO[bytes], marks: SheetMarks) -> None:
        try:
            looks, struck = self._looks, self._struck_texts
        except MemoryError:
            raise
        except Exception:  # of faulty styles or texts
            looks, struck, marks.has_looks = {}, {}, False
        marks.has_looks &= b"0" not in looks  # cells of the first style need not name it
        style_pattern, text_pattern = _pattern(rb' s="(%b)"', looks), _pattern(rb"v>(%b)<", struck)
        for part in parts(stream, b"row>"):
            if b't="e"' in part:
                for row, column, text in _placed(ERROR_CELL.findall(part), ERROR_TEXT):
                    marks.add(row, column, Broken(text))
            if b"<f" in part or b":f" in part:
                # ="" is calculated: it shows nothing
                uncalculated = (cell for cell in UNCALCULATED.findall(part) if not IS_TEXT.search(cell))
                for row, column, text in _placed(uncalculated, FORMULA):
                    marks.add(row, column, Broken(f"={text}"))
            if style_pattern:
                marks.has_looks &= b" s='" not in part  # as no program writes it
                for found in style_pattern.finditer(part):
                    if look := looks.get(found[1]):
                        _add(CELL.match(part, part.rfind(b"<", 0, found.start())), look, marks)
            if text_pattern:
                for found in text_pattern.finditer(part):
                    if strike := struck.get(found[1]):
                        start = part.rfind(b"<", 0, part.rfind(b"<", 0, found.start()))
                        _add(SHARED_TEXT.match(part, start), Look("", strike), marks)
            if b"strike" in part:
                for found in OWN_TEXT.finditer(part):
                    _add(found, Look("", _strike(found[0])), marks)

    @cached_property
    def _parts_by_kind(self) -> dict[str, str]:
        """A part of each kind that belongs to the workbook, such as `styles`."""
        return {kind.rpartition("/")[2]: target for kind, target in self._relations.values()}

    @cached_property
    def _relations(self) -> dict[str, tuple[str, str]]:
        """Kind and part of what belongs to the workbook, by the name it uses."""
        relations = {}
        for relation in self._attributes(self._archive.read("xl/_rels/workbook.xml.rels"), RELATION):
            target = relation.get("Target", "")
            part = target[1:] if target.startswith("/") else f"xl/{target}"
            relations[relation.get("Id", "")] = relation.get("Type", ""), part
        return relations

    @cached_property
    def _part_of(self) -> dict[str, str]:
        """The parts that hold the sheets, by sheet name."""
        parts = {}
        for sheet in self._attributes(self._workbook, SHEET):
            relation_id = next((value for name, value in sheet.items() if name.endswith(":id")), "")
            parts[sheet.get("name", "")] = self._relations.get(relation_id, ("", ""))[1]
        there = set(self._archive.namelist())
        return {name: part for name, part in parts.items() if part in there}

    @cached_property
    def _workbook(self) -> bytes:
        return self._archive.read("xl/workbook.xml")

    @cached_property
    def _is_1904(self) -> bool:
        return any(about.get("date1904") in YES for about in self._attributes(self._workbook, ABOUT_BOOK))

    @cached_property
    def _looks(self) -> dict[bytes, Look]:
        """The looks that tell something, by the number of their style."""
        part = self._parts_by_kind.get("styles", "")
        styles = self._archive.read(part) if part in self._archive.namelist() else b""
        pairs = self._attributes(styles, NUMBER_FORMAT)
        codes = BUILT_IN | {about.get("numFmtId", ""): about.get("formatCode", "") for about in pairs}
        fonts = FONTS.search(styles)
        strikes = [bool(STRIKE.search(font or b"")) for font in FONT.findall(fonts[1] or b"")] if fonts else []
        struck = {str(number) for number, is_struck in enumerate(strikes) if is_struck}
        formats, looks = CELL_FORMATS.search(styles), {}
        for number, about in enumerate(self._attributes(formats[1] or b"", CELL_FORMAT) if formats else ()):
            strike = Strike.WHOLE if about.get("fontId") in struck else Strike.NONE
            looks[str(number).encode()] = look_of(codes.get(about.get("numFmtId", ""), ""), strike)
        return {number: look for number, look in looks.items() if look != PLAIN}

    @cached_property
    def _struck_texts(self) -> dict[bytes, Strike]:
        """How much of the shared texts is struck through, by their number."""
        part = self._parts_by_kind.get("sharedStrings", "")
        if part not in self._archive.namelist():
            return {}
        with self._archive.open(part) as content:
            if not any(b"strike" in piece for piece in parts(content, b">")):
                return {}
        strikes = enumerate(map(_strike, TEXT.findall(self._archive.read(part))))
        return {str(number).encode(): strike for number, strike in strikes if strike}

    @staticmethod
    def _attributes(text: bytes, tag: re.Pattern[bytes]) -> Iterator[dict[str, str]]:
        for attributes in tag.findall(text):
            yield {
                name.decode(): unescape((double or single).decode(errors="replace"))
                for name, double, single in ATTRIBUTE.findall(attributes)
            }


def parts(stream: IO[bytes], end: bytes) -> Iterator[bytes]:
    """A stream in parts that hold whole rows."""
    rest = b""
    while chunk := stream.read(CHUNK):
        text = rest + chunk
        cut = text.rfind(end) + len(end) if end in text else 0
        yield text[:cut]
        rest = text[cut:]
    yield rest


def _pattern(around: bytes, numbers: Mapping[bytes, object]) -> re.Pattern[bytes] | None:
    """Finds these numbers within the bytes around them, or any if they are too many to try."""
    if not numbers:
        return None
    return re.compile(around % (b"|".join(numbers) if len(numbers) <= MOST_TRIED else rb"\d+"))


def _strike(text: bytes) -> Strike:
    runs = RUN.findall(READING.sub(b"", text))
    return strike_of(
        (b"".join(LETTERS.findall(run)).decode(errors="replace"), bool(STRIKE.search(run))) for run in runs
    )


def _add(cell: re.Match[bytes] | None, look: Look, marks: SheetMarks) -> None:
    if cell is None or look == PLAIN or cell[0].endswith(b"/>"):  # no cell, or an empty one
        return
    if name := CELL_NAME.search(cell[0]):
        marks.add(int(name[2]) - 1, _column(name[1]), look)
    else:
        marks.has_looks = False  # no cell needs a name, but nearly every program gives it


def _placed(cells: Iterable[bytes], content: re.Pattern[bytes]) -> Iterator[tuple[int, int, str]]:
    for cell in cells:
        if cell_name := CELL_NAME.search(cell):
            text = match[1] if (match := content.search(cell)) else b""
            yield int(cell_name[2]) - 1, _column(cell_name[1]), unescape(text.decode(errors="replace"))


def _column(letters: bytes) -> int:
    """A column's number from 0: A is 0, AA is 26."""
    return reduce(lambda number, letter: 26 * number + letter - 64, letters, 0) - 1
