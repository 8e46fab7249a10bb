"""A sheet of an office's workbook as it was read: cells, merged ranges, cells that hold an error."""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from models.office_files.columns import PEOPLE, SQUADS, UNITS


@dataclass
class Sheet:
    """A sheet's rows that say something, each with the number Excel shows; empty cells are ""."""

    name: str
    is_hidden: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()
    """Merged ranges: first row as Excel shows it, first column from 0, last row, last column."""
    numbers: list[int] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)

    def row(self, at: int) -> list[Any]:
        """The row at a place in `rows`; empty beyond the last."""
        return self.rows[at] if 0 <= at < len(self.rows) else []

    def filled(self, above: int) -> dict[int, list[Any]]:
        """The rows below `above` inside merged ranges that reach down: a merged cell speaks for each of its rows."""
        tall = sorted(each for each in self.merged if each[0] > above and each[2] > each[0])
        rows = dict(zip(self.numbers, self.rows, strict=True)) if tall else {}
        filled: dict[int, list[Any]] = {}
        reached: dict[int, int] = {}  # in an honest file no two ranges share a cell; in no file one is filled twice
        for top, left, bottom, _right in tall:
            value = next(iter(rows.get(top, [])[left : left + 1]), "")
            first, reached[left] = max(top, reached.get(left, 0)), max(bottom, reached.get(left, 0))
            for number in self.numbers[bisect_right(self.numbers, first) : bisect_right(self.numbers, bottom)]:
                if value != "":
                    row = filled.setdefault(number, rows[number] + [""] * (left + 1 - len(rows[number])))
                    row[left] = value
        return filled

    def across(self, number: int) -> dict[int, int]:
        """The columns of a row that were merged with others beside them, each with the one that holds their text."""
        wide = sorted({(left, right) for top, left, _bottom, right in self.merged if top == number and right > left})
        holders: dict[int, int] = {}
        free = 0
        for left, right in wide:
            holders.update((place, left) for place in range(max(left, free), right + 1))
            free = max(free, right + 1)
        return holders


ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!", "#GETTING_DATA"}
"""What cells show instead of a value; text files and .ods hold them as text."""


class Broken(str):
    """What such a cell shows: its error, or its formula with “=” before it."""

    __slots__ = ()


UNIT_SHEET, PEOPLE_SHEET, SQUAD_SHEET = "单位", "人员", "小分队"
SIDE_SHEETS = {UNIT_SHEET: UNITS, PEOPLE_SHEET: PEOPLE, SQUAD_SHEET: SQUADS}
"""Sheets that are recognised by their names."""
