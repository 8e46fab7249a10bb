"""A campaign's figures once more, counted in pandas from the raw tables."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Any

import pandas as pd

from deployments.replay.checks.raw import Raw
from models.i18n import gettext as _
from tasks.campaigns.targets import TargetStanding


def wrong_rates(raw: Raw, standings: Sequence[TargetStanding], day: date) -> Iterator[str]:
    """Where the ledger's figures differ from those counted here."""
    definition, first, last = raw["campaign"].iloc[0]
    landed = landings(raw, definition, day)
    counties = sorted(raw["unit"][raw["unit"].kind == "county"].id)
    for target, standing in zip(raw["target"].itertuples(index=False), standings, strict=True):
        part, whole = counted(landed, target, first, last)
        unit_ids = counties if target.each_county else [target.unit_id]
        for unit_id, line in zip(unit_ids, standing.units, strict=True):
            ours = (_in(part, unit_id), _in(whole, unit_id))
            theirs = (line.attained.part, line.attained.whole)
            if ours != theirs:
                message = _("“%(target)s” %(unit)s: the ledger says %(theirs)s, recomputed it is %(ours)s.")
                yield message % {"target": target.name, "unit": line.unit, "theirs": theirs, "ours": ours}


def landings(raw: Raw, definition: Collection[str], day: date) -> pd.DataFrame:
    """Every project signed by a day, with the day it landed, if by then and not exited."""
    reached = raw["milestone"]
    proven = reached[
        reached.done_on.notna() & reached.evidence.str.strip().astype(bool) & reached.kind.isin(definition)
    ]
    proven = proven[proven.done_on <= day].groupby("project_id").done_on.agg(["size", "max"])
    projects = raw["project"][raw["project"].signed_on <= day].set_index("id")
    exited = projects.exit.notna() & (projects.ended_on.fillna(date.max) <= day)
    complete = proven["max"][proven["size"] == len(definition)].reindex(projects.index)
    return projects.assign(exited=exited, landed_on=complete.where(~exited))


def counted(projects: pd.DataFrame, target: Any, first: date, last: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The projects that count for a target, whatever its unit, and those they are a part of.

    `projects` are what `landings` gives, `target` is a row of the raw table or a `Target`; the
    campaign lasts from `first` through `last`.
    """
    if target.signed_from:
        projects = projects[projects.signed_on >= target.signed_from]
    if target.signed_until:
        projects = projects[projects.signed_on <= target.signed_until]
    if target.amount_from:
        projects = projects[projects.amount >= target.amount_from]
    if target.sector:
        projects = projects[projects.sector == target.sector]
    if target.measure == "signed":
        return projects, projects
    has_landed = projects.landed_on.notna()
    if target.measure == "landing_rate":
        return projects[has_landed], projects
    landed_on = projects.landed_on.fillna(date.min)
    during = (landed_on >= first) & (landed_on <= last)
    return projects[during], projects[during | (~has_landed & ~projects.exited)]


def _in(projects: pd.DataFrame, unit_id: int | None) -> int:
    return len(projects) if unit_id is None else int((projects.unit_id == unit_id).sum())
