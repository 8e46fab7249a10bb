"""Working days: the State Council's holidays and make-up days, and the office's own days."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import holidays
from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.i18n import gettext as _
from models.refusal import Refused

FIRST_LISTED_YEAR = 2001  # no list of days off and make-up days is known of an earlier year


class Workday(Base):
    __tablename__ = "workday"
    __table_args__ = (Index(None, "ordinal"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    is_working: Mapped[bool]
    ordinal: Mapped[int]  # working days from the calendar's first day through this one
    # "official"; "weekday" before there were lists; "office" if the office set the day itself.
    source: Mapped[str]


class OutsideCalendar(Refused):
    """A day is outside the office's calendar: correct it, or run `luodi db upgrade`."""

    def __init__(self, day: date) -> None:
        super().__init__(
            _("%(day)s lies outside the office's calendar: correct the date; if it is right, run `luodi db upgrade`.")
            % {"day": day}
        )


@dataclass(frozen=True)
class Calendar:
    """The working days of a stretch of years, in order."""

    days: tuple[date, ...]

    def is_working(self, day: date) -> bool:
        return self.between(day, day) == 1

    def between(self, first: date, last: date) -> int:
        """The number of working days from `first` through `last`, both counted."""
        self.check(first)
        self.check(last)
        return bisect_right(self.days, last) - bisect_left(self.days, first)

    def add(self, day: date, count: int) -> date:
        """`count` working days after `day`, before it if negative; 0: `day` or the next one."""
        self.check(day)
        position = self._position(day, count)
        if not 0 <= position < len(self.days):
            raise OutsideCalendar(day)
        return self.days[position]

    def shift(self, day: date, count: int) -> date:
        """As `add`, but the first or last working day of the calendar for a day outside it.

        `OutsideCalendar` when the calendar holds no day at all.
        """
        if not self.days:
            raise OutsideCalendar(day)
        position = self._position(day, count)
        return self.days[min(max(position, 0), len(self.days) - 1)]

    def elapsed(self, day: date, until: date) -> int:
        """The number of working days after `day` through `until`; 0 if `until` is not later."""
        return max(bisect_right(self.days, until) - bisect_right(self.days, day), 0)

    def last_before(self, day: date) -> date:
        """The last working day on or before `day`."""
        return day if self.is_working(day) else self.add(day, -1)

    def _position(self, day: date, count: int) -> int:
        return bisect_right(self.days, day) + count - 1 if count > 0 else bisect_left(self.days, day) + count

    def check(self, day: date) -> None:
        """Raise `OutsideCalendar` unless the day lies in the calendar's years."""
        if not self.days or not self.days[0].year <= day.year <= self.days[-1].year:
            raise OutsideCalendar(day)


def official_workdays(first_year: int, last_year: int) -> Iterable[tuple[date, bool]]:
    """Every day of those years and whether it is worked, by the State Council's lists.

    Before the first of them, Monday to Friday are worked.
    """
    china = holidays.country_holidays("CN", years=range(max(first_year, FIRST_LISTED_YEAR), last_year + 1))
    day = date(first_year, 1, 1)
    while day.year <= last_year:
        yield day, china.is_working_day(day) if day.year >= FIRST_LISTED_YEAR else day.weekday() < 5
        day += timedelta(days=1)


def official_calendar(first_year: int, last_year: int) -> Calendar:
    """The official working days of those years, without the office's own."""
    return Calendar(tuple(day for day, works in official_workdays(first_year, last_year) if works))


def has_make_up_days(year: int) -> bool:
    """Whether the year's list is out: it names weekend days that are worked."""
    return any(works and day.weekday() >= 5 for day, works in official_workdays(year, year))
