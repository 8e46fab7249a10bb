"""A table of a bulletin, whatever it is printed in: its columns, its cells and how they read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from models.bulletin.figures import Sum
from models.campaigns.rates import Rate, half_up
from tasks.bulletin.words import amount

NOTHING = "—"


@dataclass(frozen=True)
class Column:
    """A column by the name its cells have in the document's template; `width` is its share of the page."""

    key: str
    head: str
    width: int
    is_text: bool = False
    """Running text stands left; figures and short words in the middle."""


@dataclass(frozen=True)
class Table:
    """A table by the name it has in the document's template. Cells are numbers, amounts, rates, days or text."""

    key: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]

    @property
    def heads(self) -> tuple[str, ...]:
        """The header."""
        return tuple(column.head for column in self.columns)

    @property
    def texts(self) -> list[tuple[str, ...]]:
        """The rows as people read them."""
        return [tuple(shown(row[column.key]) for column in self.columns) for row in self.rows]

    def without(self, key: str) -> "Table":
        """The table without a column."""
        return replace(self, columns=[column for column in self.columns if column.key != key])

    def led_by(self, key: str) -> "Table":
        """The table with a column before all others."""
        return replace(self, columns=sorted(self.columns, key=lambda column: column.key != key))


@dataclass(frozen=True)
class Change:
    """By how much something changed against the week before."""

    value: int | Sum


def shown(value: Any) -> str:
    """A cell as people read it."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, Change):
        return _changed(value.value)
    if isinstance(value, Sum):
        return amount(value.amount, value.currency)
    return value.text if isinstance(value, Rate) else str(value)


def _changed(value: int | Sum) -> str:
    """With its sign; nothing for no change."""
    figure = value.amount if isinstance(value, Sum) else Decimal(value)
    if not half_up(figure):
        return "0"
    text = amount(abs(value.amount), value.currency) if isinstance(value, Sum) else str(abs(value))
    return f"{'+' if figure > 0 else '-'}{text}"
