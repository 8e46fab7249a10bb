"""The campaign's clock: day 37 of 100, and the working days gone and left."""

from dataclasses import dataclass
from datetime import date, timedelta

from models.campaigns.rates import Rate
from models.escalation.calendar import Calendar


@dataclass(frozen=True)
class CampaignClock:
    """How far a campaign is by the end of `day`; `day` and the first and last day all count."""

    starts_on: date
    ends_on: date
    day: date
    working_days: int  # in the whole campaign
    working_days_gone: int  # from its first day through `day`

    @property
    def days(self) -> int:
        """Calendar days in the whole campaign."""
        return (self.ends_on - self.starts_on).days + 1

    @property
    def day_no(self) -> int:
        """The number of `day` among its calendar days: 0 before the first, `days` after them."""
        return min(max((self.day - self.starts_on).days + 1, 0), self.days)

    @property
    def days_left(self) -> int:
        """Calendar days after `day`."""
        return self.days - self.day_no

    @property
    def working_days_left(self) -> int:
        return self.working_days - self.working_days_gone

    @property
    def time_gone(self) -> Rate:
        """Calendar days gone, of all: what targets are measured against."""
        return Rate(self.day_no, self.days)


def clock_of(starts_on: date, ends_on: date, calendar: Calendar, day: date) -> CampaignClock:
    """The clock of a campaign from `starts_on` through `ends_on`; `OutsideCalendar` if it is
    outside.
    """
    working_days = calendar.between(starts_on, ends_on)
    gone = calendar.between(starts_on, min(day, ends_on)) if day >= starts_on else 0
    return CampaignClock(starts_on, ends_on, day, working_days, gone)


def last_day(starts_on: date, days: int) -> date:
    """The last of `days` calendar days with `starts_on`: 100 from 9 June end on 16 September."""
    return starts_on + timedelta(days - 1)
