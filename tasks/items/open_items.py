from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.words import RAISED, ItemKind


def open_items(session: Session, project_id: int) -> list[ActionItem]:
    """What is owed on the project, the earliest due first."""
    return list(
        session.scalars(
            select(ActionItem)
            .where(ActionItem.project_id == project_id, ActionItem.closed_on.is_(None))
            .order_by(ActionItem.due_on, ActionItem.id)
        )
    )


def open_visit(session: Session, project_id: int) -> ActionItem | None:
    return next((item for item in open_items(session, project_id) if item.kind is ItemKind.VISIT), None)


def open_investor_visit(session: Session, investor_id: int) -> ActionItem | None:
    owed = select(ActionItem).where(ActionItem.investor_id == investor_id, ActionItem.closed_on.is_(None))
    return session.scalars(owed.where(ActionItem.kind == ItemKind.VISIT)).one_or_none()


def open_verification(session: Session, item_id: int) -> ActionItem | None:
    owed = select(ActionItem).where(ActionItem.verifies_id == item_id, ActionItem.closed_on.is_(None))
    return session.scalars(owed).one_or_none()


def last_raised(session: Session, item_id: int) -> Escalation | None:
    """The last time the item was raised to a leader or to the inspection office."""
    raised = select(Escalation).where(Escalation.item_id == item_id, Escalation.step.in_(RAISED))
    return session.scalars(raised.order_by(Escalation.id.desc()).limit(1)).one_or_none()
