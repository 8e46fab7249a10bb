from collections.abc import Sequence
from datetime import date

from sqlalchemy import Integer, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Pause
from models.escalation.ladder import resumed
from tasks.items.statements import change_items
from tasks.ledger.workdays import calendar_around


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


def end_pause(session: Session, item: ActionItem, as_of: date) -> Pause:
    """End the item's pause, and add its working days since the date was last set; returns it."""
    pause = session.scalars(select(Pause).where(Pause.item_id == item.id, Pause.until_on.is_(None))).one()
    pause.until_on = as_of
    promised_on, begins_on = item.promised_on, item.begins_on
    calendar = calendar_around(session, pause.from_on, item.due_on, as_of, promised_on or as_of)
    if stood := calendar.between(pause.from_on, as_of) - calendar.is_working(as_of):
        item.counted_from, item.counted_days = item.counted_from or item.due_on, (item.counted_days or 0) + stood
        item.due_on = calendar.add(item.due_on, stood)
        promised_on = promised_on and calendar.add(promised_on, stood)
        begins_on = begins_on and calendar.add(begins_on, stood)
    item.is_paused = False
    change_items(session, update(ActionItem).where(ActionItem.id == item.id).values(**resumed(promised_on, begins_on)))
    return pause


def restart_pause(session: Session, item: ActionItem, as_of: date) -> None:
    """Let the pause of an item begin anew that day: what the clock stood so far has been added."""
    former = end_pause(session, item, as_of)
    session.add(Pause(item_id=item.id, from_on=as_of, reason=former.reason, granted_by=former.granted_by))
    item.is_paused = True
    session.flush()
