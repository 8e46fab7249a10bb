"""The traffic lights of a whole ledger, by unit: the rule of `models/escalation/traffic_light.py` as one statement."""

from datetime import date, datetime
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import CTE, FromClause, and_, case, func, select
from sqlalchemy.orm import Session

from models.escalation.traffic_light import RED_AFTER, YELLOW_AFTER, Light
from models.ledger.project import Milestone, Progress
from models.words import RAISED
from tasks.ledger.as_of import as_known


def lights(
    session: Session, ledger: CTE, items: CTE, day: date, soon_on: date, known_at: datetime | None
) -> dict[int, dict[Light, int]]:
    """How many open projects of each responsible unit have which light at the end of `day`.

    `ledger` is what `projects_as_of` tells, `items` what was owed; due soon is what is due by `soon_on`.
    """
    is_open = and_(ledger.c.landed_on.is_(None), ledger.c.exited_on.is_(None), ledger.c.ended_on.is_(None))
    lit = (
        _light(ledger, _state(items, day, soon_on), day, known_at).add_columns(is_open.label("is_open")).subquery("lit")
    )
    # Not WHERE: the planner takes next to none for open, and would look through all that is owed for each project.
    counted = select(lit.c.unit_id, lit.c.light, func.count().filter(lit.c.is_open))
    counted = counted.group_by(lit.c.unit_id, lit.c.light)
    found: dict[int, dict[Light, int]] = {}
    for unit_id, name, count in session.execute(counted):
        found.setdefault(unit_id, dict.fromkeys(Light, 0))[Light(name)] = count
    return found


def _light(ledger: CTE, state: FromClause, day: date, known_at: datetime | None) -> Any:
    reported = _last(as_known(Progress, ("id", "project_id", "happened_on"), known_at), "happened_on", day)
    reached = _last(as_known(Milestone, ("id", "project_id", "done_on"), known_at), "done_on", day)
    happened_on = func.greatest(ledger.c.signed_on, reported.c.last_on, reached.c.last_on)
    last = case((state.c.is_paused, day), else_=happened_on)  # what waits on hold is no stall
    is_red = state.c.is_raised | (last <= day - relativedelta(months=RED_AFTER))
    is_yellow = state.c.is_soon | (last <= day - relativedelta(months=YELLOW_AFTER))
    light = case((is_red, Light.RED.value), (is_yellow, Light.YELLOW.value), else_=Light.GREEN.value)
    return (
        select(ledger.c.unit_id, light.label("light"))
        .outerjoin_from(ledger, state, state.c.project_id == ledger.c.id)
        .outerjoin(reported, reported.c.project_id == ledger.c.id)
        .outerjoin(reached, reached.c.project_id == ledger.c.id)
    )


def _last(table: FromClause, column: str, day: date) -> FromClause:
    """The last day something happened by `day`, by project."""
    happened_on = table.c[column]
    last = select(table.c.project_id, func.max(happened_on).label("last_on")).where(happened_on <= day)
    return last.group_by(table.c.project_id).subquery(f"last_{column}")


def _state(items: CTE, day: date, soon_on: date) -> FromClause:
    """What is owed on each project, as far as its light goes."""
    runs = ~items.c.is_paused
    lowest = min(step.position for step in RAISED) + 1
    return (
        select(
            items.c.project_id,
            func.bool_or(items.c.is_paused).label("is_paused"),
            func.bool_or(and_(runs, items.c.day < day, items.c.height >= lowest)).label("is_raised"),
            func.bool_or(and_(runs, items.c.day <= soon_on)).label("is_soon"),
        )
        .where(items.c.project_id.is_not(None))
        .group_by(items.c.project_id)
        .subquery("state")
    )
