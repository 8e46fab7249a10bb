"""What the process that reads a file hands over: plain values, of which the worker believes none.

A frame is a JSON text, then whole numbers of four bytes. A cell that occurs again is sent once;
after that its number stands for it.
"""

import struct
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from models.office_files.amounts.number_formats import LONGEST_FORMAT
from models.office_files.sheets.sheet import Broken, Cell, PartlyStruck, Shown, Struck

BLOCK = 100_000  # cells in a block, or one row more
MOST_COLUMNS = 16_384  # no workbook has more; a text file that does is no table
MOST_BYTES = 400 * 2**20  # of all frames: a long text that a million cells share is small in the file
LARGEST_TEXT, LARGEST_NUMBERS = 16 * 2**20, 4 * 2**20  # bytes of a frame's two parts
HEAD = struct.Struct("=II")  # how long they are
YEARS = range(1980, 2200)  # in which a file can have been saved
PLAIN = {str, float, bool}  # as JSON gives them


class SheetOpened(NamedTuple):
    """The pieces that follow are of this sheet."""

    name: str
    is_hidden: bool
    merged: Sequence[tuple[int, ...]]  # first row and column, last row and column, from 0
    is_1904: bool = False
    has_looks: bool = True


class Block(NamedTuple):
    """Rows of the sheet, none of them empty, each with its number from 0."""

    numbers: list[int]
    rows: list[list[Cell]]


class Saved(NamedTuple):
    """When the file says it was last saved, in ISO's notation; with a zone where it names one."""

    moment: str


class Failure(NamedTuple):
    """Why no more pieces follow."""

    why: str
    detail: str = ""


Piece = SheetOpened | Block | Saved | Failure


class Kind(NamedTuple):
    """Cells for which JSON has no word: sent as a list of the name and what `write` gives."""

    name: str
    type: type
    write: Callable[[Any], object]
    read: Callable[[Any], Cell]


def _shown(parts: tuple[object, object]) -> Shown:
    value, number_format = parts
    if type(value) is not float or type(number_format) is not str or len(number_format) > LONGEST_FORMAT:
        raise ValueError
    return Shown(value, number_format)


KINDS = (
    Kind("int", int, int, int),
    Kind("date", date, date.isoformat, date.fromisoformat),
    Kind("moment", datetime, datetime.isoformat, datetime.fromisoformat),
    Kind("hour", time, time.isoformat, time.fromisoformat),
    Kind(
        "duration",
        timedelta,
        lambda cell: [cell.days, cell.seconds, cell.microseconds],
        lambda parts: timedelta(*parts),
    ),
    Kind("broken", Broken, str, Broken),
    Kind("struck", Struck, str, Struck),
    Kind("partly struck", PartlyStruck, str, PartlyStruck),
    Kind("shown", Shown, lambda cell: [float(cell), cell.number_format], _shown),
)
