"""What a dossier is made of before it is laid out: sections of tables, cards and sentences, all of it plain text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

Row = tuple[str, ...]


class Fact(NamedTuple):
    """What it is, and its value; running text is `wide` and takes a line of its own."""

    name: str
    value: str
    is_wide: bool = False


@dataclass(frozen=True)
class Grid:
    """A table with a row of heads; `widths` are the columns' shares of the page, in millimetres of its 170."""

    heads: Row
    widths: tuple[int, ...]
    rows: Sequence[Row]


@dataclass(frozen=True)
class Card:
    """Facts about one thing, side by side; a long one takes the whole line."""

    facts: Sequence[Fact]
    title: str = ""


Block = Grid | Card | str


@dataclass(frozen=True)
class Section:
    """A numbered part of the dossier; `nothing` is said where it holds no block."""

    title: str
    nothing: str
    blocks: Sequence[Block]
    is_apart: bool = False
    """Begins on a page of its own, as an appendix does."""


def grid(heads: Row, widths: tuple[int, ...], rows: Iterable[Row]) -> list[Block]:
    """A table, or nothing at all when it has no rows."""
    found = list(rows)
    return [Grid(heads, widths, found)] if found else []


def known(*facts: tuple[str, object], is_wide: bool = False) -> list[Fact]:
    """The facts that have a value."""
    return [Fact(name, str(value), is_wide) for name, value in facts if value not in (None, "")]
