"""Various targets of a campaign; `deployments.replay.checks.rates` counts them once more from the
raw tables.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from models.campaigns.target import Target
from models.words import MilestoneKind, Sector, TargetMeasure
from support.ledgers.city import BUREAUS, City

RATE, LANDED, SIGNED = TargetMeasure.LANDING_RATE, TargetMeasure.LANDED, TargetMeasure.SIGNED
FIRST, LAST = date(2013, 6, 9), date(2013, 9, 16)  # the hundred days
DEFINITION = (MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED)


def aim(measure: TargetMeasure = LANDED, goal: str = "2", name: str = "目标", **filters: Any) -> Target:
    return Target(name=name, measure=measure, goal=Decimal(goal), **filters)


def various(city: City) -> list[Target]:
    bureau = city.units[BUREAUS[0]]
    return [
        aim(RATE, "80", "2012年签约", signed_from=date(2012, 1, 1), signed_until=date(2012, 12, 31)),
        aim(RATE, "50", "各县", signed_from=date(2013, 1, 1), signed_until=date(2013, 6, 30), each_county=True),
        aim(SIGNED, "2", "签约10亿元", signed_from=FIRST, amount_from=Decimal(10**9), each_county=True),
        aim(LANDED, "2", "落地5亿元", amount_from=Decimal(5 * 10**8), each_county=True, by_leader=True),
        aim(LANDED, "5", "商务局", unit_id=bureau, by_leader=True),
        aim(LANDED, "3", "食品", sector=Sector.FOOD),
        aim(RATE, "33.33", "全部", by_leader=True),
    ]
