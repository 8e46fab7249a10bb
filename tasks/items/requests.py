"""Requests for coordination: a unit's request waits until a leader or the office has answered."""

from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from tasks.ledger.office_time import beginning_of


def is_unanswered(
    item_id: ColumnElement[int] | InstrumentedAttribute[int],
    asked_at: ColumnElement[datetime | None] | InstrumentedAttribute[datetime | None],
    last_day: date | None = None,
) -> ColumnElement[bool]:
    """Whether a request of that moment has got no answer; `last_day`: none by the end of it.

    Taking note of it is no answer, nor is putting somebody else in charge.
    """
    answered = exists().where(Escalation.item_id == item_id, Escalation.replied_at >= asked_at)
    if last_day is not None:
        answered = answered.where(Escalation.replied_at < beginning_of(last_day + timedelta(1)))
    return and_(asked_at.is_not(None), ~answered)


def asks_coordination(session: Session, item: ActionItem) -> bool:
    """Whether its unit waits for an answer to its request for coordination."""
    asked_at = item.blocker.coordination_asked_at if item.blocker and item.closed_on is None else None
    return asked_at is not None and bool(session.scalar(select(is_unanswered(literal(item.id), literal(asked_at)))))


def request(session: Session, item: ActionItem) -> str:
    """What its unit asks to be coordinated; empty without a request that waits for an answer."""
    return item.blocker.coordination_reason if item.blocker and asks_coordination(session, item) else ""
