"""The days of projects cut where something was reached: the first visit, each milestone, today."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, Select, Text, and_, case, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from models.campaigns.slow_landing import FIRST_VISIT, Cohort, Piece, Spent
from models.escalation.action_item import ActionItem, Visit
from models.escalation.calendar import Workday
from models.ledger.project import Milestone, Project
from models.words import MilestoneKind
from tasks.ledger.as_of import MILESTONE, PROJECT, as_known

SIGNED, PENDING = "signed", "pending"
ORDER = {
    step: place for place, step in enumerate((SIGNED, FIRST_VISIT, *(kind.value for kind in MilestoneKind), PENDING))
}
"""Of things reached on one day."""


def days_by_step(session: Session, cohort: Cohort) -> dict[str, Spent]:
    """For each step how many of the projects behind went through it or are in it, and their working days there."""
    pieces = _pieces(cohort, cohort.ids)
    figures = (func.count(), func.sum(pieces.c.days), func.count().filter(pieces.c.is_pending))
    rows = session.execute(select(pieces.c.step, *figures).group_by(pieces.c.step))
    found = {step: Spent(count, int(total), now) for step, count, total, now in rows}
    return {step: found[step] for step in ORDER if step in found}


def steps_of(session: Session, cohort: Cohort, ids: Sequence[int]) -> dict[int, list[Piece]]:
    """The steps of each project, in the order it went through them."""
    pieces = _pieces(cohort, ids)
    found: dict[int, list[Piece]] = {number: [] for number in ids}
    in_order = select(pieces).order_by(pieces.c.project_id, pieces.c.on, pieces.c.place)
    for row in session.execute(in_order):
        found[row.project_id].append(Piece(row.step, row.days, row.since, row.is_pending))
    return found


def _pieces(cohort: Cohort, ids: Sequence[int]) -> CTE:
    """A row for each step of each project; the last one leads to the first milestone of the definition still missing.

    A project that nobody has visited and that has reached nothing waits for its first visit.
    """
    reached = _reached(cohort, ids)
    place = case(ORDER, value=reached.c.step)
    ordinal = func.coalesce(Workday.ordinal, 0)
    rows = (
        select(reached.c.project_id, reached.c.step, reached.c.on, place.label("place"), ordinal.label("ordinal"))
        .outerjoin_from(reached, Workday, Workday.day == reached.c.on)
        .cte("reached_in_order")
    )
    whole: dict[str, Any] = {"partition_by": rows.c.project_id}
    in_order = whole | {"order_by": (rows.c.on, rows.c.place)}
    has = {kind: func.bool_or(rows.c.step == kind.value).over(**whole) for kind in cohort.definition}
    missing = [(~has[kind], kind.value) for kind in MilestoneKind if kind in has]
    is_untouched = func.count().over(**whole) == 2  # signed, and today
    waits_for = case((is_untouched, FIRST_VISIT), *missing)
    cut = select(
        rows.c.project_id,
        rows.c.on,
        rows.c.place,
        case((rows.c.step == PENDING, waits_for), else_=rows.c.step).label("step"),
        (rows.c.step == PENDING).label("is_pending"),
        func.lag(rows.c.on).over(**in_order).label("since"),
        (rows.c.ordinal - func.lag(rows.c.ordinal).over(**in_order)).label("days"),
    ).cte("cut")
    return select(cut).where(cut.c.since.is_not(None)).cte("pieces")


def _reached(cohort: Cohort, ids: Sequence[int]) -> CTE:
    """What each project has reached and when, from its signing to today; nothing counts from before the signing."""
    project = as_known(Project, PROJECT, cohort.known_at)
    milestone = as_known(Milestone, MILESTONE, cohort.known_at)
    ours = select(project.c.id, project.c.signed_on).where(project.c.id == func.any(list(ids))).cte("behind")
    proven = and_(milestone.c.done_on <= cohort.day, func.btrim(milestone.c.evidence) != "")
    visited: Select[int, str, object] = (
        select(ours.c.id, literal(FIRST_VISIT), func.greatest(func.min(Visit.visited_on), ours.c.signed_on))
        .join(ActionItem, ActionItem.project_id == ours.c.id)
        .join(Visit, and_(Visit.item_id == ActionItem.id, Visit.visited_on <= cohort.day))
        .group_by(ours.c.id, ours.c.signed_on)
    )
    return union_all(
        select(ours.c.id.label("project_id"), literal(SIGNED).label("step"), ours.c.signed_on.label("on")),
        visited,
        select(ours.c.id, cast(milestone.c.kind, Text), func.greatest(milestone.c.done_on, ours.c.signed_on))
        .join_from(ours, milestone, milestone.c.project_id == ours.c.id)
        .where(proven),
        select(ours.c.id, literal(PENDING), literal(cohort.day)),
    ).cte("reached")
