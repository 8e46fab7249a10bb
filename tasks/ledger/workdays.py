from datetime import date

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from models.escalation.calendar import Calendar, Workday, official_workdays
from tasks.ledger.locks import one_at_a_time

FIRST_CALENDAR_YEAR = 2010
YEARS_AHEAD = 12  # a plan is accepted up to ten years ahead, and its deadline may be moved


def calendar_around(session: Session, *dates: date) -> Calendar:
    """The office's working days from the year before the first of the dates to two years after.

    What fell due before there was a calendar has a next working day, too: the first year is in it.
    """
    until = max(max(dates).year, FIRST_CALENDAR_YEAR)
    first, last = date(max(min(dates).year - 1, 1), 1, 1), date(min(until + 2, 9999), 12, 31)
    known: dict[tuple[date, date], Calendar] = session.info.setdefault("calendars", {})
    if (first, last) not in known:
        in_order = aggregate_order_by(Workday.day, Workday.day.asc())
        days = select(func.array_agg(in_order)).where(Workday.is_working, Workday.day.between(first, last))
        known[first, last] = Calendar(tuple(session.scalar(days) or ()))
    return known[first, last]


def refresh_calendar(session: Session, today: date) -> None:
    """Bring the working days up to the official lists; what the office set itself stays.

    Years whose list is not out yet hold statutory days only.
    """
    one_at_a_time(session, "calendar")
    settled = select(Workday.day, Workday.is_working).where(Workday.source != "official")
    own = {day: works for day, works in session.execute(settled)}  # noqa: C416 - rows are not typed as pairs
    ordinal, rows = 0, []
    for day, official in official_workdays(FIRST_CALENDAR_YEAR, today.year + YEARS_AHEAD):
        works = own.get(day, official)
        ordinal += works
        source = "office" if day in own else "official"
        rows.append({"day": day, "is_working": works, "ordinal": ordinal, "source": source})
    session.execute(delete(Workday))
    session.execute(insert(Workday), rows)
    session.info.pop("calendars", None)
