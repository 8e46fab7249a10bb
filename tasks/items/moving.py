from datetime import date

from sqlalchemy import Select, Update, exists, insert, literal, select, update
from sqlalchemy.orm import Session, aliased

from models.escalation.action_item import ActionItem, Pause
from models.escalation.ladder import new_round
from models.ledger.project import Project
from models.words import ItemKind, Step
from tasks.items.campaign_numbers import current_policy
from tasks.items.next_steps import set_next_steps
from tasks.items.statements import change_items
from tasks.ledger.workdays import calendar_around

GIVEN: dict[str, object] = {"counted_from": None, "counted_days": None}  # columns of a date that was not counted


def moved_items(moves: Update, as_of: date) -> Select[int | None, int]:
    """The statement that moves items; it returns the project and the id of each.

    `moves` sets `due_on` with how it was counted, or `GIVEN`, and `new_round(…)` unless the ladder
    goes on in its round. A paused item's pause counts from `as_of`. The caller sets the next steps.
    """
    moved = moves.returning(ActionItem.project_id, ActionItem.id).cte("moved")
    ended = (
        update(Pause)
        .where(Pause.item_id == moved.c.id, Pause.until_on.is_(None))
        .values(until_on=as_of)
        .returning(Pause.item_id, Pause.reason, Pause.granted_by)
        .cte("ended")
    )
    begun = insert(Pause).from_select(
        ("item_id", "from_on", "reason", "granted_by"),
        select(ended.c.item_id, literal(as_of), ended.c.reason, ended.c.granted_by),
    )
    return select(moved.c.project_id, moved.c.id).add_cte(begun.cte("begun"))


def move_items(session: Session, moves: Update, as_of: date) -> None:
    moved = change_items(session, moved_items(moves, as_of)).all()
    if moved:
        set_next_steps(session, items=[item_id for _project_id, item_id in moved])


def move_item(
    session: Session,
    item: ActionItem,
    due_on: date,
    as_of: date,
    entry: Step | None = None,
    promised_on: date | None = None,
) -> None:
    """Let the ladder count anew from another due date of an item, or from the promised date.

    Raises `OutsideCalendar` if that date lies outside the office's calendar.
    """
    first = promised_on or due_on
    calendar_around(session, first).check(first)
    columns = new_round(entry=entry, promised_on=promised_on) | ({} if due_on == item.due_on else GIVEN)
    move_items(session, update(ActionItem).where(ActionItem.id == item.id).values(due_on=due_on, **columns), as_of)


def bring_forward(
    session: Session, items: Select[int], due_on: date, as_of: date, counted_days: int | None = None
) -> None:
    """Let those items that are due later be due on that day; their rounds go on.

    `counted_days`: the day was counted, so many working days from `as_of`.
    """
    are_later = (ActionItem.id.in_(items), ActionItem.due_on > due_on)
    counted = {"counted_from": as_of, "counted_days": counted_days} if counted_days else GIVEN
    move_items(session, update(ActionItem).where(*are_later).values(due_on=due_on, **counted), as_of)


def pull_visit_forward(session: Session, project: Project, as_of: date) -> None:
    """Let the next visit come soon once the project's last blocker is closed."""
    within = current_policy(session, ItemKind.VISIT, project.id).visit_after_resolution
    blocker = aliased(ActionItem)
    is_blocked = exists().where(
        blocker.project_id == project.id, blocker.kind == ItemKind.BLOCKER, blocker.closed_on.is_(None)
    )
    visits = select(ActionItem.id).where(
        ActionItem.project_id == project.id,
        ActionItem.kind == ItemKind.VISIT,
        ActionItem.closed_on.is_(None),
        ~is_blocked,
    )
    bring_forward(session, visits, calendar_around(session, as_of).add(as_of, within), as_of, within)
