"""Who projects were with while their days went by.

If an item was raised to the leader or to the inspection office, its project is with them from that
day until they reply or the item is raised further, begins a new round or is closed. If several
items differ, the highest counts; a hold comes before all. At other times the project is with its
officer.
"""

from collections.abc import Sequence

from sqlalchemy import CTE, ColumnElement, case, cast, func, literal, or_, over, select, union_all
from sqlalchemy import Date as SqlDate
from sqlalchemy.orm import Session, aliased

from models.campaigns.slow_landing import Cohort, Hands, Spent
from models.escalation.action_item import ActionItem, Pause
from models.escalation.calendar import Workday
from models.escalation.escalation import Escalation
from models.words import AT_OFFICE, RAISED
from tasks.ledger.as_of import as_known
from tasks.ledger.office_time import office_zone
from tasks.slow_landing.cohort import chosen, spent_by

ITEM = ("id", "project_id", "opened_on", "closed_on")
_PRECEDENCE = (Hands.HOLD, Hands.OFFICE, Hands.LEADER)  # the first that has an item has the project


def days_by_hands(session: Session, cohort: Cohort) -> dict[Hands, Spent]:
    """By hands, how many of the projects behind they have or had, and for how many working days."""
    spans = _spans(cohort, cohort.ids)
    groups, days, now = (spans.c.project_id, spans.c.hands), func.sum(spans.c.days), func.bool_or(spans.c.is_last)
    shares = (
        select(*groups, days.label("days"), now.label("now")).group_by(*groups).having(or_(days > 0, now)).subquery()
    )
    spent = spent_by(session, shares, shares.c.hands, shares.c.now)
    return {hands: spent.get(hands.value, Spent(0, 0, 0)) for hands in Hands}


def hands_of(session: Session, cohort: Cohort, ids: Sequence[int]) -> dict[int, dict[Hands, int]]:
    spans = _spans(cohort, ids)
    days_of = {project_id: dict.fromkeys(Hands, 0) for project_id in ids}
    groups = (spans.c.project_id, spans.c.hands)
    for project_id, hands, days in session.execute(select(*groups, func.sum(spans.c.days)).group_by(*groups)):
        days_of[project_id][Hands(hands)] = int(days)
    return days_of


def _spans(cohort: Cohort, ids: Sequence[int]) -> CTE:
    """Working days since signing, cut where the project changes hands; `is_last` marks today."""
    events = _events(_turns(cohort, ids), chosen(cohort, ids), cohort)
    project, in_order = events.c.project_id, (events.c.on, events.c.position)
    ordinal = func.coalesce(Workday.ordinal, 0)
    lead = over(func.lead(ordinal), project, in_order)
    running = [(over(func.sum(events.c[hands.value]), project, in_order) > 0, hands.value) for hands in _PRECEDENCE]
    return (
        select(
            project,
            case(*running, else_=Hands.OWNER.value).label("hands"),
            func.coalesce(lead - ordinal, 0).label("days"),
            (events.c.position == 1).label("is_last"),
        )
        .outerjoin_from(events, Workday, Workday.day == events.c.on)
        .cte("spans")
    )


def _events(turns: CTE, ours: CTE, cohort: Cohort) -> CTE:
    """Days on which a turn begins (+1) or ends (-1), with the days of signing and today (0)."""
    nothing = [literal(0).label(hands.value) for hands in _PRECEDENCE]
    begins = [case((turns.c.hands == hands.value, 1), else_=0) for hands in _PRECEDENCE]
    signed_on = ours.c.signed_on
    project = turns.c.project_id
    return union_all(
        select(ours.c.id.label("project_id"), signed_on.label("on"), literal(0).label("position"), *nothing),
        select(ours.c.id, literal(cohort.day), literal(1), *nothing),
        select(project, func.greatest(turns.c.from_on, signed_on), literal(0), *begins).join(
            ours, ours.c.id == project
        ),
        select(
            project,
            func.greatest(turns.c.until_on, turns.c.from_on, signed_on),
            literal(0),
            *(-begin for begin in begins),
        )
        .join(ours, ours.c.id == project)
        .where(turns.c.until_on <= cohort.day),
    ).cte("events")


def _turns(cohort: Cohort, ids: Sequence[int]) -> CTE:
    """When an item put its project with leader or office, or on hold; `until_on` NULL: still."""
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
    with_whom: ColumnElement[str] = case((every.c.step.in_(AT_OFFICE), Hands.OFFICE.value), else_=Hands.LEADER.value)
    pause = as_known(Pause, ("id", "item_id", "from_on", "until_on"), cohort.known_at)
    on_hold = (
        select(item.c.project_id, literal(Hands.HOLD.value), pause.c.from_on, pause.c.until_on)
        .join_from(pause, item, item.c.id == pause.c.item_id)
        .where(ours, pause.c.from_on <= cohort.day)
    )
    return union_all(
        select(every.c.project_id, with_whom.label("hands"), every.c.from_on, every.c.until_on).where(
            every.c.step.in_(RAISED)
        ),
        on_hold,
    ).cte("turns")
