"""Days as the tests' office counts them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from sqlalchemy import update

from models.escalation.calendar import Workday
from tasks.database import transaction
from tasks.ledger.office_time import day_of
from tasks.ledger.workdays import calendar_around


def today() -> date:
    """The office's day."""
    return day_of("")


def days_ago(count: int) -> date:
    """A day in the past."""
    return today() - timedelta(days=count)


def working_day(count: int) -> date:
    """The working day `count` working days after the last one (0), which is today unless today is a
    day off.
    """
    with transaction() as session:
        calendar = calendar_around(session, today())
        return calendar.add(calendar.last_before(today()), count)


def next_sweep_day() -> date:
    """The first day from today on that is swept: what happens today is judged on it."""
    with transaction() as session:
        return calendar_around(session, today()).add(today(), 0)


@contextmanager
def working_today() -> Iterator[None]:
    """Let today be a working day of the office, also at the weekend: days off are not swept."""
    is_today = update(Workday).where(Workday.day == today())
    with transaction(source="test") as session:
        worked = session.get_one(Workday, today()).is_working
        session.execute(is_today.values(is_working=True))
    yield
    with transaction(source="test") as session:
        session.execute(is_today.values(is_working=worked))
