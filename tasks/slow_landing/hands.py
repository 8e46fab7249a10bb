"""With whom the days of projects went by: with whoever the ladder had come to highest, and on hold with nobody.

From the day something on a project was raised to its leader or to the inspection office, it is with them, until they
reply, the item is raised further, begins a new round or is closed. At all other times it is with its officer.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, ColumnElement, case, cast, func, literal, or_, select, union_all
from sqlalchemy import Date as SqlDate
from sqlalchemy.orm import Session, aliased

from models.campaigns.slow_landing import Cohort, Hands, Spent
from models.escalation.action_item import ActionItem, Pause
from models.escalation.calendar import Workday
from models.escalation.escalation import Escalation
from models.ledger.project import Project
from models.words import AT_OFFICE, RAISED, Step
from tasks.ledger.as_of import PROJECT, as_known
from tasks.ledger.office_time import office_zone

ITEM = ("id", "project_id", "opened_on", "closed_on")


def days_by_hands(session: Session, cohort: Cohort) -> dict[Hands, Spent]:
    """For each of them how many of the projects behind they have or had, and for how many working days."""
    spans = _spans(cohort, cohort.ids)
    each = (
        select(
            spans.c.project_id,
            spans.c.hands,
            func.sum(spans.c.days).label("days"),
            func.bool_or(spans.c.is_last).label("now"),
        )
        .group_by(spans.c.project_id, spans.c.hands)
        .subquery()
    )
    figures = (
        func.count().filter(or_(each.c.days > 0, each.c.now)),
        func.sum(each.c.days),
        func.count().filter(each.c.now),
    )
    rows = session.execute(select(each.c.hands, *figures).group_by(each.c.hands))
    found = {Hands(hands): Spent(count, int(total), now) for hands, count, total, now in rows}
    return {hands: found.get(hands, Spent(0, 0, 0)) for hands in Hands}


def hands_of(session: Session, cohort: Cohort, ids: Sequence[int]) -> dict[int, dict[Hands, int]]:
    """For each project its working days by hands."""
    spans = _spans(cohort, ids)
    found = {number: dict.fromkeys(Hands, 0) for number in ids}
    groups = (spans.c.project_id, spans.c.hands)
    for number, hands, days in session.execute(select(*groups, func.sum(spans.c.days)).group_by(*groups)):
        found[number][Hands(hands)] = int(days)
    return found


def _spans(cohort: Cohort, ids: Sequence[int]) -> CTE:
    """Every project's days since its signing, cut wherever they change hands; `is_last` marks today."""
    events = _events(_turns(cohort, ids), _ours(cohort, ids), cohort)
    in_order: dict[str, Any] = {"partition_by": events.c.project_id, "order_by": (events.c.on, events.c.place)}
    ordinal = func.coalesce(Workday.ordinal, 0)
    lead = func.lead(ordinal).over(**in_order)
    running = [(func.sum(events.c[hands.value]).over(**in_order) > 0, hands.value) for hands in _PRECEDENCE]
    return (
        select(
            events.c.project_id,
            case(*running, else_=Hands.OWNER.value).label("hands"),
            func.coalesce(lead - ordinal, 0).label("days"),
            (events.c.place == 1).label("is_last"),
        )
        .outerjoin_from(events, Workday, Workday.day == events.c.on)
        .cte("spans")
    )


_PRECEDENCE = (Hands.HOLD, Hands.OFFICE, Hands.LEADER)
"""Who has a project that several have something of."""


def _ours(cohort: Cohort, ids: Sequence[int]) -> CTE:
    project = as_known(Project, PROJECT, cohort.known_at)
    return select(project.c.id, project.c.signed_on).where(project.c.id == func.any(list(ids))).cte("ours")


def _events(turns: CTE, ours: CTE, cohort: Cohort) -> CTE:
    """The days on which anything begins (+1) or ends (-1) for somebody; the signing and today with nothing."""
    nothing = [literal(0).label(hands.value) for hands in _PRECEDENCE]
    begins = [case((turns.c.hands == hands.value, 1), else_=0) for hands in _PRECEDENCE]
    signed_on = ours.c.signed_on
    project = turns.c.project_id
    return union_all(
        select(ours.c.id.label("project_id"), signed_on.label("on"), literal(0).label("place"), *nothing),
        select(ours.c.id, literal(cohort.day), literal(1), *nothing),
        select(project, func.greatest(turns.c.from_on, signed_on), literal(0), *begins).join(
            ours, ours.c.id == project
        ),
        select(
            project,
            func.greatest(turns.c.until_on, turns.c.from_on, signed_on),
            literal(0),
            *(-each for each in begins),
        )
        .join(ours, ours.c.id == project)
        .where(turns.c.until_on <= cohort.day),
    ).cte("events")


def _turns(cohort: Cohort, ids: Sequence[int]) -> CTE:
    """From when until when a project was with its leader, with the office, or on hold, for one item; empty: still."""
    item = as_known(ActionItem, ITEM, cohort.known_at)
    ours = item.c.project_id == func.any(list(ids))
    raised = aliased(Escalation)
    replied_on = cast(func.timezone(office_zone().key, raised.replied_at), SqlDate)
    further_on = func.lead(raised.raised_on).over(partition_by=raised.item_id, order_by=(raised.raised_on, raised.id))
    every = (
        select(
            item.c.project_id,
            raised.step,
            raised.raised_on.label("from_on"),
            func.least(further_on, replied_on, item.c.closed_on).label("until_on"),
        )
        .join_from(raised, item, item.c.id == raised.item_id)
        .where(ours, raised.raised_on <= cohort.day)
        .subquery("every_step")
    )
    with_whom: ColumnElement[str] = case(
        (_is_one_of(every.c.step, AT_OFFICE), Hands.OFFICE.value), else_=Hands.LEADER.value
    )
    pause = as_known(Pause, ("id", "item_id", "from_on", "until_on"), cohort.known_at)
    on_hold = (
        select(item.c.project_id, literal(Hands.HOLD.value), pause.c.from_on, pause.c.until_on)
        .join_from(pause, item, item.c.id == pause.c.item_id)
        .where(ours, pause.c.from_on <= cohort.day)
    )
    return union_all(
        select(every.c.project_id, with_whom.label("hands"), every.c.from_on, every.c.until_on).where(
            _is_one_of(every.c.step, RAISED)
        ),
        on_hold,
    ).cte("turns")


def _is_one_of(step: ColumnElement[Step], steps: Sequence[Step]) -> ColumnElement[bool]:
    return step.in_(steps)
