from collections.abc import Sequence
from datetime import date

from sqlalchemy import Integer, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Pause
from tasks.items.statements import change_items


def current_hold(session: Session, project_id: int | None) -> Pause | None:
    """The pause of a paused item of the project; None if the project is not on hold."""
    if project_id is None:
        return None
    pauses = select(Pause).join(ActionItem, ActionItem.id == Pause.item_id).where(Pause.until_on.is_(None))
    paused = pauses.where(ActionItem.project_id == project_id, ActionItem.closed_on.is_(None))
    return session.scalars(paused.limit(1)).one_or_none()


def pause_items(session: Session, projects: Sequence[int], as_of: date, hold: Pause | None = None) -> None:
    """Pause the running items of those projects, for the reason `hold` gives and who granted it.

    Without `hold` the reason is that of the project's paused items; if it has none, nothing is
    paused.
    """
    reasons = (
        select(ActionItem.project_id, Pause.reason, Pause.granted_by)
        .ext(distinct_on(ActionItem.project_id))
        .join(ActionItem, ActionItem.id == Pause.item_id)
        .where(Pause.until_on.is_(None), ActionItem.closed_on.is_(None))
        .where(ActionItem.project_id == func.any(list(projects)))
        .order_by(ActionItem.project_id, Pause.id)
    )
    if hold is not None:
        columns = (literal(hold.reason).label("reason"), literal(hold.granted_by).label("granted_by"))
        reasons = select(func.unnest(literal(list(projects), ARRAY(Integer))).label("project_id"), *columns)
    held = reasons.cte("held")
    paused = (
        update(ActionItem)
        .where(ActionItem.project_id == held.c.project_id, ActionItem.closed_on.is_(None), ~ActionItem.is_paused)
        .values(is_paused=True, next_step=None, next_fires_on=None)
        .returning(ActionItem.id, held.c.reason, held.c.granted_by)
        .cte("paused")
    )
    pauses = select(paused.c.id, literal(as_of), paused.c.reason, paused.c.granted_by)
    change_items(session, insert(Pause).from_select(("item_id", "from_on", "reason", "granted_by"), pauses))
