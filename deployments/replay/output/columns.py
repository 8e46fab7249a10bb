"""Tables and bars for a terminal, in Chinese or English."""

from collections.abc import Sequence
from decimal import Decimal

from models.campaigns.rates import Rate
from tasks.documents.characters import width

Row = Sequence[str]
BAR = 50  # signs of a whole bar: two per cent each
FULL, EMPTY, GOAL = "█", "░", "┃"


def table(heads: Row, rows: Sequence[Row]) -> str:
    """Rows below their heads, the first column to the left, the others to the right."""
    widths = [max(map(width, column)) for column in zip(heads, *rows, strict=True)]
    lines = [heads, ["-" * column_width for column_width in widths], *rows]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Row, widths: Sequence[int]) -> str:
    first, *others = (
        cell + " " * (wide - width(cell)) if at == 0 else " " * (wide - width(cell)) + cell
        for at, (cell, wide) in enumerate(zip(cells, widths, strict=True))
    )
    return "  ".join([first, *others]).rstrip()


def bar(rate: Rate, goal: Decimal) -> str:
    """A rate as a bar, with a stroke where its goal is."""
    full = rate.part * BAR // rate.whole if rate.whole else 0
    at = int(goal * BAR / 100)
    filled = FULL * full + EMPTY * (BAR - full)
    return filled[:at] + GOAL + filled[at:]
