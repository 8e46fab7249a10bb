"""The campaign's figures once more, counted in pandas from the raw tables."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import pandas as pd

from deployments.replay.checks.raw import Raw
from models.i18n import gettext as _
from tasks.campaigns.targets import TargetStanding

COUNTY = "county"


def wrong_rates(raw: Raw, standings: Sequence[TargetStanding], day: date) -> Iterator[str]:
    """Where the ledger's figures differ from those counted here."""
    targets = raw["target"].sort_values(["position", "id"])
    landed = landings(raw, targets["landing_definition"].iloc[0], day)
    counties = raw["unit"][raw["unit"].kind == COUNTY].id
    for (_at, target), standing in zip(targets.iterrows(), standings, strict=True):
        part, whole = _counted(landed, counties, target)
        for line in standing.units:
            ours = (_in(part, line.unit_id), _in(whole, line.unit_id))
            theirs = (line.attained.part, line.attained.whole)
            if ours != theirs:
                message = _("“%(target)s” %(unit)s: the ledger says %(theirs)s, recomputed it is %(ours)s.")
                yield message % {"target": target["name"], "unit": line.unit, "theirs": theirs, "ours": ours}


def landings(raw: Raw, definition: Sequence[str], day: date) -> pd.DataFrame:
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


def _counted(
    projects: pd.DataFrame, counties: "pd.Series[int]", target: "pd.Series[Any]"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The projects that count for a target, and those they are a part of."""
    if target["signed_from"]:
        projects = projects[projects.signed_on >= target["signed_from"]]
    if target["signed_until"]:
        projects = projects[projects.signed_on <= target["signed_until"]]
    if target["amount_from"]:
        projects = projects[projects.amount >= target["amount_from"]]
    if target["sector"]:
        projects = projects[projects.sector == target["sector"]]
    if target["unit_id"]:
        projects = projects[projects.unit_id == target["unit_id"]]
    if target["each_county"]:
        projects = projects[projects.unit_id.isin(counties)]
    if target["measure"] == "signed":
        return projects, projects
    landed = projects.landed_on.notna()
    if target["measure"] == "landing_rate":
        return projects[landed], projects
    during = (
        landed
        & (projects.landed_on.fillna(date.min) >= target["starts_on"])
        & (projects.landed_on.fillna(date.max) <= target["ends_on"])
    )
    return projects[during], projects[during | (~landed & ~projects.exited)]


def _in(projects: pd.DataFrame, unit_id: int | None) -> int:
    return len(projects) if unit_id is None else int((projects.unit_id == unit_id).sum())
