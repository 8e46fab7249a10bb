"""A bulletin's units with their figures and traffic lights, counties ranked."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy import CTE, and_, func, select
from sqlalchemy.orm import Session

from models.bulletin.figures import Steps, UnitLine
from models.campaigns.rates import Rate
from models.escalation.traffic_light import Light
from models.words import UnitKind
from tasks.bulletin.counts import OfUnit, cohort_rate
from tasks.items.lights import with_lights

DARK = dict.fromkeys(Light, 0)


def ranked(
    units: Mapping[int, tuple[str, UnitKind]], counted: Iterable[OfUnit], lit: Mapping[int, Mapping[Light, int]]
) -> tuple[UnitLine, ...]:
    """Counties by rank, then those without projects to land, then other units with projects."""
    counties = {number for number, (_name, kind) in units.items() if kind is UnitKind.COUNTY}
    by_unit: dict[int, list[OfUnit]] = {number: [] for number in counties}
    for part in counted:
        by_unit.setdefault(part.unit_id, []).append(part)
    rates = {number: cohort_rate(parts) for number, parts in by_unit.items()}
    rank_of = ranks({number: rates[number] for number in counties})
    lines = []
    for number in sorted(by_unit, key=lambda number: (number not in counties, rank_of.get(number, 10**6), number)):
        parts, lights = by_unit[number], lit.get(number, DARK)
        line = UnitLine(
            *units[number],
            rank=rank_of.get(number),
            cohort=rates[number],
            week=sum((part.steps("week") for part in parts), Steps()),
            year=sum((part.steps("year") for part in parts), Steps()),
            open=sum(lights.values()),
            red=lights[Light.RED],
            yellow=lights[Light.YELLOW],
            green=lights[Light.GREEN],
        )
        lines.append(line)
    return tuple(lines)


def ranks(rates: Mapping[int, Rate]) -> dict[int, int]:
    """The rank of each unit by landing rate, then by projects landed; equal ones share it.

    Rates are compared by their exact fractions. A unit without a project to land has no rank.
    """
    measures = {number: (Fraction(rate.part, rate.whole), rate.part) for number, rate in rates.items() if rate.whole}
    return {number: 1 + sum(other > own for other in measures.values()) for number, own in measures.items()}


def lights(
    session: Session, ledger: CTE, items: CTE, day: date, known_at: datetime | None
) -> dict[int, dict[Light, int]]:
    """How many open projects of each responsible unit have which light at the end of `day`."""
    lit = with_lights(session, ledger, items, day, known_at).subquery("lit")
    is_open = and_(lit.c.landed_on.is_(None), lit.c.exited_on.is_(None), lit.c.ended_on.is_(None))
    # Not WHERE: the planner takes next to none for open, and would scan all items for each project.
    counted = select(lit.c.unit_id, lit.c.light, func.count().filter(is_open)).group_by(lit.c.unit_id, lit.c.light)
    by_unit: dict[int, dict[Light, int]] = {}
    for unit_id, name, count in session.execute(counted):
        by_unit.setdefault(unit_id, dict.fromkeys(Light, 0))[Light(name)] = count
    return by_unit
