"""Finds the errors in an Excel 97 workbook (.xls), which calamine gives as empty cells."""

import struct
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO

ERROR_CODES = {0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!"}
"""How they are stored; whatever else is stored is shown as #N/A."""
BEGIN, END, SHEET, ERROR_OR_YES, FORMULA = 0x809, 0x0A, 0x85, 0x205, 0x06
ENCRYPTED, FIRST_RECORDS = 0x2F, 10
"""The record that says so is one of the first."""
SMALL = 4096
"""Bytes; shorter streams share sectors, in pieces of 64."""


def errors_of(file: IO[bytes], place: int) -> Iterator[tuple[int, int, str]]:
    """Row, column (from 0) and error of the cells of a sheet, given by its place, that are one or come to one.

    Raises:
        struct.error, ValueError: when the file is not built as it should be.
    """
    file.seek(0)
    book = _workbook(file.read())
    starts = [struct.unpack_from("<I", content)[0] for kind, content in _records(book, 0) if kind == SHEET]
    for kind, content in _records(book, starts[place]) if place < len(starts) else ():
        if kind == ERROR_OR_YES and content[7]:
            yield *struct.unpack_from("<HH", content), ERROR_CODES.get(content[6], "#N/A")
        elif kind == FORMULA and content[6] == 2 and content[12:14] == b"\xff\xff":
            yield *struct.unpack_from("<HH", content), ERROR_CODES.get(content[8], "#N/A")


def is_encrypted(data: bytes) -> bool:
    """Whether the workbook in a compound file is locked up.

    Raises:
        struct.error, ValueError: when the file is not built as it should be.
    """
    return any(kind == ENCRYPTED for kind, _content in islice(_records(_workbook(data), 0), FIRST_RECORDS))


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """The records of one part of a workbook, without those of charts inside it."""
    depth = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        depth += {BEGIN: 1, END: -1}.get(kind, 0)
        if depth == 1:
            yield kind, book[at + 4 : at + 4 + length]
        elif depth == 0:
            return
        at += 4 + length


def _workbook(data: bytes) -> bytes:
    """The stream of the workbook in a compound file; empty when there is none."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    sectors = [data[at : at + size] for at in range(size, len(data), size)]
    following = [number for at in _tables(data, sectors) for number in _numbers(sectors[at])]
    first, *_others, small_first = struct.unpack_from("<4I", data, 48)
    entries = _followed(first, sectors, following)
    small = b""
    for at in range(0, len(entries) - 127, 128):
        name = entries[at : at + 64].decode("utf-16-le", errors="replace").rstrip("\0")
        start, length = struct.unpack_from("<II", entries, at + 116)
        if at == 0:
            small = _followed(start, sectors, following)
        elif name in ("Workbook", "Book") and length >= SMALL:
            return _followed(start, sectors, following)[:length]
        elif name in ("Workbook", "Book"):
            pieces = [small[at : at + 64] for at in range(0, len(small), 64)]
            return _followed(start, pieces, _numbers(_followed(small_first, sectors, following)))[:length]
    return b""


def _tables(data: bytes, sectors: Sequence[bytes]) -> list[int]:
    """The sectors that tell what follows what: the first 109 stand in the file's head."""
    listed = list(struct.unpack_from("<109I", data, 76))
    more = struct.unpack_from("<I", data, 68)[0]
    for _step in sectors:
        if more >= len(sectors):
            break
        *others, more = _numbers(sectors[more])
        listed += others
    return [at for at in listed if at < len(sectors)]


def _numbers(content: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4]))


def _followed(start: int, pieces: Sequence[bytes], following: Sequence[int]) -> bytes:
    """What begins with a piece, as far as it goes; a ring is followed once."""
    parts: list[bytes] = []
    while start < len(pieces) and start < len(following) and len(parts) < len(pieces):
        parts.append(pieces[start])
        start = following[start]
    return b"".join(parts)
