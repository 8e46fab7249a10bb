"""How a cell looks, and what becomes of its value by that."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import IntEnum
from typing import NamedTuple

from models.office_files.amounts.number_formats import LONGEST_FORMAT, is_telling
from models.office_files.sheets.sheet import Broken, Cell, PartlyStruck, Shown, Struck


class Strike(IntEnum):
    """How much of a cell is struck through."""

    NONE, PART, WHOLE = range(3)


class Look(NamedTuple):
    number_format: str = ""  # empty unless it shows something else than the number
    strike: Strike = Strike.NONE


class WithGaps(str):
    """A text with its tabs and line breaks; without them 张三⇥李四 would be one person."""

    __slots__ = ()


PLAIN = Look()
Mark = Broken | Look | WithGaps
Cells = dict[int, dict[int, Mark]]  # by row and column, both from 0


@dataclass
class SheetMarks:
    """What is odd about a sheet's cells; nothing of it is sent to the worker as it is."""

    cells: Cells = field(default_factory=dict)
    merged: Sequence[tuple[int, int, int, int]] | None = None  # None: calamine gives them
    is_1904: bool = False
    has_looks: bool = True  # False: not every cell's number format and strike-through was seen

    def add(self, row: int, column: int, mark: Mark) -> None:
        """Mark a cell; that it is broken outweighs how it looks, its letters outweigh its style."""
        cells = self.cells.setdefault(row, {})
        former = cells.get(column)
        if isinstance(former, Look) and isinstance(mark, Look):
            mark = Look(former.number_format or mark.number_format, mark.strike or former.strike)
        if not isinstance(former, Broken):
            cells[column] = mark


def look_of(number_format: str, strike: Strike) -> Look:
    is_odd = len(number_format) <= LONGEST_FORMAT and is_telling(number_format)
    return Look(number_format if is_odd else "", strike)


def strike_of(runs: Iterable[tuple[str, bool]]) -> Strike:
    """How much of a text is struck through, whose parts are or are not; blanks do not count."""
    struck = {is_struck for text, is_struck in runs if text.strip()}
    return Strike.NONE if True not in struck else Strike.PART if False in struck else Strike.WHOLE


def marked(cell: Cell, mark: Mark) -> Cell:
    """A cell's value with what its mark adds."""
    if isinstance(mark, Broken):
        return mark
    if cell == "":
        return cell
    if isinstance(mark, WithGaps):
        return str(mark)
    if mark.strike:
        return (Struck if mark.strike is Strike.WHOLE else PartlyStruck)(_text(cell))
    is_number = type(cell) in (int, float) and math.isfinite(cell)  # type: ignore[arg-type]  # just asked
    return Shown(cell, mark.number_format) if mark.number_format and is_number else cell  # type: ignore[arg-type]


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell.date() if isinstance(cell, datetime) and cell.time() == time() else cell)
