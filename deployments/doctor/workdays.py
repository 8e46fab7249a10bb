"""The working calendar: does it reach far enough, without holes, with its make-up days."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import func, select, text

from deployments.doctor.findings import Finding, Level, fine, wrong
from deployments.doctor.ledger import reading
from models.escalation.calendar import Workday, has_make_up_days
from models.i18n import gettext as _
from tasks.ledger.office_time import day_of
from tasks.ledger.workdays import FIRST_CALENDAR_YEAR

# The first day without its predecessor, and the first whose number does not follow from its
BROKEN = """
SELECT min(day) FILTER (WHERE day - before <> 1 OR before IS NULL AND day > :first),
       min(day) FILTER (WHERE day - before = 1 AND ordinal - ordinal_before <> is_working::int)
FROM (SELECT day, ordinal, is_working, lag(day) OVER days AS before, lag(ordinal) OVER days AS ordinal_before
      FROM workday WINDOW days AS (ORDER BY day)) AS in_order
"""


def calendar() -> Iterator[Finding]:
    """Do the working days reach far enough, with their make-up days?"""
    year_now = day_of("").year
    with reading() as session:
        last = session.scalar(select(func.max(Workday.day)))
    if last is None or last.year <= year_now:
        yield wrong(_("The calendar ends on %(day)s.") % {"day": last or "–"}, _("Run `luodi db upgrade`."))
        return
    yield from holes()
    update = _(
        "Once the State Council has published the list, update the package `holidays` and run `luodi db upgrade`."
    )
    for year, level in ((year_now, Level.WRONG), (year_now + 1, Level.NOTICE)):
        if has_worked_weekends(year):
            yield fine(_("The calendar of %(year)s has its make-up days.") % {"year": year})
        else:
            remedy = _("Run `luodi db upgrade`.") if has_make_up_days(year) else update
            yield Finding(level, _("The calendar of %(year)s has no make-up days yet.") % {"year": year}, remedy)


def holes() -> Iterator[Finding]:
    """Is every day there, and does each working day count one more? Deadlines need both."""
    with reading() as session:
        after_hole, miscounted = session.execute(text(BROKEN), {"first": date(FIRST_CALENDAR_YEAR, 1, 1)}).one()
    if after_hole:
        what = _("The calendar has a hole: days before %(day)s are missing. Deadlines are counted wrongly.")
        yield wrong(what % {"day": after_hole}, _("Run `luodi db upgrade`."))
    if miscounted:
        what = _("The calendar counts working days wrongly from %(day)s on, and so the deadlines.")
        yield wrong(what % {"day": miscounted}, _("Run `luodi db upgrade`."))


def has_worked_weekends(year: int) -> bool:
    """Whether the ledger's calendar takes a Saturday or Sunday of a year for a working day."""
    weekend = func.extract("isodow", Workday.day) > 5
    in_year = Workday.day.between(date(year, 1, 1), date(year, 12, 31))
    with reading() as session:
        return session.scalar(select(Workday.day).where(Workday.is_working, weekend, in_year).limit(1)) is not None
