"""The traffic lights of projects (红黄绿灯): how badly each stalls, by rule and never by hand."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, FromClause, Select, and_, case, exists, false, func, literal, or_, select, true
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Visit
from models.escalation.traffic_light import RED_AFTER, YELLOW_AFTER, Light
from models.ledger.project import Milestone, Progress, Project
from models.words import OPEN_STAGES, RAISED
from tasks.items.campaign_numbers import followed_campaign, policies
from tasks.ledger.as_of import as_known
from tasks.ledger.workdays import calendar_around


def current_lights(session: Session, projects: Sequence[int], as_of: date) -> dict[int, Light]:
    """The lights of those of the projects that are open, by id."""
    chosen = Project.id == func.any(list(projects))
    still_open = select(Project.id, Project.signed_on).where(chosen, Project.stage.in_(OPEN_STAGES)).cte("still_open")
    items = (
        select(
            ActionItem.kind,
            ActionItem.project_id,
            ActionItem.is_paused,
            func.coalesce(ActionItem.promised_on, ActionItem.due_on).label("day"),
            func.coalesce(ActionItem.fired_step.in_(RAISED), False).label("is_raised"),
        )
        .join(still_open, still_open.c.id == ActionItem.project_id)
        .where(ActionItem.closed_on.is_(None))
        .cte("item")
    )
    lit = with_lights(session, still_open, items, as_of).subquery("lit")
    return {number: Light(name) for number, name in session.execute(select(lit.c.id, lit.c.light))}


def with_lights(
    session: Session, projects: FromClause, items: FromClause, day: date, known_at: datetime | None = None
) -> Select[*tuple[Any, ...]]:
    """The columns of `projects` (`id`, `signed_on`, …), and the `light` of each after `day`.

    Red: an item is overdue and was raised to the leader or higher, or nothing happened for three
    months. Yellow: an item is overdue, or so near that the ladder reminds of it, or nothing
    happened for two months. A project on hold is excused: its paused items are not overdue, and it
    does not stall. `items` are the open ones: `kind`, `project_id`, `is_paused`, `is_raised`, and
    `day`, the promised or due day. `known_at` is as in `projects_as_of`.
    """
    state = _state(items, day, _is_soon(session, items, day, known_at))
    reported = _last(as_known(Progress, ("id", "project_id", "happened_on"), known_at), "happened_on", day)
    reached = _last(as_known(Milestone, ("id", "project_id", "done_on"), known_at), "done_on", day)
    happened_on = func.greatest(projects.c.signed_on, reported.c.last_on, reached.c.last_on)
    last = case((state.c.is_paused, day), else_=happened_on)
    is_red = state.c.is_raised | (last <= day - relativedelta(months=RED_AFTER))
    is_yellow = state.c.is_soon | (last <= day - relativedelta(months=YELLOW_AFTER))
    light = case((is_red, Light.RED.value), (is_yellow, Light.YELLOW.value), else_=Light.GREEN.value)
    return (
        select(*projects.c, light.label("light"))
        .outerjoin_from(projects, state, state.c.project_id == projects.c.id)
        .outerjoin(reported, reported.c.project_id == projects.c.id)
        .outerjoin(reached, reached.c.project_id == projects.c.id)
    )


def is_unreported(session: Session, day: date, known_at: datetime | None = None) -> bool:
    """Whether by `day` nobody has reported on any project.

    A ledger that was just entered: lights would show how old its contracts are, and nothing else.
    What the ladder raised since shows that nobody has reported, too.
    `known_at` is as in `projects_as_of`.
    """
    progress = as_known(Progress, ("id", "happened_on"), known_at)
    reported = (exists().where(happened_on <= day) for happened_on in (progress.c.happened_on, Visit.visited_on))
    return not session.scalar(select(or_(*reported)))


def _is_soon(session: Session, items: FromClause, day: date, known_at: datetime | None) -> ColumnElement[bool]:
    """Whether the ladder reminds of an item by `day`, by the numbers of its campaign and kind."""
    numbers, calendar = policies(session, known_at), calendar_around(session, day)
    kinds = [kind for _campaign_id, kind in numbers.own if kind]
    until = {
        (campaign_id, kind): calendar.shift(day, numbers.of(campaign_id, kind).reminder_before)
        for campaign_id in numbers.campaigns
        for kind in (None, *kinds)
    }
    earliest, latest = min(until.values()), max(until.values())
    if earliest == latest:
        return items.c.day <= latest

    def by_kind(campaign_id: int | None) -> ColumnElement[date]:
        general, own = literal(until[campaign_id, None]), {kind: literal(until[campaign_id, kind]) for kind in kinds}
        return case(own, value=items.c.kind, else_=general) if own else general

    campaign = followed_campaign(items.c.project_id, literal(day))
    of_campaigns = {campaign_id: by_kind(campaign_id) for campaign_id in numbers.campaigns if campaign_id is not None}
    own_until = case(of_campaigns, value=campaign, else_=by_kind(None)) if of_campaigns else by_kind(None)
    # Few items lie between: only they look their campaign up.
    return case((items.c.day <= earliest, true()), (items.c.day > latest, false()), else_=items.c.day <= own_until)


def _last(table: FromClause, column: str, day: date) -> FromClause:
    """The last day something happened by `day`, by project."""
    happened_on = table.c[column]
    last = select(table.c.project_id, func.max(happened_on).label("last_on")).where(happened_on <= day)
    return last.group_by(table.c.project_id).subquery(f"last_{column}")


def _state(items: FromClause, day: date, is_soon: ColumnElement[bool]) -> FromClause:
    runs = ~items.c.is_paused
    return (
        select(
            items.c.project_id,
            func.bool_or(items.c.is_paused).label("is_paused"),
            func.bool_or(and_(runs, items.c.day < day, items.c.is_raised)).label("is_raised"),
            func.bool_or(and_(runs, is_soon)).label("is_soon"),
        )
        .where(items.c.project_id.is_not(None))
        .group_by(items.c.project_id)
        .subquery("state")
    )
