"""Notices of decisions on an escalation: who gets them, and the text."""

from collections.abc import Iterable

from sqlalchemy import Integer, Select, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Notice
from models.escalation.recipients import StaffOnDay
from models.words import Occasion, Step

ORDERS = (Occasion.INSTRUCTED, Occasion.REOPENED)  # of the inspection office


def in_charge(staff: StaffOnDay, item: ActionItem) -> set[int]:
    """Who is told of decisions on an item: its owner and its leader, or who acts for them."""
    recipients = (*staff.addressees(Step.REMINDER_AFTER, item), staff.responsible_leader(item))
    return {recipient.person_id for recipient in recipients if recipient}


def tell(session: Session, people: Iterable[int], escalation: Escalation, occasion: Occasion, text: str) -> None:
    """Give people a notice of a decision on an escalation; a second decision replaces the text."""
    tell_all(session, people, select(literal(escalation.id)), occasion, text)


def tell_order(session: Session, people: Iterable[int], escalation: Escalation, occasion: Occasion, text: str) -> None:
    """Tell people an order of the inspection office; it takes the place of one not sent yet."""
    former = update(Notice).where(
        Notice.escalation_id == escalation.id,
        Notice.occasion.in_(ORDERS),
        Notice.delivery_id.is_(None),
        Notice.dropped_at.is_(None),
    )
    session.execute(former.values(dropped_at=func.now()))
    tell(session, people, escalation, occasion, text)


def tell_all(
    session: Session, people: Iterable[int], escalations: Select[int], occasion: Occasion, text: str = ""
) -> None:
    """Give people a notice for each escalation, or send theirs again with the newer text."""
    about = escalations.subquery("about")
    given = (literal(occasion, Notice.occasion.type), literal(text))
    rows = select(*about.c, func.unnest(literal(sorted(people), ARRAY(Integer))).label("recipient_id"), *given)
    notices = insert(Notice).from_select(("escalation_id", "recipient_id", "occasion", "text"), rows)
    session.execute(
        notices.on_conflict_do_update(
            index_elements=("escalation_id", "recipient_id", "occasion"),
            set_={"text": notices.excluded.text, "delivery_id": None, "dropped_at": None},
        )
    )
