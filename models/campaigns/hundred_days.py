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
    ends_on, last, own = last_day(starts_on, DAYS), year - 1, f"{BUREAU}自身10亿元以上项目落地"
    targets = (
        PlannedTarget(f"{last}年签约项目落地率", RATE, Decimal(80), date(last, 1, 1), date(last, 12, 31)),
        PlannedTarget(f"{year}年上半年签约项目落地率", RATE, Decimal(50), date(year, 1, 1), date(year, 6, 30)),
        PlannedTarget("各县区签约10亿元以上项目", SIGNED, Decimal(2), starts_on, ends_on, TEN, each_county=True),
        PlannedTarget("各县区签约5亿元以上项目", SIGNED, Decimal(3), starts_on, ends_on, FIVE, each_county=True),
        PlannedTarget("各县区落地5亿元以上项目", LANDED, Decimal(2), amount_from=FIVE, each_county=True),
        PlannedTarget(own, LANDED, Decimal(5), amount_from=TEN, unit=BUREAU, by_leader=True),
        PlannedTarget("食品加工项目落地", LANDED, Decimal(2), sector=Sector.FOOD),
    )
    return Plan(name, starts_on, ends_on, (MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED), targets)
