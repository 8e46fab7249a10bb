"""Opens items."""

from datetime import date
from typing import Any

from sqlalchemy import FromClause, Select, SQLColumnExpression, and_, insert, literal, null, select
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from models.escalation.action_item import ActionItem, Pause
from models.ledger.project import Project
from models.words import ItemKind
from tasks.items.campaign_numbers import followed_campaign
from tasks.items.holds import pause_items
from tasks.items.next_steps import first_steps
from tasks.items.statements import change_items
from tasks.ledger.workdays import calendar_around

IN_ORDER = ("position", "milestone_id")  # items are numbered in the order of these columns
Columns = dict[str, SQLColumnExpression[Any]]

ON_PROJECT: Columns = {
    "project_id": Project.id,
    "unit_id": Project.unit_id,
    "owner_id": Project.officer_id,
    "leader_id": Project.leader_id,
}  # an item is owed by those in charge of its project


def new_items(kind: ItemKind, columns: Columns) -> Select[*tuple[Any, ...]]:
    """A query for new items: their columns, and the `position` in which they are numbered."""
    return select(
        literal(kind, ActionItem.kind.type).label("kind"), *(value.label(name) for name, value in columns.items())
    )


def opened_items(new: Select[*tuple[Any, ...]], steps: FromClause) -> ReturningInsert[int | None, int]:
    """The statement that opens items with their `first_steps`; returns projects and ids."""
    item = new.subquery("new_item")
    names = [name for name in item.c.keys() if name != "position"]  # noqa: SIM118 - columns are iterated, not names
    campaign_id = followed_campaign(item.c.project_id) if "project_id" in item.c else null()
    follows = steps.c.campaign_id.is_not_distinct_from(campaign_id)
    is_first = and_(steps.c.kind == item.c.kind, steps.c.due_on == item.c.due_on, follows)
    follow = ("begins_on", "next_step", "next_fires_on")
    rows = select(*(item.c[name] for name in names), *(steps.c[name] for name in follow))
    rows = rows.outerjoin_from(item, steps, is_first).order_by(*(item.c[name] for name in IN_ORDER if name in item.c))
    opened = insert(ActionItem).from_select([*names, *follow], rows)
    return opened.returning(ActionItem.project_id, ActionItem.id)


def open_item(
    session: Session,
    kind: ItemKind,
    project: Project,
    due_on: date,
    as_of: date,
    hold: Pause | None = None,
    **columns: SQLColumnExpression[Any],
) -> ActionItem:
    """Open an item on a project; it waits with the others if the project is on hold.

    `hold` is as in `pause_items`. `OutsideCalendar` when the calendar does not reach to `due_on`.
    """
    calendar_around(session, due_on).check(due_on)
    new = new_items(kind, ON_PROJECT | columns | _on_days(due_on, as_of)).where(Project.id == project.id)
    item_id = _open_one(session, kind, new, due_on)
    pause_items(session, [project.id], as_of, hold)
    return session.get_one(ActionItem, item_id)


def open_again(session: Session, former: ActionItem, due_on: date, as_of: date) -> ActionItem:
    names = ("investor_id", "unit_id", "owner_id", "leader_id")
    columns = {name: getattr(ActionItem, name) for name in names} | _on_days(due_on, as_of)
    new = new_items(former.kind, columns).where(ActionItem.id == former.id)
    return session.get_one(ActionItem, _open_one(session, former.kind, new, due_on))


def counted(as_of: date, days: int | None) -> Columns:
    """The columns of a due date that many working days after `as_of`; without them, a given one."""
    return {"counted_from": literal(as_of), "counted_days": literal(days)} if days else {}


def _on_days(due_on: date, as_of: date) -> Columns:
    return {"due_on": literal(due_on), "opened_on": literal(as_of), "position": literal(0)}


def _open_one(session: Session, kind: ItemKind, new: Select[*tuple[Any, ...]], due_on: date) -> int:
    opened = change_items(session, opened_items(new, first_steps(session, [(kind, due_on)])))
    item_id: int = opened.one().id
    return item_id


def plan_visit(
    session: Session,
    project: Project,
    due_on: date,
    as_of: date,
    hold: Pause | None = None,
    counted_days: int | None = None,
) -> ActionItem:
    """Open the visit the project owes next, due on `due_on` or the working day after it.

    `counted_days`: the day was counted, so many working days from `as_of`.
    """
    working_day = calendar_around(session, due_on).add(due_on, 0)
    return open_item(session, ItemKind.VISIT, project, working_day, as_of, hold, **counted(as_of, counted_days))
