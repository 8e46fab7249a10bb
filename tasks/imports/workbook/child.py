"""Reads one workbook in a process of its own, which is all that a hostile file can harm.

It writes the sheets to its output, piece by piece. Formulas, links and macros are not evaluated.
"""

import csv
import io
import pickle
import re
import resource
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple
from zipfile import BadZipFile, ZipFile

from models.office_files.sheet import Cell
from tasks.imports.workbook.broken_cells import BrokenCells, Cells

MEMORY = 1536 * 2**20  # bytes of address space: a ledger of 100,000 rows takes a third of it
CPU_SECONDS = 90
GRACE = 5  # seconds between SIGXCPU, by which the parent sees the reason, and SIGKILL
BLOCK = 100_000  # cells in a piece, or one row more
MOST_COLUMNS = 16_384  # no workbook has more; a text file that does is no table
MOST_BYTES = 400 * 2**20  # of all pieces: a long text that a million cells share is small in the file
TOP_LINES = 40  # rows of a text file that show what separates its cells
AS_TEXT = re.compile(r'="([^"]*)"')  # ="00012": so systems keep Excel from making a number of a code

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WEB_PAGE = re.compile(rb"\s*(<!doctype html|<html|<\?xml|<table)", re.IGNORECASE)
TEXTS = (".csv", ".tsv", ".txt")
PACKAGE = "EncryptedPackage".encode("utf-16-le")  # the stream in which Excel encrypts an .xlsx
MANIFEST = "META-INF/manifest.xml"
LONGEST_MANIFEST = 2**20  # bytes
ENCODINGS = ("utf-8-sig", "gb18030")  # every GBK file is GB18030, and none with Chinese in it is UTF-8


class SheetOpened(NamedTuple):
    """The pieces that follow are of this sheet."""

    name: str
    is_hidden: bool
    merged: Sequence[tuple[int, int, int, int]]  # first row and column, last row and column, from 0


class Block(NamedTuple):
    """Rows of the sheet, none of them empty, each with its number from 0."""

    numbers: list[int]
    rows: list[list[Cell]]


class Failure(NamedTuple):
    """Why no more pieces follow."""

    why: str
    detail: str = ""


def main() -> None:
    confine()
    size = 0
    for piece in pieces(Path(sys.argv[1])):
        content = pickle.dumps(piece, protocol=5)
        size += len(content)
        if size > MOST_BYTES:
            content = pickle.dumps(Failure("too large"), protocol=5)
        sys.stdout.buffer.write(content)
    sys.stdout.buffer.write(pickle.dumps(None, protocol=5))


def pieces(path: Path) -> Iterator[SheetOpened | Block | Failure]:
    """Everything in the file, or why it cannot be read, whatever its reader raises."""
    try:
        yield from of_file(path)
    except MemoryError:
        yield Failure("too large")
    except GeneratorExit:
        raise
    except BaseException as problem:  # the panics of calamine are no `Exception`s
        yield Failure("not a workbook", repr(problem))


def confine() -> None:
    with suppress(ValueError, OSError):  # without such limits the parent's timeout remains
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + GRACE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no core dump


def of_file(path: Path) -> Iterator[SheetOpened | Block | Failure]:
    with path.open("rb") as file:
        start = file.read(512)
        file.seek(0)
        if WEB_PAGE.match(start.removeprefix(b"\xef\xbb\xbf")):
            yield Failure("web page")
        elif start.startswith((ZIP, OLE)):
            yield from of_workbook(file)
        elif path.suffix.lower() in TEXTS:
            yield from of_text(path, file.read())
        else:
            yield Failure("not a workbook")


def of_workbook(file: BinaryIO) -> Iterator[SheetOpened | Block | Failure]:
    """The sheets of an .xlsx, .xls or .ods workbook, told apart by content, not by name."""
    from python_calamine import CalamineError, SheetTypeEnum, SheetVisibleEnum, load_workbook

    try:
        book, broken = load_workbook(io.BytesIO(file.read())), BrokenCells(file)
        worksheets = [about for about in book.sheets_metadata if about.typ is SheetTypeEnum.WorkSheet]
        for number, about in enumerate(worksheets):
            sheet = book.get_sheet_by_name(about.name)
            merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
            yield SheetOpened(about.name, about.visible is not SheetVisibleEnum.Visible, merged)
            before = [""] * (sheet.start or (0, 0))[1]  # calamine omits empty columns at the left
            rows = (before + row for row in sheet.iter_rows()) if before else sheet.iter_rows()
            cells = broken.of(about.name, number)
            yield from blocks(filled_in(rows, cells) if cells else rows)
    except (CalamineError, OSError, ValueError) as problem:
        yield Failure("password") if is_locked(file) else Failure("not a workbook", str(problem))


def is_locked(file: BinaryIO) -> bool:
    """Whether a file is a workbook protected by a password, which calamine does not say."""
    from xlrd import open_workbook

    file.seek(0)
    content = file.read()
    if PACKAGE in content:
        return True
    with suppress(BadZipFile, KeyError), ZipFile(file) as archive, archive.open(MANIFEST) as manifest:
        return b"encryption-data" in manifest.read(LONGEST_MANIFEST)
    try:
        open_workbook(file_contents=content, on_demand=True, logfile=sys.stderr)
    except Exception as problem:
        return "encrypted" in str(problem)  # by Excel 95 too, of which msoffcrypto-tool says nothing
    return False


def filled_in(rows: Iterator[list[Cell]], broken: Cells) -> Iterator[list[Cell]]:
    """The rows with the broken cells in their places."""
    for number in range(max(broken) + 1):
        row, cells = next(rows, []), broken.get(number, {})
        row += [""] * (max(cells, default=-1) + 1 - len(row))
        for column, text in cells.items():
            row[column] = text
        yield row
    yield from rows


def of_text(path: Path, content: bytes) -> Iterator[SheetOpened | Block | Failure]:
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
    yield SheetOpened(path.stem, False, ())
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
    # imported by its name, so that the parent finds the classes of what it unpickles
    import tasks.imports.workbook.child as this_module

    this_module.main()
