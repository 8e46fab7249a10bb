"""Working days are the State Council's, make-up days included."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.escalation.calendar import Calendar, OutsideCalendar, has_make_up_days, official_calendar

CALENDAR = official_calendar(2012, 2015)
DAYS = some.dates(date(2013, 1, 1), date(2014, 12, 31))


def test_the_sunday_of_the_inspection_was_a_working_day_and_the_festival_was_not() -> None:
    days = [date(2013, 6, day) for day in range(8, 14)]
    assert [CALENDAR.is_working(day) for day in days] == [True, True, False, False, False, True]


def test_the_hundred_days_hold_sixty_nine_working_days() -> None:
    assert CALENDAR.between(date(2013, 6, 9), date(2013, 9, 16)) == 69


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2013-06-07", 1, "2013-06-08"),  # a Saturday that was worked
        ("2013-06-09", 2, "2013-06-14"),  # over the Dragon Boat festival
        ("2013-06-10", 0, "2013-06-13"),  # a day off moves to the next working day
        ("2013-06-13", 0, "2013-06-13"),
        ("2013-06-13", -1, "2013-06-09"),
        ("2013-06-11", -1, "2013-06-09"),
        ("2013-02-08", 1, "2013-02-16"),  # over the Spring Festival, to a Saturday that was worked
    ],
)
def test_deadlines_count_working_days(day: str, count: int, expected: str) -> None:
    assert CALENDAR.add(date.fromisoformat(day), count) == date.fromisoformat(expected)


@given(DAYS, some.integers(1, 60))
def test_adding_and_counting_working_days_agree(day: date, count: int) -> None:
    later = CALENDAR.add(day, count)
    assert CALENDAR.is_working(later)
    assert CALENDAR.between(day, later) - CALENDAR.is_working(day) == count
    assert CALENDAR.add(later, -count) <= day < later


@pytest.mark.parametrize(("day", "last"), [("2013-06-11", "2013-06-09"), ("2013-06-13", "2013-06-13")])
def test_the_last_working_day_is_the_day_itself_or_one_before(day: str, last: str) -> None:
    assert CALENDAR.last_before(date.fromisoformat(day)) == date.fromisoformat(last)


def test_a_day_outside_the_calendar_is_an_error_not_a_guess() -> None:
    with pytest.raises(OutsideCalendar, match="2031年1月1日"):
        CALENDAR.is_working(date(2031, 1, 1))
    with pytest.raises(OutsideCalendar):
        Calendar(()).add(date(2013, 6, 9), 1)


def test_a_year_without_its_official_list_is_told_apart() -> None:
    assert has_make_up_days(2013)
    assert has_make_up_days(2026)
    assert not has_make_up_days(2090)


def test_before_the_first_official_list_monday_to_friday_are_worked() -> None:
    former = official_calendar(1999, 2001)
    assert former.is_working(date(2000, 10, 2))  # 国庆节
    assert not former.is_working(date(2000, 10, 7))
    assert not former.is_working(date(2001, 10, 2))
