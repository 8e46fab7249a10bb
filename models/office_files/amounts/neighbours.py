"""What the cells around an amount say of its unit, for a suggestion; nothing is taken by it."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from statistics import median

from models.office_files.amounts.amounts import (
    SURELY_YUAN,
    AmountUnit,
    NoUnit,
    TwoSizes,
    amount_unit_of,
    in_words,
    parse_amount,
)
from models.office_files.cells import BadCell, plain
from models.office_files.sheets.sheet import Cell
from models.words import Currency

SMALLEST, LARGEST = Decimal(10**5), Decimal(10**11)  # of nearly all projects, in yuan or dollars
SURELY_TEN_THOUSANDS = 1000  # from here to a million a figure without a unit is hardly 元 or 亿元
FAR = 30  # times as large or as small as its neighbours: it is none of them
FIGURES = re.compile(r"[\d.,]+")


class Neighbours:
    """The other cells of an amount's column, and the headers of its table."""

    def __init__(self, cells: Sequence[Cell], headers: Sequence[str], unit: AmountUnit) -> None:
        self._cells, self._headers, self._unit = cells, headers, unit

    def suggestion(self, problem: NoUnit | TwoSizes) -> str:
        """What an amount probably means; empty if nothing is likely."""
        return self._nearer(problem.amount) if isinstance(problem, TwoSizes) else self._in_words(problem)

    def _in_words(self, problem: NoUnit) -> str:
        """A figure with the unit that its neighbours have, if that makes a likely amount of it."""
        figure, is_dollars = problem.figure, problem.currency is Currency.USD
        units = [unit for unit in self._units if unit[1] is Currency.USD] if is_dollars else self._units
        likely = (unit for unit in units if SMALLEST <= figure * unit[0] <= LARGEST)
        unit = next(likely, _by_size(figure, problem.currency))
        return in_words(figure, *unit) if unit else ""

    def _nearer(self, amount: Decimal) -> str:
        """Which is nearer to its neighbours: an amount, or as many of the column's unit."""
        size, currency = self._unit.size, self._unit.currency
        if not size or not self._amounts:
            return ""
        middle = float(median(self._amounts))
        distance, best = min((_distance(float(one), middle), one) for one in (amount, amount * size))
        return "" if distance > FAR else in_words(best / size, size, currency)

    @cached_property
    def _units(self) -> list[tuple[Decimal, Currency]]:
        """The units of cells of the column, then of other headers; the most common first."""
        of_cells = Counter(unit for cell in self._cells if isinstance(cell, str) and (unit := _unit_in(cell)))
        others = Counter(unit for header in self._headers if (unit := _whole(amount_unit_of(header))))
        return [unit for units in (of_cells, others) for unit, _count in units.most_common()]

    @cached_property
    def _amounts(self) -> list[Decimal]:
        return sorted(self._read())

    def _read(self) -> Iterator[Decimal]:
        for cell in self._cells:
            try:
                if cell != "" and (amount := parse_amount(cell, self._unit).figure):
                    yield amount
            except BadCell:
                continue


def _unit_in(cell: str) -> tuple[Decimal, Currency] | None:
    """The unit that an amount's own cell says: 5000万元."""
    try:
        parse_amount(cell, AmountUnit(None, Currency.CNY))
    except BadCell:
        return None
    return _whole(amount_unit_of(FIGURES.sub("/", plain(cell))))


def _whole(unit: AmountUnit) -> tuple[Decimal, Currency] | None:
    return (unit.size, unit.currency) if unit.size and in_words(unit.size, unit.size, unit.currency) else None


def _by_size(figure: Decimal, currency: Currency) -> tuple[Decimal, Currency] | None:
    if figure >= SURELY_YUAN:
        return Decimal(1), currency
    return (Decimal(10**4), currency) if figure >= SURELY_TEN_THOUSANDS else None


def _distance(one: float, other: float) -> float:
    return max(one, other) / min(one, other)
