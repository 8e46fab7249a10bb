"""The campaign's clock: a hundred days from 9 June 2013, a Sunday that was worked."""

from datetime import date, timedelta

import pytest

from models.campaigns.clock import clock_of, last_day
from models.campaigns.rates import Rate
from models.escalation.calendar import OutsideCalendar, official_calendar

FIRST, LAST = date(2013, 6, 9), date(2013, 9, 16)
CALENDAR = official_calendar(2012, 2014)


def test_a_hundred_days_end_on_16_september_and_hold_69_working_days():
    assert last_day(FIRST, 100) == LAST
    clock = clock_of(FIRST, LAST, CALENDAR, FIRST)
    assert (clock.days, clock.working_days) == (100, 69)


@pytest.mark.parametrize(
    ("day", "day_no", "days_left", "working_days_gone"),
    [
        (FIRST - timedelta(1), 0, 100, 0),
        (FIRST, 1, 99, 1),
        (date(2013, 6, 12), 4, 96, 1),  # the Dragon Boat holiday
        (date(2013, 6, 13), 5, 95, 2),
        (date(2013, 7, 15), 37, 63, 24),
        (LAST, 100, 0, 69),
        (LAST + timedelta(30), 100, 0, 69),
    ],
)
def test_both_ends_and_the_day_itself_count(day, day_no, days_left, working_days_gone):
    clock = clock_of(FIRST, LAST, CALENDAR, day)
    assert (clock.day_no, clock.days_left, clock.working_days_gone) == (day_no, days_left, working_days_gone)
    assert clock.working_days_left == 69 - working_days_gone
    assert clock.time_gone == Rate(day_no, 100)


def test_a_campaign_of_one_day_is_gone_on_that_day():
    clock = clock_of(FIRST, FIRST, CALENDAR, FIRST)
    assert (clock.day_no, clock.days, clock.working_days_left) == (1, 1, 0)


def test_a_campaign_beyond_the_calendar_is_refused():
    with pytest.raises(OutsideCalendar):
        clock_of(FIRST, date(2090, 1, 1), CALENDAR, FIRST)
