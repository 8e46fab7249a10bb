"""Reads one workbook in a process of its own, so that a hostile one costs this process and nothing else.

It is started by `tasks/workbook.py` with a path, and writes what it finds to its output, piece by piece. Nothing in the
file is evaluated: of a formula its last result is read, links are not followed, macros are not looked at.
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

MEMORY = 1536 * 2**20
"""Bytes of address space: a ledger of 100,000 rows takes a third of it."""
CPU_SECONDS = 90
BLOCK = 5000
"""Rows a piece."""
TOP_LINES = 40
"""So many lines of a text file tell what separates its cells."""

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WEB_PAGE = re.compile(rb"\s*(<!doctype html|<html|<\?xml|<table)", re.IGNORECASE)
ENCODINGS = ("utf-8-sig", "gb18030")
"""What text files are written in here; every GBK file is GB18030, and no GBK file with Chinese in it is UTF-8."""


class Opened(NamedTuple):
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
    output = sys.stdout.buffer
    for piece in pieces(Path(sys.argv[1])):
        pickle.dump(piece, output, protocol=5)
    pickle.dump(None, output, protocol=5)


def confine() -> None:
    """From here on this process takes no more memory and time than a workbook may cost."""
    with suppress(ValueError, OSError):  # a system without such limits has the parent's patience only
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def pieces(path: Path) -> Iterator[Opened | Block | Failure]:
    """Everything in the file, or why it cannot be read."""
    with path.open("rb") as file:
        start = file.read(512)
        file.seek(0)
        if WEB_PAGE.match(start.removeprefix(b"\xef\xbb\xbf")):
            yield Failure("web page")
        elif start.startswith((ZIP, OLE)):
            yield from of_workbook(file)
        elif path.suffix.lower() in (".csv", ".txt", ".tsv"):
            yield from of_text(path, file.read())
        else:
            yield Failure("not a workbook")


def of_workbook(file: BinaryIO) -> Iterator[Opened | Block | Failure]:
    """The sheets of an .xlsx, .xls or .ods workbook, known by its content, whatever its name."""
    from python_calamine import CalamineError, PasswordError, SheetTypeEnum, SheetVisibleEnum, load_workbook

    try:
        book = load_workbook(io.BytesIO(file.read()))
        for about in book.sheets_metadata:
            if about.typ is SheetTypeEnum.WorkSheet:
                sheet = book.get_sheet_by_name(about.name)
                merged = [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
                yield Opened(about.name, about.visible is not SheetVisibleEnum.Visible, merged)
                before = [""] * (sheet.start or (0, 0))[1]  # it leaves empty columns at the left out
                yield from blocks((before + row for row in sheet.iter_rows()) if before else sheet.iter_rows())
    except PasswordError:
        yield Failure("password")
    except MemoryError:
        yield Failure("too large")
    except (CalamineError, OSError, ValueError) as problem:
        yield Failure("not a workbook", str(problem))


def of_text(path: Path, content: bytes) -> Iterator[Opened | Block | Failure]:
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
    yield Opened(path.stem, False, ())
    yield from blocks(rows)


def decoded(content: bytes) -> str | None:
    """The text of a file in UTF-16 (with its mark), UTF-8 or GB18030; None when it is none of them."""
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ENCODINGS
    for encoding in encodings:
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return None


def delimiter_of(text: str) -> str:
    """Comma, tab or semicolon: whichever the first lines use most."""
    found = Counter(char for line in islice(io.StringIO(text), TOP_LINES) for char in line if char in ",\t;")
    return found.most_common(1)[0][0] if found else ","


def blocks(rows: Any) -> Iterator[Block]:
    """The rows that are not empty, in pieces."""
    numbers: list[int] = []
    kept: list[list[Any]] = []
    for number, row in enumerate(rows):
        if any(row) or row.count("") < len(row):
            numbers.append(number)
            kept.append(row)
            if len(kept) == BLOCK:
                yield Block(numbers, kept)
                numbers, kept = [], []
    yield Block(numbers, kept)


if __name__ == "__main__":
    from tasks.workbook_child import main  # so that what it sends is known by this module's name

    main()
