"""Targets, counted once more from the raw tables."""

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from models.campaigns.target import Target
from models.words import MilestoneKind, Sector, TargetMeasure
from support.ledgers.city import BUREAUS, City
from support.recount.tables import Tables

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


def landed_by(raw: Tables, day: date) -> pd.DataFrame:
    """Every project signed by the day, with the day it had landed."""
    projects = raw["project"].assign(
        **{name: pd.to_datetime(raw["project"][name]) for name in ("signed_on", "ended_on")}
    )
    milestones = raw["milestone"].assign(done_on=pd.to_datetime(raw["milestone"].done_on))
    proven = milestones[(milestones.evidence.str.strip() != "") & (milestones.done_on <= pd.Timestamp(day))]
    wanted = proven[proven.kind.isin(DEFINITION)].groupby("project_id").done_on.agg(["count", "max"])
    projects = projects[projects.signed_on <= pd.Timestamp(day)].join(wanted, on="id")
    projects["is_out"] = projects.exit.notna() & (projects.ended_on <= pd.Timestamp(day))
    projects["landed_on"] = projects["max"].where((projects["count"] == len(DEFINITION)) & ~projects.is_out)
    return projects


def recomputed(projects: pd.DataFrame, target: Target) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The projects that count for a target, and those they are counted among."""
    if target.signed_from:
        projects = projects[projects.signed_on >= pd.Timestamp(target.signed_from)]
    if target.signed_until:
        projects = projects[projects.signed_on <= pd.Timestamp(target.signed_until)]
    if target.amount_from:
        projects = projects[projects.amount.map(Decimal) >= target.amount_from]
    if target.sector:
        projects = projects[projects.sector == target.sector.value]
    in_time = projects.landed_on.between(pd.Timestamp(FIRST), pd.Timestamp(LAST))
    if target.measure is SIGNED:
        return projects, projects
    if target.measure is RATE:
        return projects[projects.landed_on.notna()], projects
    return projects[in_time], projects[in_time | (projects.landed_on.isna() & ~projects.is_out)]
