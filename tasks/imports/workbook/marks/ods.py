"""The marks of an .ods workbook, found by a scan of its content; its merged ranges, too."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import unescape
from typing import IO, NamedTuple
from zipfile import ZipFile

from models.office_files.sheets.sheet import Broken
from tasks.imports.workbook.marks.look import PLAIN, Look, Mark, SheetMarks, Strike, WithGaps, strike_of
from tasks.imports.workbook.marks.ods_styles import OdsStyles, number
from tasks.imports.workbook.marks.xlsx import parts

MOST_ROWS, MOST_COLUMNS = 2**20, 2**14  # of a sheet in any program
ATTRIBUTES = rb"""([^>"']*+(?:(?:"[^"]*+"|'[^']*+')[^>"']*+)*+)>"""
START = re.compile(rb"<(?:\w+:)?(table|table-column|table-row|(?:covered-)?table-cell)(?=[\s/>])" + ATTRIBUTES)
CELL_END = re.compile(rb"</(?:\w+:)?(?:covered-)?table-cell>")
TABLE, ROW = re.compile(rb"<(?:\w+:)?table[\s>]"), re.compile(rb"<(?:\w+:)?table-row(?=[\s/>])" + ATTRIBUTES)
STYLE = re.compile(rb'\bstyle-name="([^"]*)"')
ATTRIBUTE = re.compile(rb"""([\w.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
GAPS = (b":tab/", b":tab ", b":tab>", b":line-break")  # calamine leaves them out
ODD: tuple[bytes, ...] = (b'value-type="error"', b"-spanned=", *GAPS)
SPAN = re.compile(rb"<(?:\w+:)?span(?=[\s/>])" + ATTRIBUTES + rb"(.*?)</(?:\w+:)?span>", re.DOTALL)
COMMENT = re.compile(rb"<(?:\w+:)?annotation[\s>].*?</(?:\w+:)?annotation>", re.DOTALL)
# What stands for a sign, and where a paragraph ends
TAB, SPACES = re.compile(rb"<(?:\w+:)?tab(?=[\s/>])[^>]*>"), re.compile(rb"<(?:\w+:)?s(?=[\s/>])[^>]*>")
GAP = re.compile(rb"<(?:\w+:)?(?:tab|line-break)[\s/>]")
LINE_END = re.compile(rb"<(?:\w+:)?line-break(?=[\s/>])[^>]*>|</(?:\w+:)?p>")
TAGS = re.compile(rb"<[^>]*>")
NULL_DATE = re.compile(rb"""<(?:\w+:)?null-date\s[^>]*date-value\s*=\s*["']1904-01-01""")


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
    has_gaps: bool

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
    def _styles(self) -> OdsStyles:
        return OdsStyles(self._archive)

    def _read(self, part: bytes, table: _Table, tables: dict[str, _Table]) -> _Table:
        has_odd_letters, has_gaps = (any(sign in part for sign in signs) for signs in (self._odd_letters, GAPS))
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
                self._add_cell(table, attributes, _Content(part, found.end(), has_odd_letters, has_gaps))
        return table

    def _begin_row(self, table: _Table, attributes: bytes) -> None:
        table.row, table.column, table.row_look = table.next_row, 0, None
        table.next_row += _repeated(attributes, b"rows")
        if b"default-cell-style-name" in attributes:
            table.row_look = self._styles.looks.get(_attributes(attributes)["default-cell-style-name"], PLAIN)

    def _add_columns(self, table: _Table, about: Mapping[str, str]) -> None:
        look = self._styles.looks.get(about.get("default-cell-style-name", ""), PLAIN)
        start = table.defaults[-1].end if table.defaults else table.column
        table.column = end = start + number(about.get("number-columns-repeated"))
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
            if content.has_odd_letters:
                look = look._replace(strike=self._strike(content.text(), look.strike))
            is_text = not look.strike and b'value-type="string"' in attributes
            mark = (_with_gaps(content) if content.has_gaps and is_text else None) or look
        if mark != PLAIN:
            for row in range(table.row, min(table.next_row, MOST_ROWS)):
                for place in range(column, min(table.column, MOST_COLUMNS)):
                    table.marks.add(row, place, mark)

    @staticmethod
    def _add_merged(table: _Table, column: int, about: Mapping[str, str]) -> None:
        tall, wide = number(about.get("number-rows-spanned")), number(about.get("number-columns-spanned"))
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


def _attributes(text: bytes) -> dict[str, str]:
    """Attributes by their names without prefixes; of two the first."""
    found: dict[str, str] = {}
    for name, double, single in ATTRIBUTE.findall(text):
        found.setdefault(name.decode(), unescape((double or single).decode(errors="replace")))
    return found


def _repeated(attributes: bytes, what: bytes) -> int:
    if b"-repeated" not in attributes:
        return 1
    return number(_attributes(attributes).get(f"number-{what.decode()}-repeated"))


def _with_gaps(content: _Content) -> WithGaps | None:
    """The text of a cell that has a tab or a line break in it."""
    text = content.text()
    if not GAP.search(text):
        return None
    text = SPACES.sub(b" ", TAB.sub(b"\t", LINE_END.sub(b"\n", text)))
    return WithGaps(_text(text).strip())


def _text(content: bytes) -> str:
    return unescape(TAGS.sub(b"", content).decode(errors="replace"))


def _heads(stream: IO[bytes]) -> Iterable[bytes]:
    """The beginning of the content, up to its first row."""
    for part in parts(stream, b">"):
        yield part
        if b"table-row" in part:
            return
