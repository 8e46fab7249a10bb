"""Takes what is read of a workbook. Whoever sends it may have been taken over by the file."""

import json
import operator
import os
import select
import time
from array import array
from collections.abc import Iterator
from datetime import datetime
from itertools import accumulate, pairwise
from typing import Any, cast

from models.office_files.sheets.sheet import Cell
from tasks.documents.characters import printable
from tasks.imports.workbook.pieces import (
    BLOCK,
    HEAD,
    KINDS,
    LARGEST_NUMBERS,
    LARGEST_TEXT,
    MOST_BYTES,
    MOST_COLUMNS,
    PLAIN,
    YEARS,
    Block,
    Failure,
    Piece,
    Saved,
    SheetOpened,
)

MOST_SHEETS, MOST_MERGED = 10_000, 1_000_000  # sheets and merged ranges of a workbook
LARGEST_INT = 2**63
LONGEST_DETAIL = 500  # characters
AT_ONCE = 2**20  # bytes
READERS = {kind.name: kind for kind in KINDS}


class Misbehaved(ValueError):
    """The sender says what none of ours does: the file may have taken it over."""


class TooMuch(ValueError):
    """The sender says more than is taken."""


class Receiver:
    """Reads pieces from a pipe, until `patience` seconds are over."""

    def __init__(self, pipe: int, patience: float) -> None:
        self._pipe, self._ends_at = pipe, time.monotonic() + patience
        self._ready = select.poll()
        self._ready.register(pipe, select.POLLIN)
        self._size, self._sheets, self._merged, self._last = 0, 0, 0, -1
        self._cells: list[Cell] = []

    def pieces(self) -> Iterator[Piece]:
        """Every piece up to the end.

        Raises:
            EOFError: if the sender has died.
            TimeoutError: if it has not come to its end in time.
            TooMuch: if it sends more than a workbook holds.
            Misbehaved: if it sends anything else.
        """
        while True:
            text_size, numbers_size = HEAD.unpack(self._read(HEAD.size))
            if text_size > LARGEST_TEXT or numbers_size > LARGEST_NUMBERS:
                raise Misbehaved
            text, numbers = self._read(text_size), array("I")
            try:
                numbers.frombytes(self._read(numbers_size))
                piece = self._piece(_parsed(text), numbers)
            except (ValueError, TypeError, KeyError, ArithmeticError, RecursionError) as problem:
                if isinstance(problem, TooMuch):
                    raise
                raise Misbehaved from problem
            if piece is None:
                return
            yield piece

    def _read(self, size: int) -> bytearray:
        self._size += size
        if self._size > MOST_BYTES:
            raise TooMuch
        content = bytearray()
        while len(content) < size:
            if not self._ready.poll(max(0.0, self._ends_at - time.monotonic()) * 1000):
                raise TimeoutError
            part = os.read(self._pipe, min(size - len(content), AT_ONCE))
            if not part:
                raise EOFError
            content += part
        return content

    def _piece(self, said: dict[str, Any], numbers: "array[int]") -> Piece | None:
        if "cells" in said:
            return self._block(said["rows"], said["cells"], numbers)
        if "sheet" in said:
            return self._sheet(*said["sheet"])
        if "saved" in said:
            moment = _text(said["saved"])
            if datetime.fromisoformat(moment).year not in YEARS:
                raise Misbehaved
            return Saved(moment)
        if "failure" in said:
            why, detail = map(_text, said["failure"])
            return Failure(why, " ".join(printable(detail[:LONGEST_DETAIL]).split()))
        if said != {"end": True}:
            raise Misbehaved
        return None

    def _sheet(
        self, name: str, is_hidden: bool, merged: list[list[int]], is_1904: bool, has_looks: bool
    ) -> SheetOpened:
        self._last, self._sheets, self._merged = -1, self._sheets + 1, self._merged + len(merged)
        if self._sheets > MOST_SHEETS or self._merged > MOST_MERGED:
            raise TooMuch
        if not all(len(area) == 4 and set(map(type, area)) == {int} and min(area) >= 0 for area in merged):
            raise Misbehaved
        areas = [(top, left, bottom, min(right, MOST_COLUMNS - 1)) for top, left, bottom, right in merged]
        return SheetOpened(_text(name), bool(is_hidden), areas, bool(is_1904), bool(has_looks))

    def _block(self, count: int, cells: list[Any], numbers: "array[int]") -> Block:
        self._cells += cells if set(map(type, cells)) <= PLAIN else map(_cell, cells)
        rows, widths, places = numbers[:count], numbers[count : 2 * count], numbers[2 * count :]
        if not (
            self._sheets
            and 0 < count == len(widths) <= BLOCK
            and self._last < rows[0]
            and all(map(operator.lt, rows, rows[1:]))
            and min(widths) > 0
            and max(widths) <= MOST_COLUMNS
            and sum(widths) == len(places)
            and max(places) < len(self._cells)
        ):
            raise Misbehaved
        self._last = rows[-1]
        placed = list(map(self._cells.__getitem__, places))
        return Block(list(rows), [placed[start:end] for start, end in pairwise(accumulate(widths, initial=0))])


def _cell(cell: Any) -> Cell:
    """A cell as it was before it was sent."""
    if type(cell) in PLAIN:
        return cast(Cell, cell)
    name, sent = cell
    kind = READERS[name]
    value = kind.read(sent)
    is_same = type(value) is kind.type and kind.write(value) == sent
    if not is_same or (type(value) is int and abs(value) > LARGEST_INT) or getattr(value, "tzinfo", None):
        raise Misbehaved
    return value


def _text(text: Any) -> str:
    if type(text) is not str:
        raise Misbehaved
    return text


def _parsed(text: bytearray) -> Any:
    said = json.loads(text.decode())
    if b"\\ud" in text or b"\\uD" in text:  # perhaps half a character, which no database takes
        json.dumps(said, ensure_ascii=False).encode()
    return said
