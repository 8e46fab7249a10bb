"""The traffic lights of a whole ledger, counted by unit."""

from datetime import date, datetime

from sqlalchemy import CTE, and_, func, select
from sqlalchemy.orm import Session

from models.escalation.traffic_light import Light
from tasks.items.lights import with_lights


def lights(
    session: Session, ledger: CTE, items: CTE, day: date, soon_on: date, known_at: datetime | None
) -> dict[int, dict[Light, int]]:
    """How many open projects of each responsible unit have which light at the end of `day`.

    `ledger` is `projects_as_of(…)`, `items` what was owed; items are due soon if they are due by `soon_on`.
    """
    lit = with_lights(ledger, items, day, soon_on, known_at).subquery("lit")
    is_open = and_(lit.c.landed_on.is_(None), lit.c.exited_on.is_(None), lit.c.ended_on.is_(None))
    # Not WHERE: the planner takes next to none for open, and would scan all items for each project.
    counted = select(lit.c.unit_id, lit.c.light, func.count().filter(is_open)).group_by(lit.c.unit_id, lit.c.light)
    by_unit: dict[int, dict[Light, int]] = {}
    for unit_id, name, count in session.execute(counted):
        by_unit.setdefault(unit_id, dict.fromkeys(Light, 0))[Light(name)] = count
    return by_unit
