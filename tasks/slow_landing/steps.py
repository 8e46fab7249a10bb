"""The days of projects cut where something was reached: the first visit, each milestone, today."""

from collections.abc import Sequence

from sqlalchemy import CTE, Select, Text, and_, case, cast, func, literal, over, select, union_all
from sqlalchemy.orm import Session

from models.campaigns.slow_landing import FIRST_VISIT, Cohort, Piece, Spent
from models.escalation.action_item import ActionItem, Visit
from models.escalation.calendar import Workday
from models.ledger.project import Milestone
from models.words import MilestoneKind
from tasks.ledger.as_of import MILESTONE, as_known
from tasks.slow_landing.cohort import chosen, spent_by

SIGNED, PENDING = "signed", "pending"
STEPS = (SIGNED, FIRST_VISIT, *(kind.value for kind in MilestoneKind), PENDING)
ORDER = {step: position for position, step in enumerate(STEPS)}  # of steps reached on one day


def days_by_step(session: Session, cohort: Cohort) -> dict[str, Spent]:
    """How many of the projects behind took each step or are in it, and their working days."""
    pieces = _pieces(cohort, cohort.ids)
    spent: dict[str, Spent] = spent_by(session, pieces, pieces.c.step, pieces.c.is_pending)
    return {step: spent[step] for step in STEPS if step in spent}


def steps_of(session: Session, cohort: Cohort, ids: Sequence[int]) -> dict[int, list[Piece]]:
    pieces = _pieces(cohort, ids)
    steps: dict[int, list[Piece]] = {project_id: [] for project_id in ids}
    in_order = select(pieces).order_by(pieces.c.project_id, pieces.c.on, pieces.c.position)
    for row in session.execute(in_order):
        steps[row.project_id].append(Piece(row.step, row.days, row.since, row.is_pending))
    return steps


def _pieces(cohort: Cohort, ids: Sequence[int]) -> CTE:
    """A row per project and step; the last leads to the first milestone that landing still lacks.

    A project without a visit and a milestone waits for its first visit.
    """
    reached = _reached(cohort, ids)
    position = case(ORDER, value=reached.c.step)
    ordinal = func.coalesce(Workday.ordinal, 0)
    rows = (
        select(reached.c.project_id, reached.c.step, reached.c.on, position.label("position"), ordinal.label("ordinal"))
        .outerjoin_from(reached, Workday, Workday.day == reached.c.on)
        .cte("reached_in_order")
    )
    project, in_order = rows.c.project_id, (rows.c.on, rows.c.position)
    has = {kind: over(func.bool_or(rows.c.step == kind.value), project) for kind in cohort.definition}
    missing = [(~has[kind], kind.value) for kind in MilestoneKind if kind in has]
    is_untouched = over(func.count(), project) == 2  # signed, and today
    waits_for = case((is_untouched, FIRST_VISIT), *missing)
    cut = select(
        project,
        rows.c.on,
        rows.c.position,
        case((rows.c.step == PENDING, waits_for), else_=rows.c.step).label("step"),
        (rows.c.step == PENDING).label("is_pending"),
        over(func.lag(rows.c.on), project, in_order).label("since"),
        (rows.c.ordinal - over(func.lag(rows.c.ordinal), project, in_order)).label("days"),
    ).cte("cut")
    return select(cut).where(cut.c.since.is_not(None)).cte("pieces")


def _reached(cohort: Cohort, ids: Sequence[int]) -> CTE:
    """What projects have reached and when, from signing to today; nothing counts as earlier."""
    milestone, ours = as_known(Milestone, MILESTONE, cohort.known_at), chosen(cohort, ids)
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
