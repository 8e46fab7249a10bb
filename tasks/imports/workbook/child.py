"""Reads one workbook in a process of its own, so that a hostile one costs this process and nothing else.

`tasks/imports/workbook/read.py` starts it with a path; it writes what it finds to its output, piece by piece. Nothing
in the file is evaluated: of a formula its last result is read, links are not followed, macros are not looked at.
"""

import csv
import io
import pickle
import re
import resource
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from tasks.imports.workbook.broken_cells import BrokenCells, Cells
from tasks.imports.workbook.password import is_locked

MEMORY = 1536 * 2**20
"""Bytes of address space: a ledger of 100,000 rows takes a third of it."""
CPU_SECONDS = 90
GRACE = 5
"""Seconds between the signal that says why this process ends, and the one that says nothing."""
BLOCK = 100_000
"""Cells a piece, or one row more."""
MOST_COLUMNS = 16_384
"""No workbook has more; a text file that does is no table."""
MOST_BYTES = 400 * 2**20
"""Of all pieces together: one long text, named by a million cells, is small in the file and large outside."""
TOP_LINES = 40
"""So many rows of a text file tell what separates its cells."""
AS_TEXT = re.compile(r'="([^"]*)"')
"""How systems keep Excel from making a number of a code: ="00012"."""

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WEB_PAGE = re.compile(rb"\s*(<!doctype html|<html|<\?xml|<table)", re.IGNORECASE)
TEXTS = (".csv", ".tsv", ".txt")
"""How text files are called that hold a table."""
ENCODINGS = ("utf-8-sig", "gb18030")
"""What text files are written in here; every GBK file is GB18030, and no GBK file with Chinese in it is UTF-8."""


class SheetOpened(NamedTuple):
    """A sheet follows: its name, whether it is hidden, its merged ranges as (first row, column, last row, column)."""

    name: str
    is_hidden: bool
    merged: Sequence[tuple[int, int, int, int]]


class Block(NamedTuple):
    """Rows of the sheet opened last, none of them empty, each with its number from 0."""

    numbers: list[int]
    rows: list[list[Any]]


class Failure(NamedTuple):
    """Why nothing more follows."""

    why: str
    detail: str = ""


def main() -> None:
    """Read the workbook that the command line names."""
    confine()
    size = 0
    for piece in told(Path(sys.argv[1])):
        content = pickle.dumps(piece, protocol=5)
        size += len(content)
        if size > MOST_BYTES:
            content = pickle.dumps(Failure("too large"), protocol=5)
        sys.stdout.buffer.write(content)
    sys.stdout.buffer.write(pickle.dumps(None, protocol=5))


def told(path: Path) -> Iterator[SheetOpened | Block | Failure]:
    """Everything in the file, or why it cannot be read, whatever befalls its reader."""
    try:
        yield from pieces(path)
    except MemoryError:
        yield Failure("too large")
    except GeneratorExit:
        raise
    except BaseException as problem:  # the panics of calamine are no `Exception`s
        yield Failure("not a workbook", repr(problem))


def confine() -> None:
    """From here on this process takes no more memory and time than a workbook may cost."""
    with suppress(ValueError, OSError):  # a system without such limits has the parent's patience only
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + GRACE))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # who runs out of memory leaves none of it on the disk


def pieces(path: Path) -> Iterator[SheetOpened | Block | Failure]:
    """Everything in the file, or why it cannot be read."""
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
    """The sheets of an .xlsx, .xls or .ods workbook, known by its content, whatever its name."""
    from python_calamine import CalamineError, SheetTypeEnum, SheetVisibleEnum, load_workbook

    try:
        book, broken = load_workbook(io.BytesIO(file.read())), BrokenCells(file)
        worksheets = [about for about in book.sheets_metadata if about.typ is SheetTypeEnum.WorkSheet]
        for number, about in enumerate(worksheets):
            sheet = book.get_sheet_by_name(about.name)
            merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
            yield SheetOpened(about.name, about.visible is not SheetVisibleEnum.Visible, merged)
            before = [""] * (sheet.start or (0, 0))[1]  # it leaves empty columns at the left out
            rows = (before + row for row in sheet.iter_rows()) if before else sheet.iter_rows()
            cells = broken.of(about.name, number)
            yield from blocks(filled_in(rows, cells) if cells else rows)
    except (CalamineError, OSError, ValueError) as problem:
        yield Failure("password") if is_locked(file) else Failure("not a workbook", str(problem))


def filled_in(rows: Iterator[list[Any]], broken: Cells) -> Iterator[list[Any]]:
    """The rows, all of them up to the last broken cell, with the broken cells where they stand."""
    for number in range(max(broken) + 1):
        row, cells = next(rows, []), broken.get(number, {})
        row += [""] * (max(cells, default=-1) + 1 - len(row))
        for column, text in cells.items():
            row[column] = text
        yield row
    yield from rows


def of_text(path: Path, content: bytes) -> Iterator[SheetOpened | Block | Failure]:
    """A text file with a table in it: its encoding and what separates its cells are found out."""
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
    yield from blocks([AS_TEXT.sub(r"\1", cell) if cell[:2] == '="' else cell for cell in row] for row in rows)


def decoded(content: bytes) -> str | None:
    """The text of a file in UTF-16 (with its mark), UTF-8 or GB18030; None when it is none of them."""
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ENCODINGS
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return None


def delimiter_of(text: str) -> str:
    """Comma, tab or semicolon: whichever cuts most of the first rows into the same number of cells, more than one."""

    def fit(delimiter: str) -> tuple[int, int]:
        rows = islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), TOP_LINES)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        return max(((times, width) for width, times in widths.items()), default=(0, 0))

    return max(",\t;", key=fit)


def blocks(rows: Any) -> Iterator[Block]:
    """The rows that are not empty, in pieces."""
    numbers: list[int] = []
    kept: list[list[Any]] = []
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
    # imported by its name, so that what it pickles is found by that name
    import tasks.imports.workbook.child as this_module

    this_module.main()
