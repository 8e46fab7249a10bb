"""Pages of cells with their looks, for the writers of each kind of workbook."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Look(NamedTuple):
    number_format: str = ""
    is_struck: bool = False


PLAIN = Look()
Cell = tuple[Any, Look]  # a text, a figure, or a day
Area = tuple[int, int, int, int]  # top, left, bottom, right; from 1


@dataclass
class Page:
    title: str
    rows: Sequence[Sequence[Cell]]
    merged: Iterable[Area] = ()
