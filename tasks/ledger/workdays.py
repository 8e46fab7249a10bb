from datetime import date

from sqlalchemy import ARRAY, bindparam, delete, func, insert, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from models.escalation.calendar import FIRST_LISTED_YEAR, Calendar, Workday, official_workdays
from models.office_files.days.days import FIRST_YEAR
from tasks.ledger.locks import one_at_a_time

FIRST_CALENDAR_YEAR = FIRST_YEAR  # the oldest day a ledger file or a form may give
YEARS_AHEAD = 12  # a plan is accepted up to ten years ahead, and its deadline may be moved
OFFICE = "office"
TABLE = Workday.metadata.tables[Workday.__tablename__]
COLUMNS = tuple(TABLE.columns[name] for name in ("day", "is_working", "ordinal", "source"))
NAMES = [column.name for column in COLUMNS]
LISTS = func.unnest(*(bindparam(column.name, type_=ARRAY(column.type)) for column in COLUMNS))
WRITE = insert(TABLE).from_select(NAMES, select(LISTS.table_valued(*NAMES).render_derived()))
"""Writes all days from a list for each column, in a fraction of the time that rows take."""


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
    stored = {row[0]: tuple(row) for row in session.execute(select(*COLUMNS))}
    ordinal, rows, moved = 0, [], []
    for day, official in official_workdays(FIRST_CALENDAR_YEAR, today.year + YEARS_AHEAD):
        _day, worked, _ordinal, source = stored.get(day, (day, official, 0, ""))
        works = worked if source == OFFICE else official
        ordinal += works
        if source != OFFICE:
            source = "official" if day.year >= FIRST_LISTED_YEAR else "weekday"
        rows.append((day, works, ordinal, source))
        if works != worked:
            moved.append(day)
    if list(stored.values()) == rows:
        return []
    session.execute(delete(Workday))
    session.execute(WRITE, {name: list(values) for name, values in zip(NAMES, zip(*rows, strict=True), strict=True)})
    session.info.pop("calendars", None)
    return moved
