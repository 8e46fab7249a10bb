"""Issued bulletins: one a week, numbered without gaps within the year, its figures frozen."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.bulletin.bulletin import Bulletin
from models.bulletin.figures import Figures, frozen, thawed
from models.escalation.withdrawn import VoidNumber
from models.i18n import gettext as _
from models.i18n import mark
from models.refusal import Refused
from tasks.bulletin.facts import indicators
from tasks.bulletin.figures import WEEK, week_counts, week_figures
from tasks.database import snapshot, transaction
from tasks.documents.text import text_of
from tasks.ledger.current_campaign import current_campaign
from tasks.ledger.document_numbers import notices_of, take_numbers
from tasks.ledger.locks import one_at_a_time
from tasks.ledger.office_time import beginning_of, day_in, day_of

ACTOR = "weekly-bulletin"
WEEK_TITLE = mark("Week")


class NoBulletin(Refused):
    """There is no bulletin of that number: the desk's first page lists those that were issued."""


class Issued(NamedTuple):
    id: int
    year: int
    number: int
    figures: Figures
    is_new: bool = False  # issued just now

    @property
    def name(self) -> str:
        """How it is cited, and how its files are called."""
        return bulletin_name(self.year, self.number)


def bulletin_name(year: int, number: int) -> str:
    return _("Weekly bulletin No. %(number)s of %(year)s") % {"number": number, "year": year}


def week_of(week: str, as_of: date) -> date:
    """The Monday of the week a day lies in; if '', of the week before that of `as_of`.

    Refused when it is no date, or that week is not over on `as_of`.
    """
    day = day_in(week, WEEK_TITLE) if week.strip() else as_of - WEEK
    monday = day - timedelta(day.weekday())
    if monday + WEEK > as_of:
        message = _("The week from %(day)s is not over on %(as_of)s: its bulletin is issued on the Monday after.")
        raise Refused(message % {"day": monday, "as_of": as_of})
    return monday


def known_at(day: date) -> datetime | None:
    """Until when what was entered counts in a bulletin of that day: a past day's end; None: now.

    Refused when the day has not come.
    """
    today = day_of("")
    if day > today:
        raise Refused(_("A bulletin is not issued before its day: %(day)s has not come.") % {"day": day})
    return None if day == today else beginning_of(day + timedelta(1))


def issue(week_from: date, issued_on: date, known_at: datetime | None = None) -> Issued:
    """The bulletin of the week from that Monday, issued now if need be. Two at once issue one.

    `known_at` is passed to `week_figures`; a bulletin that was issued before is not counted again.
    """
    figures = preview(week_from, issued_on, known_at)
    with transaction(ACTOR, f"{ACTOR} {week_from}") as session:
        one_at_a_time(session, "bulletin")
        return _find(session, week_from) or _enter(session, figures)


def preview(week_from: date, issued_on: date, known_at: datetime | None = None) -> Figures:
    """What the bulletin of that week says, or would say if it were issued now."""
    with snapshot() as session:
        if issued := _find(session, week_from):
            return issued.figures
        campaign = current_campaign(session, week_from + WEEK - timedelta(1), week_from)
        return week_figures(session, week_from, campaign, issued_on, known_at)


def _enter(session: Session, figures: Figures) -> Issued:
    year = figures.issued_on.year
    (number,) = take_numbers(session, f"weekly bulletin {year}", 1)
    entered = Bulletin(
        week_from=figures.week_from,
        week_until=figures.week_until,
        issued_on=figures.issued_on,
        year=year,
        number=number,
        figures=frozen(figures),
    )
    session.add(entered)
    session.flush()
    return _issued(entered)._replace(is_new=True)


def _find(session: Session, week_from: date) -> Issued | None:
    bulletin = session.scalars(select(Bulletin).where(Bulletin.week_from == week_from)).one_or_none()
    return _issued(bulletin) if bulletin else None


def _issued(bulletin: Bulletin) -> Issued:
    return Issued(bulletin.id, bulletin.year, bulletin.number, thawed(bulletin.figures))


def recent(count: int) -> list[Issued]:
    with transaction() as session:
        newest = select(Bulletin).order_by(Bulletin.year.desc(), Bulletin.number.desc()).limit(count)
        return list(map(_issued, session.scalars(newest)))


def numbered(year: int, number: int) -> Issued:
    """The bulletin of that number, or `NoBulletin`."""
    with transaction() as session:
        query = select(Bulletin).where(Bulletin.year == year, Bulletin.number == number)
        bulletin = session.scalars(query).one_or_none()
    if bulletin is None:
        message = _("There is no weekly bulletin No. %(number)s of %(year)s.")
        raise NoBulletin(message % {"number": number, "year": year})
    return _issued(bulletin)


def corrected(issued: Issued) -> list[tuple[str, str, str]]:
    """The week's indicators that changed since: name, as issued, as known now."""
    figures = issued.figures
    with snapshot() as session:
        now = week_counts(session, figures)
    readers = dict(indicators(figures)) | dict(indicators(replace(figures, week=now)))
    both = ((label, text_of(read(figures.week)), text_of(read(now))) for label, read in readers.items())
    return [line for line in both if line[1] != line[2]]


def voided(issued: Issued) -> list[tuple[int, int]]:
    """The year and number of the supervision notices it names that are void by now."""
    numbers = {(issue.notice_year, issue.notice_no) for issue in issued.figures.agenda.shown}
    named = [(year, number) for year, number in numbers if year and number]
    with snapshot() as session:
        rows = session.execute(select(VoidNumber.counter, VoidNumber.number)).all() if named else ()
    void = {(row.counter, row.number) for row in rows}
    return sorted((year, number) for year, number in named if (notices_of(year), number) in void)
