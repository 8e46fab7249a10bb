"""Projects on hold: pauses of their items, and verification asked again."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Pause
from models.ledger.project import Project
from tasks.items.next_steps import set_next_step
from tasks.items.second_key import ask_verification


def current_hold(session: Session, project_id: int | None) -> Pause | None:
    """Why the clock of the project stands still, if it does; without a project it never does."""
    if project_id is None:
        return None
    standing = select(Pause).join(ActionItem, ActionItem.id == Pause.item_id).where(Pause.until_on.is_(None))
    owed = standing.where(ActionItem.project_id == project_id, ActionItem.closed_on.is_(None))
    return session.scalars(owed.limit(1)).one_or_none()


def put_on_hold(session: Session, item: ActionItem, hold: Pause | None, as_of: date) -> None:
    """Let an item that is opened on a project on hold wait with the others."""
    if hold is not None:
        session.flush()
        item.is_paused = True
        set_next_step(session, item)
        session.add(Pause(item_id=item.id, from_on=as_of, reason=hold.reason, granted_by=hold.granted_by))


def count_hold_from(session: Session, item: ActionItem, as_of: date) -> None:
    """Let an item's pause count from today: who sets a date while the clock stands knows what went before."""
    if not item.is_paused:
        return
    former = session.scalars(select(Pause).where(Pause.item_id == item.id, Pause.until_on.is_(None))).one()
    former.until_on = as_of
    session.add(Pause(item_id=item.id, from_on=as_of, reason=former.reason, granted_by=former.granted_by))


def _ask_verification(session: Session, project: Project, as_of: date, hold: Pause | None = None) -> None:
    for verification in ask_verification(session, [project.id], as_of):
        put_on_hold(session, verification, hold or current_hold(session, project.id), as_of)
