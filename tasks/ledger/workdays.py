from datetime import date

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from models.escalation.calendar import FIRST_LISTED_YEAR, Calendar, Workday, official_workdays
from models.office_files.days.days import FIRST_YEAR
from tasks.ledger.locks import one_at_a_time

FIRST_CALENDAR_YEAR = FIRST_YEAR  # the oldest day a ledger file or a form may give
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


def refresh_calendar(session: Session, today: date) -> list[date]:
    """Bring the working days up to the official lists; what the office set itself stays.

    Years whose list is not out yet hold statutory days only. Returns the days that were worked and
    are not any more, or the other way round.
    """
    one_at_a_time(session, "calendar")
    stored = {row.day: row for row in session.execute(select(*Workday.__table__.c))}
    ordinal, rows, moved = 0, [], []
    for day, official in official_workdays(FIRST_CALENDAR_YEAR, today.year + YEARS_AHEAD):
        is_own = day in stored and stored[day].source == "office"
        works = stored[day].is_working if is_own else official
        ordinal += works
        source = "office" if is_own else "official" if day.year >= FIRST_LISTED_YEAR else "weekday"
        rows.append({"day": day, "is_working": works, "ordinal": ordinal, "source": source})
        if day in stored and stored[day].is_working != works:
            moved.append(day)
    if [row._mapping for row in stored.values()] == rows:
        return []
    session.execute(delete(Workday))
    session.execute(insert(Workday), rows)
    session.info.pop("calendars", None)
    return moved
