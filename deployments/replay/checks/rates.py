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
    found = landings(raw, targets["landing_definition"].iloc[0], day)
    counties = raw["unit"][raw["unit"].kind == COUNTY].id
    for (_at, target), standing in zip(targets.iterrows(), standings, strict=True):
        part, whole = _counted(found, counties, target)
        for line in standing.units:
            ours = (_in(part, line.unit_id), _in(whole, line.unit_id))
            theirs = (line.attained.part, line.attained.whole)
            if ours != theirs:
                told = _("“%(target)s” %(unit)s: the ledger says %(theirs)s, recomputed it is %(ours)s.")
                yield told % {"target": target["name"], "unit": line.unit, "theirs": theirs, "ours": ours}


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
    found: pd.DataFrame, counties: "pd.Series[int]", target: "pd.Series[Any]"
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The projects that count for a target, and those they are a part of."""
    if target["signed_from"]:
        found = found[found.signed_on >= target["signed_from"]]
    if target["signed_until"]:
        found = found[found.signed_on <= target["signed_until"]]
    if target["amount_from"]:
        found = found[found.amount >= target["amount_from"]]
    if target["sector"]:
        found = found[found.sector == target["sector"]]
    if target["unit_id"]:
        found = found[found.unit_id == target["unit_id"]]
    if target["each_county"]:
        found = found[found.unit_id.isin(counties)]
    if target["measure"] == "signed":
        return found, found
    landed = found.landed_on.notna()
    if target["measure"] == "landing_rate":
        return found[landed], found
    during = (
        landed
        & (found.landed_on.fillna(date.min) >= target["starts_on"])
        & (found.landed_on.fillna(date.max) <= target["ends_on"])
    )
    return found[during], found[during | (~landed & ~found.exited)]


def _in(projects: pd.DataFrame, unit_id: int | None) -> int:
    return len(projects) if unit_id is None else int((projects.unit_id == unit_id).sum())
