"""The hundred days (百日攻坚) as Puyang ordered them in 2013, and the same for any other summer."""

from datetime import date
from decimal import Decimal

from models.campaigns.clock import last_day
from models.campaigns.plan import Plan, PlannedTarget
from models.words import MilestoneKind, Sector, TargetMeasure

DAYS = 100
BUREAU = "市商务局"  # its own target of five large projects is split over its leaders
TEN, FIVE = Decimal(10**9), Decimal(5 * 10**8)
RATE, LANDED, SIGNED = TargetMeasure.LANDING_RATE, TargetMeasure.LANDED, TargetMeasure.SIGNED


def hundred_days_of_2013() -> Plan:
    """From 9 June, a Sunday that was worked, through 16 September 2013."""
    return hundred_days("百日招商攻坚", date(2013, 6, 9), 2013)


def hundred_days(name: str, starts_on: date, year: int) -> Plan:
    """A hundred days for projects signed in the year before `year` or in its first half.

    A project of 10亿元 also counts among those of 5亿元.
    """
    ends_on = last_day(starts_on, DAYS)
    return Plan(
        name,
        starts_on,
        ends_on,
        (MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED),
        (*_rates(year), *_of_each_county(starts_on, ends_on), *_others()),
    )


def _rates(year: int) -> tuple[PlannedTarget, ...]:
    last, half = year - 1, f"{year}年上半年签约项目落地率"
    return (
        PlannedTarget(f"{last}年签约项目落地率", RATE, Decimal(80), date(last, 1, 1), date(last, 12, 31)),
        PlannedTarget(half, RATE, Decimal(50), date(year, 1, 1), date(year, 6, 30)),
    )


def _of_each_county(starts_on: date, ends_on: date) -> tuple[PlannedTarget, ...]:
    signed = [("各县区签约10亿元以上项目", 2, TEN), ("各县区签约5亿元以上项目", 3, FIVE)]
    return (
        *(
            PlannedTarget(name, SIGNED, Decimal(goal), starts_on, ends_on, amount, each_county=True)
            for name, goal, amount in signed
        ),
        PlannedTarget("各县区落地5亿元以上项目", LANDED, Decimal(2), amount_from=FIVE, each_county=True),
    )


def _others() -> tuple[PlannedTarget, ...]:
    own = PlannedTarget(
        f"{BUREAU}自身10亿元以上项目落地", LANDED, Decimal(5), amount_from=TEN, unit=BUREAU, by_leader=True
    )
    return own, PlannedTarget("食品加工项目落地", LANDED, Decimal(2), sector=Sector.FOOD)
