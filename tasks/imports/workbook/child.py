"""Reads one workbook in a process of its own, which is all that a hostile file can harm.

The file is its input; it writes the sheets to its output, piece by piece, and can do nothing else.
Formulas, links and macros are not evaluated.
"""

import codecs
import csv
import io
import re
import struct
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import PurePath
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

from models.office_files.sheets.sheet import Cell
from tasks.imports.confinement import confine
from tasks.imports.workbook.marks.book import Marks
from tasks.imports.workbook.marks.look import Cells, marked
from tasks.imports.workbook.pieces import BLOCK, MOST_COLUMNS, YEARS, Block, Failure, Piece, Saved, SheetOpened
from tasks.imports.workbook.sending import Sender

TOP_LINES = 40  # rows of a text file that show what separates its cells
AS_TEXT = re.compile(r'="([^"]*)"')  # ="00012": so systems keep Excel from making a number of a code

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WEB_PAGE = re.compile(rb"\s*(<!doctype html|<html|<\?xml|<table)", re.IGNORECASE)
TEXTS = (".csv", ".tsv", ".txt")
PACKAGE = "EncryptedPackage".encode("utf-16-le")  # the stream in which Excel encrypts an .xlsx
MANIFEST = "META-INF/manifest.xml"
LONGEST_MANIFEST = 2**20  # bytes
# Where an .xlsx and an .ods say when they were last saved, and an .xls, whose moments count
# ten-millionths of a second from 1601
SAVED = {
    "docProps/core.xml": re.compile(rb"<(?:\w+:)?modified\b[^>]*>\s*([^<]{10,40}?)\s*<"),
    "meta.xml": re.compile(rb"<(?:\w+:)?date>\s*([^<]{10,40}?)\s*<"),
}
SUMMARY, LAST_SAVED, FILETIME = "\x05SummaryInformation", 13, 64
FIRST_FILETIME = datetime(1601, 1, 1, tzinfo=UTC)
ENCODINGS = ("utf-8-sig", "gb18030")  # every GBK file is GB18030, and none with Chinese in it is UTF-8
# In which an .xls file may hold its texts; most by far are in the first
EXCEL_97_ENCODINGS = (
    *("utf-16-le", "latin-1", "ascii", "cp936", "cp950", "cp932", "cp949", "cp437", "cp850", "cp852", "cp866"),
    *(f"cp{number}" for number in range(1250, 1259)),
    *("mac-roman", "mac-greek", "mac-cyrillic", "mac-latin2", "mac-turkish"),
)


def main() -> None:
    file, sender = sys.stdin.buffer, Sender(sys.stdout.buffer)
    load_readers(file.read(len(OLE)))
    confine()
    for piece in pieces(file, sys.argv[1]):
        try:
            sender.send(piece)
        except MemoryError:
            sender.send(Failure("too large"))
            break
    sender.close()


def load_readers(start: bytes) -> None:
    """Load what reads a file that begins like this: later nothing can be loaded any more."""
    encodings: tuple[str, ...] = (*ENCODINGS, "utf-16")
    if start.startswith((ZIP, OLE)):
        import python_calamine  # noqa: F401

        encodings = ("cp437",)  # of names in archives
    if start.startswith(OLE):
        # Takes 70 ms, which other files need not wait for
        import tasks.imports.workbook.marks.excel_97  # noqa: F401

        encodings = EXCEL_97_ENCODINGS
    for encoding in encodings:
        codecs.lookup(encoding)


def pieces(file: BinaryIO, name: str) -> Iterator[Piece]:
    """Everything in the file, or why it cannot be read, whatever its reader raises."""
    try:
        yield from of_file(file, name)
    except MemoryError:
        yield Failure("too large")
    except GeneratorExit:
        raise
    except BaseException as problem:  # the panics of calamine are no `Exception`s
        yield Failure("not a workbook", repr(problem))


def of_file(file: BinaryIO, name: str) -> Iterator[Piece]:
    file.seek(0)
    start = file.read(512)
    file.seek(0)
    if WEB_PAGE.match(start.removeprefix(b"\xef\xbb\xbf")):
        yield Failure("web page")
    elif start.startswith((ZIP, OLE)):
        yield from of_workbook(file)
    elif PurePath(name).suffix.lower() in TEXTS:
        yield from of_text(PurePath(name).stem, file.read())
    else:
        yield Failure("not a workbook")


def of_workbook(file: BinaryIO) -> Iterator[Piece]:
    """The sheets of an .xlsx, .xls or .ods workbook, told apart by content, not by name."""
    from python_calamine import CalamineError, SheetTypeEnum, SheetVisibleEnum, load_workbook

    try:
        book, finder = load_workbook(io.BytesIO(file.read())), Marks(file)
        yield from saved(file)
        worksheets = [about for about in book.sheets_metadata if about.typ is SheetTypeEnum.WorkSheet]
        for number, about in enumerate(worksheets):
            sheet = book.get_sheet_by_name(about.name)
            marks = finder.of(about.name, number)
            merged = marks.merged or [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
            is_hidden = about.visible is not SheetVisibleEnum.Visible
            yield SheetOpened(about.name, is_hidden, merged, marks.is_1904, marks.has_looks)
            before = [""] * (sheet.start or (0, 0))[1]  # calamine omits empty columns at the left
            rows = (before + row for row in sheet.iter_rows()) if before else sheet.iter_rows()
            yield from blocks(with_marks(rows, marks.cells) if marks.cells else rows)
    except (CalamineError, OSError, ValueError) as problem:
        yield Failure("password") if is_locked(file) else Failure("not a workbook", str(problem))


def saved(file: BinaryIO) -> Iterator[Saved]:
    """When the workbook was last saved, if it says so; whatever is wrong there is no matter."""
    with suppress(Exception):
        file.seek(0)
        start = file.read(len(OLE))
        moment = _saved_zip(file) if start.startswith(ZIP) else _saved_excel_97(start + file.read())
        if moment and moment.year in YEARS:
            yield Saved(moment.isoformat())


def _saved_zip(file: BinaryIO) -> datetime | None:
    with ZipFile(file) as archive:
        for name, pattern in SAVED.items():
            if name in archive.namelist():
                with archive.open(name) as properties:
                    match = pattern.search(properties.read(LONGEST_MANIFEST))
                return datetime.fromisoformat(match[1].decode()[:26].rstrip()) if match else None
    return None


def _saved_excel_97(content: bytes) -> datetime | None:
    from xlrd.compdoc import CompDoc

    properties = CompDoc(content, logfile=sys.stderr).get_named_stream(SUMMARY) or b""
    (start,) = struct.unpack_from("<I", properties, 44)
    (count,) = struct.unpack_from("<I", properties, start + 4)
    for number in range(min(count, 100)):
        kind, offset = struct.unpack_from("<II", properties, start + 8 + 8 * number)
        if kind == LAST_SAVED:
            of_type, ticks = struct.unpack_from("<IQ", properties, start + offset)
            return FIRST_FILETIME + timedelta(microseconds=ticks // 10) if of_type == FILETIME and ticks else None
    return None


def is_locked(file: BinaryIO) -> bool:
    """Whether a file is a workbook protected by a password, which calamine does not say."""
    file.seek(0)
    content = file.read()
    if PACKAGE in content:
        return True
    if not content.startswith(OLE):
        with suppress(BadZipFile, KeyError), ZipFile(file) as archive, archive.open(MANIFEST) as manifest:
            return b"encryption-data" in manifest.read(LONGEST_MANIFEST)
        return False
    from xlrd import open_workbook

    try:
        open_workbook(file_contents=content, on_demand=True, logfile=sys.stderr)
    except Exception as problem:
        return "encrypted" in str(problem)  # by Excel 95 too, of which msoffcrypto-tool says nothing
    return False


def with_marks(rows: Iterator[list[Cell]], marks: Cells) -> Iterator[list[Cell]]:
    """The rows with the cells that are odd marked."""
    for number in range(max(marks) + 1):
        row, cells = next(rows, []), marks.get(number)
        if cells:
            row += [""] * (max(cells) + 1 - len(row))
            for column, mark in cells.items():
                row[column] = marked(row[column], mark)
        yield row
    yield from rows


def of_text(title: str, content: bytes) -> Iterator[Piece]:
    """The table of a text file; its encoding and separator are detected."""
    text = decoded(content)
    if text is None:
        yield Failure("not text")
        return
    csv.field_size_limit(10**6)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text)))
    except csv.Error as problem:
        yield Failure("not a table", str(problem))
        return
    yield SheetOpened(title, False, ())
    cells: Iterator[list[Cell]] = (
        [AS_TEXT.sub(r"\1", cell) if cell[:2] == '="' else cell for cell in row] for row in rows
    )
    yield from blocks(cells)


def decoded(content: bytes) -> str | None:
    """The text of a file in UTF-16 (with a byte order mark), UTF-8 or GB18030; else None."""
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ENCODINGS
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return None


def delimiter_of(text: str) -> str:
    """Comma, tab or semicolon: which gives most of the first rows the same number of cells."""

    def fit(delimiter: str) -> tuple[int, int]:
        rows = islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), TOP_LINES)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        return max(((times, width) for width, times in widths.items()), default=(0, 0))

    return max(",\t;", key=fit)


def blocks(rows: Iterable[list[Cell]]) -> Iterator[Block]:
    numbers: list[int] = []
    kept: list[list[Cell]] = []
    size = 0
    for number, row in enumerate(rows):
        if any(row) or row.count("") < len(row):
            numbers.append(number)
            kept.append(row)
            size += len(row)
            if len(row) > MOST_COLUMNS:
                raise MemoryError
            if size >= BLOCK:
                yield Block(numbers, kept)
                numbers, kept, size = [], [], 0
    yield Block(numbers, kept)


if __name__ == "__main__":
    main()
