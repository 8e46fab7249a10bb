"""Whether the clock may be trusted: it leapt if working days went by that nobody swept."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import Date, cast, func, select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.question import Ask
from models.ledger.history import SweepLog
from tasks.escalation.sweep import ACTOR
from tasks.ledger.office_time import office_zone
from tasks.ledger.workdays import calendar_around


class Leap(NamedTuple):
    """Working days went by without a sweep: the machine was off, or its clock is wrong."""

    last: date | None  # the day swept last; None: the ladder was never swept
    since: date  # that day, or the one since when something waits for the first sweep
    working_days: int  # after it, through the day the clock shows


def leap_to(session: Session, day: date) -> Leap | None:
    """The leap the clock made to that day; None while at most one working day went by."""
    last = last_swept(session)
    since = last or waits_since(session, day)
    if since is None:
        return None
    count = calendar_around(session, since, day).elapsed(since, day)
    return Leap(last, since, count) if count > 1 else None


def last_swept(session: Session) -> date | None:
    """The day of the last sweep that stands."""
    return session.scalar(select(SweepLog.as_of).order_by(SweepLog.id.desc()).limit(1))


def waits_since(session: Session, day: date) -> date | None:
    """Since when the oldest item is due that a first sweep on that day would fire, and entered."""
    came_on = cast(func.timezone(office_zone().key, ActionItem.recorded_at), Date)
    due = select(func.min(func.greatest(ActionItem.next_fires_on, came_on))).where(ActionItem.closed_on.is_(None))
    since: date | None = session.scalar(due.where(ActionItem.next_fires_on <= day))
    return since


def open_question(session: Session) -> Ask | None:
    """The open question whether the clock is right: no sweep fires until it is answered."""
    asked = select(Ask).where(Ask.flow == ACTOR, Ask.verdict.is_(None), Ask.overtaken_at.is_(None))
    return session.scalars(asked.order_by(Ask.asked_at).limit(1)).first()
