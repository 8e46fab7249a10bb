"""Two revisit campaigns on the way: one is closed when its time is over, the other is cancelled half-way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from deployments.replay.checks.raw import Raw
from deployments.replay.city.world import Today
from deployments.replay.output.columns import table
from deployments.sample.words import COMMERCE_BUREAU
from models.campaigns.rates import Rate
from models.i18n import gettext as _
from models.words import Sector
from tasks.database import snapshot
from tasks.ledger.selection import Selection
from tasks.revisits.close import cancel_campaign, close_campaign, close_if_done, finished
from tasks.revisits.open import open_campaign, open_names
from tasks.revisits.report import report_of
from tasks.revisits.terms import Terms


@dataclass(frozen=True)
class Revisit:
    """A revisit campaign of the replay: whom it asks from when until when, and how it ends if not all are visited."""

    name: str
    opens_on: date
    deadline: date
    ends_on: date
    selection: Selection
    is_cancelled: bool = False


REVISITS = (
    Revisit(
        "5亿元以上项目及投资方回访",
        *(date(2013, 6, 19), date(2013, 7, 12), date(2013, 7, 31)),
        Selection(amount_from=Decimal(5 * 10**8)),
    ),
    Revisit(
        "食品、家具项目及投资方回访",
        *(date(2013, 8, 1), date(2013, 9, 6), date(2013, 9, 3)),
        Selection(sectors=(Sector.FOOD, Sector.FURNITURE)),
        is_cancelled=True,
    ),
)


def act(today: Today) -> None:
    """Open what begins today, and end what is over: as the flows do, in the name of the commerce bureau."""
    for revisit in REVISITS:
        if revisit.opens_on == today.day:
            open_campaign(Terms(revisit.name, revisit.selection, revisit.deadline), today.day, COMMERCE_BUREAU)
    with snapshot() as session:
        still, done = open_names(session), finished(session, today.day)
    for name in done:
        close_if_done(name, today.day)
    for revisit in REVISITS:
        if revisit.ends_on == today.day and revisit.name in still and revisit.name not in done:
            end = cancel_campaign if revisit.is_cancelled else close_campaign
            end(revisit.name, today.day, COMMERCE_BUREAU)


def wrong_coverage(raw: Raw, day: date) -> Iterator[str]:
    """Where a campaign's report has another coverage than the raw tables, or a cancelled one still asks."""
    asked = raw["revisit"]
    for name, own in asked.groupby("name"):
        with snapshot() as session:
            whole = report_of(session, str(name), day).whole
        for theirs, ours in zip((whole.projects, whole.investors), _parts(own), strict=True):
            recomputed = _visited(ours, min(day, own.closed_on.iloc[0] or day))
            if theirs != recomputed:
                message = _("Revisit campaign “%(name)s”: the report says %(theirs)s, recomputed it is %(ours)s.")
                yield message % {"name": name, "theirs": theirs.text, "ours": recomputed.text}
        if (left := own[own.is_cancelled & own.was_opened & own.is_open]).size:
            undone = _("Revisit campaign “%(name)s” is cancelled, and %(count)s of its visits are still owed.")
            yield undone % {"name": name, "count": len(left)}


def revisit_table(raw: Raw, day: date) -> str:
    """How many of the visits asked for were made while each campaign went on."""
    rows = []
    for revisit in REVISITS:
        own = raw["revisit"][raw["revisit"].name == revisit.name]
        if len(own):
            closed_on, is_cancelled = own.closed_on.iloc[0], own.is_cancelled.iloc[0]
            end = _("cancelled on %(day)s") if is_cancelled else _("closed on %(day)s") if closed_on else _("open")
            made = (_visited(part, closed_on or day).text for part in _parts(own))
            rows.append((revisit.name, str(revisit.deadline), *made, end % {"day": closed_on}))
    heads = (_("Revisit campaign"), _("Due"), _("Projects visited"), _("Investors visited"), _("State"))
    return table(heads, rows) if rows else _("None was opened yet.")


def _parts(asked: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Visits to projects, and those to investors."""
    return asked[asked.project_id.notna()], asked[asked.project_id.isna()]


def _visited(asked: pd.DataFrame, day: date) -> Rate:
    return Rate(int((asked.visited_on.fillna(date.max) <= day).sum()), len(asked))
