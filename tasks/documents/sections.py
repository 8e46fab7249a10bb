"""What a dossier is made of before it is laid out: sections of tables, cards and sentences."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tasks.documents.table import Cell, Table, positional
from tasks.documents.text import text_of

Row = Sequence[Cell]


class Fact(NamedTuple):
    """What it is, and its value; running text is `wide` and takes a line of its own."""

    name: str
    value: str
    is_wide: bool = False


@dataclass(frozen=True)
class Card:
    """Facts about one thing, side by side; a long one takes the whole line."""

    facts: Sequence[Fact]
    title: str = ""


Block = Table[Row] | Card | str


@dataclass(frozen=True)
class Section:
    """A numbered part of the dossier; `nothing` is said where it holds no block."""

    title: str
    nothing: str
    blocks: Sequence[Block]
    is_apart: bool = False  # begins on a page of its own, as an appendix does


def grid(heads: Sequence[str], widths: Sequence[int], rows: Iterable[Row]) -> list[Block]:
    """A table, or nothing at all if it has no rows; `widths` are millimetres of the page's 170."""
    listed = list(rows)
    return [positional(heads, listed, widths)] if listed else []


def known(*facts: tuple[str, object], is_wide: bool = False) -> list[Fact]:
    return [Fact(name, text_of(value), is_wide) for name, value in facts if value not in (None, "")]
