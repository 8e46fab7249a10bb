"""A sheet of an office's workbook as it was read: cells, merged ranges, what is odd about cells."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from models.office_files.amounts.number_formats import Appearance, appearance

Cell = str | int | float | bool | date | time | timedelta
Row = Sequence[Cell]


@dataclass
class Sheet:
    """The rows that are not empty, with the numbers Excel shows; empty cells are ""."""

    name: str
    is_hidden: bool = False
    # First row as Excel shows it, first column from 0, last row, last column
    merged: tuple[tuple[int, int, int, int], ...] = ()
    numbers: list[int] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    is_1904: bool = False  # its days are counted from 1904, as Excel for Macintosh did
    has_looks: bool = True  # number formats and strike-through were looked at

    def row(self, index: int) -> list[Cell]:
        return self.rows[index] if 0 <= index < len(self.rows) else []

    def filled(self, above: int) -> dict[int, list[Cell]]:
        """The rows below `above` that tall merged ranges cover, filled with their texts."""
        tall = sorted(area for area in self.merged if area[0] > above and area[2] > area[0])
        rows = dict(zip(self.numbers, self.rows, strict=True)) if tall else {}
        filled: dict[int, list[Cell]] = {}
        reached: dict[int, int] = {}  # by column; overlapping ranges fill no cell twice
        for top, left, bottom, _right in tall:
            value = next(iter(rows.get(top, [])[left : left + 1]), "")
            first, reached[left] = max(top, reached.get(left, 0)), max(bottom, reached.get(left, 0))
            for number in self.numbers[bisect_right(self.numbers, first) : bisect_right(self.numbers, bottom)]:
                if value != "":
                    row = filled.setdefault(number, rows[number] + [""] * (left + 1 - len(rows[number])))
                    row[left] = value
        return filled

    def across(self, number: int) -> dict[int, int]:
        """Map each merged column of a row to the column that holds the text."""
        wide = sorted({(left, right) for top, left, _bottom, right in self.merged if top == number and right > left})
        holders: dict[int, int] = {}
        free = 0
        for left, right in wide:
            holders.update((column, left) for column in range(max(left, free), right + 1))
            free = max(free, right + 1)
        return holders


# What cells show instead of a value; text files and .ods hold these as text.
ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!", "#GETTING_DATA"}


class Broken(str):
    """What a cell without a value shows: its error, or its formula with “=” before it."""

    __slots__ = ()


class Struck(str):
    """The text of a cell that is struck through."""

    __slots__ = ()


class PartlyStruck(str):
    """The text of a cell of which a part is struck through."""

    __slots__ = ()


class Shared(str):
    """A figure whose cell is merged over the rows of several projects."""

    __slots__ = ()


class Disputed(str):
    """A figure that stands in one unit by its header, and in another by its sheet."""

    __slots__ = ("reason", "suggestion")

    reason: str
    suggestion: str  # the figure in the unit that stands nearest, or ""

    def __new__(cls, figure: str, reason: str, suggestion: str = "") -> "Disputed":
        disputed = super().__new__(cls, figure)
        disputed.reason, disputed.suggestion = reason, suggestion
        return disputed

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Disputed) and (str(self), self.reason) == (str(other), other.reason)

    def __ne__(self, other: object) -> bool:  # str has its own
        return not self == other

    def __hash__(self) -> int:
        return hash((str(self), self.reason))


class Shown(float):
    """A number of which the cell shows something else: a unit, a sign, another figure."""

    __slots__ = ("number_format",)

    number_format: str  # as Excel writes it

    def __new__(cls, value: float, number_format: str) -> "Shown":
        shown = super().__new__(cls, value)
        shown.number_format = number_format
        return shown

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Shown) and super().__eq__(other) and self.number_format == other.number_format

    def __ne__(self, other: object) -> bool:  # float has its own
        return not self == other

    def __hash__(self) -> int:
        return hash((float(self), self.number_format))

    @property
    def appearance(self) -> Appearance | None:
        """What the cell shows; None if it shows nothing."""
        return appearance(self, self.number_format)
