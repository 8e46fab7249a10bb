"""What holds projects: their blockers, by category, by the unit that must solve them, singly."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import CTE, ColumnElement, FromClause, func, or_, select
from sqlalchemy.orm import Session

from models.campaigns.slow_landing import Cohort, Held, Spent
from models.escalation.action_item import ActionItem, Blocker
from models.escalation.calendar import Workday
from models.ledger.organisation import Unit
from models.words import BlockerCategory, ItemKind
from tasks.ledger.as_of import as_known
from tasks.slow_landing.cohort import spent_by

ITEM = ("id", "project_id", "kind", "opened_on", "due_on", "promised_on", "closed_on")
BLOCKER = ("item_id", "category", "recipient_unit_id", "description", "proposed_solution")


def days_by_category(session: Session, cohort: Cohort) -> dict[BlockerCategory, Spent]:
    """Blockers of the projects behind, solved ones too; the category with most days comes first."""
    blockers = _blockers(cohort, cohort.ids)
    spent: dict[BlockerCategory, Spent] = spent_by(session, blockers, blockers.c.category, blockers.c.is_open)
    return dict(sorted(spent.items(), key=lambda item: -item[1].total))


def days_by_recipient(session: Session, cohort: Cohort) -> dict[str, Spent]:
    blockers = _blockers(cohort, cohort.ids)
    by_unit = (
        select(Unit.name, func.count(), func.sum(blockers.c.days))
        .join_from(blockers, Unit, Unit.id == blockers.c.recipient_unit_id)
        .where(blockers.c.is_open)
        .group_by(Unit.id)
        .order_by(func.count().desc(), Unit.id)
    )
    return {name: Spent(count, int(days), count) for name, count, days in session.execute(by_unit)}


def without_blocker(session: Session, cohort: Cohort) -> int:
    blockers = _blockers(cohort, cohort.ids)
    blocked = select(func.count(blockers.c.project_id.distinct())).where(blockers.c.is_open)
    return len(cohort.ids) - (session.scalar(blocked) or 0)


def held_by(session: Session, cohort: Cohort, ids: Sequence[int]) -> dict[int, list[Held]]:
    blockers = _blockers(cohort, ids)
    in_order = (
        select(blockers, Unit.name.label("recipient"))
        .join_from(blockers, Unit, Unit.id == blockers.c.recipient_unit_id)
        .where(blockers.c.is_open)
        .order_by(blockers.c.opened_on, blockers.c.id)
    )
    held: dict[int, list[Held]] = {project_id: [] for project_id in ids}
    for row in session.execute(in_order):
        held[row.project_id].append(
            Held(row.category, row.opened_on, row.recipient, row.description, row.proposed_solution, row.due)
        )
    return held


def due_of(session: Session, cohort: Cohort, ids: Sequence[int]) -> dict[int, date]:
    """The earliest day an open item is due, by project; projects without one are left out."""
    item = as_known(ActionItem, ITEM, cohort.known_at)
    due = func.min(func.coalesce(item.c.promised_on, item.c.due_on))
    owed = select(item.c.project_id, due).where(
        item.c.project_id == func.any(list(ids)), item.c.opened_on <= cohort.day, _is_open(item, cohort)
    )
    return dict(session.execute(owed.group_by(item.c.project_id)).all())


def _blockers(cohort: Cohort, ids: Sequence[int]) -> CTE:
    """Blockers opened by the day, with their working days until they were closed, or until now."""
    item, blocker = as_known(ActionItem, ITEM, cohort.known_at), as_known(Blocker, BLOCKER, cohort.known_at)
    opened, closed = Workday.__table__.alias("opened"), Workday.__table__.alias("closed")
    is_open = _is_open(item, cohort)
    last = func.coalesce(closed.c.ordinal, cohort.ordinal)
    return (
        select(
            item.c.id,
            item.c.project_id,
            item.c.opened_on,
            func.coalesce(item.c.promised_on, item.c.due_on).label("due"),
            is_open.label("is_open"),
            *(blocker.c[name] for name in BLOCKER if name != "item_id"),
            func.greatest(func.least(last, cohort.ordinal) - func.coalesce(opened.c.ordinal, 0), 0).label("days"),
        )
        .join_from(item, blocker, blocker.c.item_id == item.c.id)
        .outerjoin(opened, opened.c.day == item.c.opened_on)
        .outerjoin(closed, closed.c.day == item.c.closed_on)
        .where(item.c.project_id == func.any(list(ids)), item.c.kind == ItemKind.BLOCKER)
        .where(item.c.opened_on <= cohort.day)
        .cte("blockers")
    )


def _is_open(item: FromClause, cohort: Cohort) -> ColumnElement[bool]:
    return or_(item.c.closed_on.is_(None), item.c.closed_on > cohort.day)
