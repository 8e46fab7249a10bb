"""Moves due dates: of one item or of many, by one statement."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Date, FromClause, Integer, Select, column, insert, literal, select, text, update
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Pause
from models.escalation.ladder import new_round
from models.words import Step
from tasks.items.next_steps import set_next_steps
from tasks.items.statements import change_items
from tasks.ledger.workdays import calendar_around


def new_days(query: str, **values: object) -> FromClause:
    """A query in SQL for `item_id` and `due_on`."""
    rows = text(query).bindparams(**values)
    return rows.columns(column("item_id", Integer), column("due_on", Date)).subquery("new_day")


def moved_items(days: FromClause, as_of: date, ladder: Mapping[str, object]) -> Select[int | None, int]:
    """The statement that gives items their new `days`; it returns the project and the item of each.

    `ladder` is `new_round(…)`, or empty if the ladder goes on in its round. The pause of a paused item counts from
    `as_of`: the new day already accounts for the time before. The next steps are set by the caller.
    """
    moved = (
        update(ActionItem)
        .where(ActionItem.id == days.c.item_id)
        .values(due_on=days.c.due_on, **ladder)
        .returning(ActionItem.id, ActionItem.project_id)
        .cte("moved")
    )
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


def move_items(session: Session, days: FromClause, as_of: date, ladder: Mapping[str, object]) -> None:
    """Give items their new `days` as `moved_items` does, and set their next steps."""
    moved = change_items(session, moved_items(days, as_of, ladder)).all()
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

    Raises:
        OutsideCalendar: if that date lies outside the office's calendar.
    """
    first = promised_on or due_on
    calendar_around(session, first).check(first)
    new_day = select(ActionItem.id.label("item_id"), literal(due_on).label("due_on")).where(ActionItem.id == item.id)
    move_items(session, new_day.subquery("new_day"), as_of, new_round(entry=entry, promised_on=promised_on))


def bring_forward(session: Session, items: Select[int], due_on: date, as_of: date) -> None:
    """Let those items that are due later be due on that day; their rounds go on."""
    later = select(ActionItem.id.label("item_id"), literal(due_on).label("due_on"))
    later = later.where(ActionItem.id.in_(items), ActionItem.due_on > due_on)
    move_items(session, later.subquery("new_day"), as_of, {})
