"""Opens, moves, hands over and closes the items that staged projects imply."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    FromClause,
    Select,
    SQLColumnExpression,
    Text,
    Update,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from models.escalation.action_item import ActionItem
from models.escalation.ladder import new_round
from models.ledger.history import Change
from models.ledger.project import Milestone, Project
from models.words import OPEN_STAGES, ItemKind
from tasks.imports.entering.staging import STAGED_MILESTONE, STAGED_PROJECT
from tasks.imports.entering.write import Changes
from tasks.items.campaign_numbers import Counted, days_ahead
from tasks.items.holds import pause_items
from tasks.items.long_overdue import Backlog, backlog_on
from tasks.items.moving import GIVEN, moved_items
from tasks.items.next_steps import first_steps
from tasks.items.opening import ON_PROJECT, Columns, new_items, opened_items

# Before the projects are changed: a comparison of the two shows who took over from whom.
# Items that were handed to others than the project's own people stay with them.
HAND_OVER = """
UPDATE action_item i SET owner_id = n.owner_id, leader_id = n.leader_id, unit_id = n.unit_id
FROM (
    SELECT i.id,
           CASE WHEN i.owner_id IS DISTINCT FROM p.officer_id THEN i.owner_id
                WHEN 'officer_id' = ANY (s.cleared) THEN s.officer_id
                ELSE coalesce(s.officer_id, i.owner_id) END AS owner_id,
           CASE WHEN i.leader_id IS DISTINCT FROM p.leader_id THEN i.leader_id
                WHEN 'leader_id' = ANY (s.cleared) THEN s.leader_id
                ELSE coalesce(s.leader_id, i.leader_id) END AS leader_id,
           CASE WHEN i.unit_id = p.unit_id AND i.kind <> 'blocker' THEN coalesce(s.unit_id, i.unit_id)
                ELSE i.unit_id END AS unit_id
    FROM action_item i
    JOIN project p ON p.id = i.project_id
    JOIN staged_project s ON s.project_id = p.id
    WHERE i.closed_on IS NULL AND i.kind <> 'verify'
) n
WHERE i.id = n.id AND (i.owner_id, i.leader_id, i.unit_id) IS DISTINCT FROM (n.owner_id, n.leader_id, n.unit_id)
RETURNING i.project_id
"""

REACHED = """
UPDATE action_item i
SET closed_on = :as_of, result = 'done', is_paused = false, next_step = NULL, next_fires_on = NULL
FROM milestone m JOIN staged_project s ON s.project_id = m.project_id
WHERE i.milestone_id = m.id AND i.closed_on IS NULL AND m.done_on IS NOT NULL
RETURNING i.project_id
"""

DAYS = """
SELECT 'visit' AS kind, visit_due_on AS due_on FROM staged_project WHERE visit_due_on IS NOT NULL
UNION SELECT 'visit', unnest(CAST(:visit AS date[]))
UNION SELECT 'milestone', planned_on FROM staged_milestone WHERE planned_on IS NOT NULL AND done_on IS NULL
UNION SELECT 'blocker', due_on FROM staged_blocker WHERE due_on IS NOT NULL
UNION SELECT 'blocker', unnest(CAST(:blocker AS date[]))
"""

END_PAUSES = """
UPDATE pause w SET until_on = :as_of
FROM action_item i JOIN staged_project s ON s.project_id = i.project_id
WHERE i.id = w.item_id AND i.closed_on IS NOT NULL AND w.until_on IS NULL
"""


class Deadlines(NamedTuple):
    """Due dates for what the file gives none for; the `first_steps` of all it may open."""

    visit: Counted
    blocker: Counted
    backlog: Backlog
    steps: FromClause


def was_due_on(item: type[ActionItem], day: SQLColumnExpression[Any]) -> SQLColumnExpression[bool]:
    """History says that the item was due on that day before its due date was changed."""
    former = select(Change.id).where(
        Change.table_name == ActionItem.__tablename__,
        Change.row_id == item.id.cast(Text),
        Change.column_name == "due_on",
        Change.old == func.to_jsonb(day, type_=JSONB),
    )
    return former.correlate_except(Change).exists()


def hand_over(changes: Changes, backlog: Backlog, as_of: date) -> None:
    """Give open items their new owners, leaders and units, planned milestones their new days."""
    changes.run(HAND_OVER)
    changes.run(moved_items(_moved_plans(backlog), as_of))


def close_reached(changes: Changes, as_of: date) -> None:
    changes.run(REACHED, as_of=as_of)


def settle_pauses(session: Session, projects: Sequence[int], as_of: date) -> None:
    pause_items(session, projects, as_of)
    session.execute(text(END_PAUSES), {"as_of": as_of})


def deadlines(session: Session, as_of: date) -> Deadlines:
    """In working days after a project entered the ledger: a late ledger makes nothing overdue."""
    visit = days_ahead(session, ItemKind.VISIT, "first_visit_within", as_of)
    blocker = days_ahead(session, ItemKind.BLOCKER, "blocker_within", as_of)
    days = session.execute(text(DAYS), {"visit": list(visit.days.values()), "blocker": list(blocker.days.values())})
    backlog = backlog_on(session, as_of, ItemKind.VISIT, ItemKind.MILESTONE, ItemKind.BLOCKER)
    steps = first_steps(session, [(ItemKind(kind), day) for kind, day in days], backlog)
    return Deadlines(visit, blocker, backlog, steps)


def open_items(changes: Changes, defaults: Deadlines, as_of: date) -> None:
    """Open a visit for each open project and an item for each plan."""
    changes.run(moved_items(_moved_visits(defaults.backlog), as_of))
    changes.run(opened_items(_visits(defaults.visit, as_of), defaults.steps))
    changes.run(opened_items(_plans(Project.signed_on).where(STAGED_PROJECT.c.is_new), defaults.steps))
    changes.learn("action_item")
    changes.run(opened_items(_plans(literal(as_of)).where(~STAGED_PROJECT.c.is_new, *_never_planned()), defaults.steps))


def new_dates(kind: ItemKind, due_on: SQLColumnExpression[Any], backlog: Backlog) -> dict[str, object]:
    """The columns of items of that kind to which a file gives other due dates."""
    begins_on = backlog.day(kind, due_on, ActionItem.project_id)
    return {"due_on": due_on, **GIVEN, **new_round(), "begins_on": begins_on}


def _moved_plans(backlog: Backlog) -> Update:
    """Before milestones are changed: an extension granted meanwhile outlives an unchanged plan."""
    planned_on = STAGED_MILESTONE.c.planned_on
    return (
        update(ActionItem)
        .where(ActionItem.milestone_id == Milestone.id, ActionItem.closed_on.is_(None))
        .where(Milestone.project_id == STAGED_MILESTONE.c.project_id, Milestone.kind == STAGED_MILESTONE.c.kind)
        .where(planned_on.is_distinct_from(Milestone.planned_on))
        .where(ActionItem.due_on != planned_on)
        .values(**new_dates(ItemKind.MILESTONE, planned_on, backlog))
    )


def _moved_visits(backlog: Backlog) -> Update:
    """A due date is news if the visit never had it: no old file undoes what was agreed since."""
    due_on, former = STAGED_PROJECT.c.visit_due_on, aliased(ActionItem)
    had_it = (
        select(former.id)
        .where(former.project_id == ActionItem.project_id, former.kind == ItemKind.VISIT)
        .where((former.due_on == due_on) | was_due_on(former, due_on))
    )
    return (
        update(ActionItem)
        .where(ActionItem.project_id == STAGED_PROJECT.c.project_id, ActionItem.kind == ItemKind.VISIT)
        .where(ActionItem.closed_on.is_(None), ActionItem.due_on != due_on, ~had_it.exists())
        .values(**new_dates(ItemKind.VISIT, due_on, backlog))
    )


def _visits(days: Counted, as_of: date) -> Select[Any]:
    default, own = days.columns(Project.id), STAGED_PROJECT.c.visit_due_on
    is_given = and_(STAGED_PROJECT.c.is_new, own.is_not(None))
    visit: Columns = {
        "opened_on": case((STAGED_PROJECT.c.is_new, func.least(Project.signed_on, own)), else_=literal(as_of)),
        "due_on": case((is_given, own), else_=default["due_on"]),
        "counted_from": case((is_given, null()), else_=default["counted_from"]),
        "counted_days": case((is_given, null()), else_=default["counted_days"]),
        "position": STAGED_PROJECT.c.row_no,
    }
    is_owed = exists().where(
        ActionItem.project_id == Project.id, ActionItem.kind == ItemKind.VISIT, ActionItem.closed_on.is_(None)
    )
    return _of_open_projects(ItemKind.VISIT, visit).where(~is_owed)


def _plans(opened_on: SQLColumnExpression[date]) -> Select[Any]:
    plan: Columns = {
        "milestone_id": Milestone.id,
        "opened_on": func.least(opened_on, Milestone.planned_on),
        "due_on": Milestone.planned_on,
        "position": STAGED_PROJECT.c.row_no,
    }
    plans = _of_open_projects(ItemKind.MILESTONE, plan).join(Milestone, Milestone.project_id == Project.id)
    return plans.where(Milestone.planned_on.is_not(None), Milestone.done_on.is_(None))


def _of_open_projects(kind: ItemKind, columns: Columns) -> Select[Any]:
    items = new_items(kind, ON_PROJECT | columns).join(STAGED_PROJECT, STAGED_PROJECT.c.project_id == Project.id)
    return items.where(Project.stage.in_(OPEN_STAGES))


def _never_planned() -> Sequence[SQLColumnExpression[bool]]:
    """No item was ever due on the planned day: to close that item was to close this plan."""
    is_due = ActionItem.closed_on.is_(None) | (ActionItem.due_on == Milestone.planned_on)
    of_milestone = ActionItem.milestone_id == Milestone.id
    return (
        ~exists().where(of_milestone, is_due),
        ~exists().where(of_milestone, was_due_on(ActionItem, Milestone.planned_on)),
    )
