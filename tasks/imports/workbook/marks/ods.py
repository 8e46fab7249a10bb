"""The marks of an .ods workbook, found by a scan of its content; its merged ranges, too."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape, unescape
from typing import IO, NamedTuple
from zipfile import ZipFile

from models.office_files.sheets.sheet import Broken
from tasks.imports.workbook.marks.look import PLAIN, Look, Mark, SheetMarks, Strike, look_of, strike_of
from tasks.imports.workbook.marks.xlsx import parts

MOST_ROWS, MOST_COLUMNS = 2**20, 2**14  # of a sheet in any program
MOST_DIGITS = 30
NUMBER_STYLES = {"number-style", "currency-style", "percentage-style", "text-style"}
ATTRIBUTES = rb"""([^>"']*+(?:(?:"[^"]*+"|'[^']*+')[^>"']*+)*+)>"""
START = re.compile(rb"<(?:\w+:)?(table|table-column|table-row|(?:covered-)?table-cell)(?=[\s/>])" + ATTRIBUTES)
CELL_END = re.compile(rb"</(?:\w+:)?(?:covered-)?table-cell>")
TABLE, ROW = re.compile(rb"<(?:\w+:)?table[\s>]"), re.compile(rb"<(?:\w+:)?table-row(?=[\s/>])" + ATTRIBUTES)
STYLE = re.compile(rb'\bstyle-name="([^"]*)"')
ATTRIBUTE = re.compile(rb"""([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
ODD = (b'value-type="error"', b"-spanned=")
SPAN = re.compile(rb"<(?:\w+:)?span(?=[\s/>])" + ATTRIBUTES + rb"(.*?)</(?:\w+:)?span>", re.DOTALL)
COMMENT = re.compile(rb"<(?:\w+:)?annotation[\s>].*?</(?:\w+:)?annotation>", re.DOTALL)
TAGS = re.compile(rb"<[^>]*>")
NULL_DATE = re.compile(rb"""<(?:\w+:)?null-date\s[^>]*date-value\s*=\s*["']1904-01-01""")


@dataclass
class _Style:
    """A style of cells or of letters; None is what its parent says."""

    parent: str
    number_format: str | None = None  # the name of a style of numbers
    is_struck: bool | None = None


class _Default(NamedTuple):
    """The look of a column's cells that have no style of their own."""

    end: int
    look: Look


@dataclass
class _Table:
    marks: SheetMarks
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    defaults: list[_Default] = field(default_factory=list)
    row: int = -1
    next_row: int = 0
    column: int = 0
    row_look: Look | None = None


class _Content(NamedTuple):
    """Where the content of a cell begins, which is looked at if it must be."""

    part: bytes
    start: int
    has_odd_letters: bool

    def text(self) -> bytes:
        end = CELL_END.search(self.part, self.start)
        return COMMENT.sub(b"", self.part[self.start : end.start()]) if end else b""


class OdsMarks:
    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive

    def find(self, name: str, _number: int, marks: SheetMarks) -> None:
        table = self._tables.get(name)
        if table is None:
            marks.has_looks = False
            return
        marks.cells, marks.merged = table.marks.cells, table.merged
        marks.is_1904, marks.has_looks = self._is_1904, self._styles.is_whole

    @cached_property
    def _tables(self) -> dict[str, _Table]:
        tables: dict[str, _Table] = {}
        table = _Table(SheetMarks())
        with self._archive.open("content.xml") as content:
            for part in parts(content, b"table-row>"):
                if table.defaults or TABLE.search(part) or any(odd in part for odd in self._odd):
                    table = self._read(part, table, tables)
                else:
                    for found in ROW.finditer(part):
                        self._begin_row(table, found[1])
        return tables

    @cached_property
    def _is_1904(self) -> bool:
        with self._archive.open("content.xml") as content:
            return any(map(NULL_DATE.search, _heads(content)))

    @cached_property
    def _odd(self) -> tuple[bytes, ...]:
        """What a part of the content has that is looked at cell by cell."""
        return ODD + self._odd_letters + tuple(b'"%b"' % name for name in self._styles.looks_by_name)

    @cached_property
    def _odd_letters(self) -> tuple[bytes, ...]:
        return tuple(b'"%b"' % name.encode() for name in self._styles.struck_letters)

    @cached_property
    def _styles(self) -> "_Styles":
        return _Styles(self._archive)

    def _read(self, part: bytes, table: _Table, tables: dict[str, _Table]) -> _Table:
        has_odd_letters = any(name in part for name in self._odd_letters)
        for found in START.finditer(part):
            kind, attributes = found[1], found[2]
            if kind == b"table":
                table = _Table(SheetMarks())
                tables.setdefault(_attributes(attributes).get("name", ""), table)
            elif kind == b"table-column":
                self._add_columns(table, _attributes(attributes))
            elif kind == b"table-row":
                self._begin_row(table, attributes)
            else:
                self._add_cell(table, attributes, _Content(part, found.end(), has_odd_letters))
        return table

    def _begin_row(self, table: _Table, attributes: bytes) -> None:
        table.row, table.column, table.row_look = table.next_row, 0, None
        table.next_row += _repeated(attributes, b"rows")
        if b"default-cell-style-name" in attributes:
            table.row_look = self._styles.looks.get(_attributes(attributes)["default-cell-style-name"], PLAIN)

    def _add_columns(self, table: _Table, about: Mapping[str, str]) -> None:
        look = self._styles.looks.get(about.get("default-cell-style-name", ""), PLAIN)
        start = table.defaults[-1].end if table.defaults else table.column
        table.column = end = start + _number(about.get("number-columns-repeated"))
        if table.defaults or look != PLAIN:
            before = [] if table.defaults or not start else [_Default(start, PLAIN)]
            table.defaults += [*before, _Default(end, look)]

    def _add_cell(self, table: _Table, attributes: bytes, content: _Content) -> None:
        column, times = table.column, _repeated(attributes, b"columns")
        table.column += times
        if b"-spanned" in attributes:
            self._add_merged(table, column, _attributes(attributes))
        if attributes.endswith(b"/"):
            return
        if b'value-type="error"' in attributes:
            mark: Mark = Broken(_text(content.text()).strip())
        else:
            look = self._look(table, attributes, column)
            mark = look._replace(strike=self._strike(content.text(), look.strike)) if content.has_odd_letters else look
        if mark != PLAIN:
            for row in range(table.row, min(table.next_row, MOST_ROWS)):
                for place in range(column, min(table.column, MOST_COLUMNS)):
                    table.marks.add(row, place, mark)

    @staticmethod
    def _add_merged(table: _Table, column: int, about: Mapping[str, str]) -> None:
        tall, wide = _number(about.get("number-rows-spanned")), _number(about.get("number-columns-spanned"))
        if (tall > 1 or wide > 1) and len(table.merged) < MOST_ROWS:
            last_row, last_column = min(table.row + tall, MOST_ROWS) - 1, min(column + wide, MOST_COLUMNS) - 1
            table.merged.append((table.row, column, last_row, last_column))

    def _look(self, table: _Table, attributes: bytes, column: int) -> Look:
        if style := STYLE.search(attributes):
            return self._styles.looks_by_name.get(style[1], PLAIN)
        if table.row_look is not None:
            return table.row_look
        return next((default.look for default in table.defaults if column < default.end), PLAIN)

    def _strike(self, content: bytes, own: Strike) -> Strike:
        """How much of a cell's text is struck through by its letters' styles or its own."""
        spans = SPAN.findall(content)
        if not spans:
            return own
        runs = [(text, self._styles.strikes_letters(_attributes(about).get("style-name", ""))) for about, text in spans]
        return strike_of(
            (TAGS.sub(b"", text).decode(errors="replace"), bool(own) if is_struck is None else is_struck)
            for text, is_struck in [*runs, (SPAN.sub(b"", content), None)]
        )


class _Styles:
    """The styles of cells and of letters that tell something."""

    def __init__(self, archive: ZipFile) -> None:
        self.is_whole = True
        self._codes: dict[str, str] = {}
        self._styles: dict[tuple[str, str], _Style] = {}
        for name in ("styles.xml", "content.xml"):
            if name in archive.namelist():
                with archive.open(name) as stream:
                    self._read(stream)
        self.looks = {
            name: look
            for family, name in self._styles
            if family == "table-cell" and (look := self._look(name)) != PLAIN
        }
        self.looks_by_name = {
            escape(name).encode(): look for name, look in self.looks.items()
        }  # as the tables write it
        self.struck_letters = {name for family, name in self._styles if family == "text" and self.strikes_letters(name)}

    def _read(self, stream: IO[bytes]) -> None:
        try:
            for element in _styles_of(stream):
                kind, name = _kind(element), _value(element, "name")
                if kind == "style":
                    self._styles[_value(element, "family"), name] = _style(element)
                else:
                    self._codes[name] = _code(element, self._codes)
        except ET.ParseError:
            self.is_whole = False

    def _look(self, name: str) -> Look:
        number_format = self._inherited("table-cell", name, "number_format")
        strike = Strike.WHOLE if self._inherited("table-cell", name, "is_struck") else Strike.NONE
        return look_of(self._codes.get(str(number_format), ""), strike)

    def strikes_letters(self, name: str) -> bool | None:
        """Whether letters of a style are struck through; None if it says nothing of it."""
        is_struck = self._inherited("text", name, "is_struck")
        return None if is_struck is None else bool(is_struck)

    def _inherited(self, family: str, name: str, part: str) -> object:
        for _generation in range(20):
            style = self._styles.get((family, name))
            if style is None:
                return None
            if (value := getattr(style, part)) is not None:
                return value
            name = style.parent
        return None


def _styles_of(stream: IO[bytes]) -> Iterator[ET.Element]:
    """The styles of cells, letters and numbers in a part, which come before its tables."""
    depth = 0
    for event, element in ET.iterparse(stream, ("start", "end")):  # noqa: S314 - expat bounds entities, the process memory
        if event == "start":
            if _kind(element) in ("body", "master-styles"):
                return
            depth += 1
            continue
        depth -= 1
        if depth == 2 and (_kind(element) == "style" or _kind(element).endswith(("number-style", "-style"))):
            yield element
            element.clear()


def _style(element: ET.Element) -> _Style:
    style = _Style(_value(element, "parent-style-name"), _value(element, "data-style-name") or None)
    for properties in element:
        if _kind(properties) == "text-properties":
            line = _value(properties, "text-line-through-style") or _value(properties, "text-line-through-type")
            style.is_struck = line != "none" if line else None
    return style


def _code(style: ET.Element, codes: Mapping[str, str]) -> str:
    """A style of numbers as Excel writes a number format; empty for days, texts and yes or no."""
    if _kind(style) not in NUMBER_STYLES:
        return ""
    sections = []
    for element in style:
        if _kind(element) == "map":
            condition = _value(element, "condition").replace("value()", "").replace("!=", "<>")
            sections.append(f"[{condition}]{codes.get(_value(element, 'apply-style-name'), '')}")
    code = "".join(map(_piece, style))
    if _kind(style) == "text-style":  # the numbers have sections of their own
        return ";".join(sections)
    return ";".join([*sections, code.replace("\\%", "%") if _kind(style) == "percentage-style" else code])


def _piece(element: ET.Element) -> str:
    kind, text = _kind(element), element.text or ""
    if kind == "number":
        return _digits(element)
    if kind == "text":
        return _literal(text)
    if kind == "currency-symbol" and text:
        place = "-".join(filter(None, (_value(element, "language"), _value(element, "country"))))
        return f"[${text.replace(']', '')}-{place}]"
    return "0E+0" if kind in ("scientific-number", "fraction") else ""


def _literal(text: str) -> str:
    return "".join(f"\\{sign}" for sign in text)


def _digits(element: ET.Element) -> str:
    shortest = min(_number(_value(element, "min-integer-digits"), 0), MOST_DIGITS)
    inner = {_number(_value(part, "position"), 0): _literal(part.text or "") for part in element}
    longest = max(1, shortest, *(place + 1 for place in inner if place < MOST_DIGITS))
    whole = [("0" if place < shortest else "#") + inner.get(place, "") for place in reversed(range(longest))]
    decimals = "0" * min(
        _number(_value(element, "min-decimal-places") or _value(element, "decimal-places"), 0), MOST_DIGITS
    )
    thousands = "," * ((len(str(_number(_value(element, "display-factor")))) - 1) // 3)
    return "".join(whole) + ("." + decimals if decimals else "") + thousands


def _kind(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _value(element: ET.Element, name: str) -> str:
    return next((value for key, value in element.items() if key.rpartition("}")[2] == name), "")


def _attributes(text: bytes) -> dict[str, str]:
    """Attributes by their names without prefixes; of two the first."""
    found: dict[str, str] = {}
    for name, double, single in ATTRIBUTE.findall(text):
        found.setdefault(name.decode(), unescape((double or single).decode(errors="replace")))
    return found


def _repeated(attributes: bytes, what: bytes) -> int:
    if b"-repeated" not in attributes:
        return 1
    return _number(_attributes(attributes).get(f"number-{what.decode()}-repeated"))


def _number(text: str | None, otherwise: int = 1) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _text(content: bytes) -> str:
    return unescape(TAGS.sub(b"", content).decode(errors="replace"))


def _heads(stream: IO[bytes]) -> Iterable[bytes]:
    """The beginning of the content, up to its first row."""
    for part in parts(stream, b">"):
        yield part
        if b"table-row" in part:
            return
