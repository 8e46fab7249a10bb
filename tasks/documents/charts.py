"""A chart as data, drawn by the modules beside it for Excel, Word and the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

BLUE, GREY, RED, YELLOW, GREEN = "#4472C4", "#BFBFBF", "#D9534F", "#F0AD4E", "#5CB85C"
Value = int | Decimal


@dataclass(frozen=True)
class Series:
    name: str
    colour: str
    values: Sequence[Value]


@dataclass(frozen=True)
class Chart:
    """Horizontal bars: names from above, values to the right, both axes named."""

    key: str
    title: str
    names: Sequence[str]
    series: Sequence[Series]
    axis: str  # what the values are, with their unit
    names_axis: str
    labels: Sequence[str] = ()  # at the bars of the only series; empty: the values
    is_stacked: bool = False
    most: Decimal | None = None  # where the axis ends; None: where the values do

    @property
    def largest(self) -> Decimal:
        bars = zip(*(series.values for series in self.series), strict=True)
        return max((Decimal(sum(bar) if self.is_stacked else max(bar)) for bar in bars), default=Decimal(0))

    def label(self, series: int, name: int) -> str:
        """The label at a bar; empty at an empty part of a stack."""
        if self.labels:
            return self.labels[name]
        value = self.series[series].values[name]
        return "" if self.is_stacked and not value else str(value)
