"""Which of three numbers is the year, the month and the day: 13/6/9, 6/9/13, 6/9/2013."""

import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date
from functools import cached_property

SHORT_DAY = re.compile(r"(?<![\d/-])(\d{1,2})([/-])(\d{1,2})\2(\d{1,2}|(?<=/)\d{4})(?![\d/-])")
GROUPS = (1, 3, 4)  # of the three numbers
YEAR_FIRST, MONTH_FIRST, DAY_FIRST = "ymd", "mdy", "dmy"
FIRST_SHORT_YEAR = 80  # 98 is 1998, 13 is 2013


def whole_year(year: int) -> int:
    """The year that two digits mean."""
    if year >= 100:
        return year
    return year + (1900 if year >= FIRST_SHORT_YEAR else 2000)


class DayOrder:
    """The order in which a column writes its days, as far as its cells prove it.

    A cell proves an order if it can be a day in no other. Chinese files write the year first if
    nothing is proven, and no day first, unless days with their whole year prove that this one does;
    English ones write any order.
    """

    def __init__(self, texts: Callable[[], Iterable[str]], *, is_chinese: bool) -> None:
        self._texts, self._is_chinese = texts, is_chinese

    def days(self, text: str) -> list[date]:
        """The days that three numbers can mean in this column; empty if there is no such day.

        Raises:
            ValueError: if the text is no day in short.
        """
        match = SHORT_DAY.fullmatch(text)
        if match is None:
            raise ValueError(text)
        by_order = self._possible(match)
        # No column writes its years with one digit: 12/5/7 is hardly of 2007 below 2/26/13
        if self._own in by_order and len(match[GROUPS[self._own.index("y")]]) > 1:
            return [by_order[self._own]]
        return sorted(set(by_order.values()))

    @cached_property
    def _own(self) -> str:
        """The order of this column; empty if its cells prove none, or several."""
        if not self._proven:
            return YEAR_FIRST if self._is_chinese else ""
        return next(iter(self._proven)) if len(self._proven) == 1 else ""

    @cached_property
    def _all(self) -> list[re.Match[str]]:
        return [match for text in self._texts() for match in SHORT_DAY.finditer(text)]

    @cached_property
    def _proven_by_whole_years(self) -> set[str]:
        with_whole_years = [_days(match) for match in self._all if len(match[4]) == 4]
        proven = {order for days in with_whole_years if len(days) == 1 for order in days}
        return proven or ({MONTH_FIRST} if with_whole_years and self._is_chinese else set())

    @cached_property
    def _proven(self) -> set[str]:
        short = [self._possible(match) for match in self._all if len(match[4]) < 4]
        return self._proven_by_whole_years | {order for days in short if len(days) == 1 for order in days}

    def _possible(self, match: re.Match[str]) -> Mapping[str, date]:
        days = _days(match)
        if self._is_chinese and DAY_FIRST not in self._proven_by_whole_years:
            days.pop(DAY_FIRST, None)
        return days


def _days(match: re.Match[str]) -> dict[str, date]:
    """The day by each order that makes one."""
    numbers = [int(match[group]) for group in GROUPS]
    days: dict[str, date] = {}
    for order in (MONTH_FIRST, DAY_FIRST) if len(match[4]) == 4 else (YEAR_FIRST, MONTH_FIRST, DAY_FIRST):
        parts = dict(zip(order, numbers, strict=True))
        with suppress(ValueError):
            days[order] = date(whole_year(parts["y"]), parts["m"], parts["d"])
    return days
