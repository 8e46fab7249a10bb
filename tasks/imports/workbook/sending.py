"""Sends what is read of a workbook, as `tasks/imports/workbook/pieces.py` says."""

import json
from array import array
from itertools import chain
from typing import BinaryIO

from models.office_files.sheets.sheet import Cell
from tasks.imports.workbook.pieces import HEAD, KINDS, LARGEST_TEXT, PLAIN, Block, Failure, Piece, Saved, SheetOpened

MOST_NEW = 2**20  # characters of new cells in a frame, or one row more
LONGEST_KNOWN = 64  # characters of a text that is remembered, as it may occur again
MOST_KNOWN = 300_000  # cells of a type that are remembered
OTHERS = {kind.type: kind for kind in KINDS}


class Sender:
    """Writes pieces to a stream."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._sent, self._size = 0, 0
        self._new: list[Cell] = []
        self._numbers = {kind: _Numbers(self) for kind in (*PLAIN, *OTHERS)}

    def send(self, piece: Piece) -> None:
        """Write a piece; `MemoryError` if it is larger than what is taken."""
        if isinstance(piece, SheetOpened):
            self._write({"sheet": piece})
        elif isinstance(piece, Failure):
            self._write({"failure": piece})
        elif isinstance(piece, Saved):
            self._write({"saved": piece.moment})
        else:
            self._send_rows(piece)

    def close(self) -> None:
        self._write({"end": True})
        self._stream.flush()

    def number(self, cell: Cell) -> int:
        """The number of a cell that goes out with the next frame."""
        self._new.append(cell)
        self._size += len(cell) if isinstance(cell, str) else 0
        return self._sent + len(self._new) - 1

    def _send_rows(self, block: Block) -> None:
        numbers, first = self._numbers, 0
        rows: list[list[int]] = []
        for end, row in enumerate(block.rows, 1):
            rows.append([numbers[type(cell)][cell] for cell in row])
            if self._size >= MOST_NEW or end == len(block.rows):
                self._write(*self._frame(block.numbers[first:end], rows))
                first, rows = end, []

    def _frame(self, numbers: list[int], rows: list[list[int]]) -> tuple[dict[str, object], bytes]:
        new = self._new if set(map(type, self._new)) <= PLAIN else [_plain(cell) for cell in self._new]
        self._sent, self._new, self._size = self._sent + len(new), [], 0
        return {"rows": len(rows), "cells": new}, array("I", chain(numbers, map(len, rows), *rows)).tobytes()

    def _write(self, said: dict[str, object], numbers: bytes = b"") -> None:
        text = json.dumps(said, ensure_ascii=False).encode()
        if len(text) > LARGEST_TEXT:
            raise MemoryError
        self._stream.write(HEAD.pack(len(text), len(numbers)) + text + numbers)


class _Numbers(dict[Cell, int]):
    """The numbers of the cells of one type; one that is not there is new."""

    def __init__(self, sender: Sender) -> None:
        super().__init__()
        self._sender = sender

    def __missing__(self, cell: Cell) -> int:
        number = self._sender.number(cell)
        if len(self) >= MOST_KNOWN:
            self.clear()
        # 0.0 is not remembered, as -0.0 would be taken for it
        if len(cell) <= LONGEST_KNOWN if isinstance(cell, str) else cell or type(cell) is not float:
            self[cell] = number
        return number


def _plain(cell: Cell) -> object:
    kind = OTHERS.get(type(cell))
    return [kind.name, kind.write(cell)] if kind else cell
