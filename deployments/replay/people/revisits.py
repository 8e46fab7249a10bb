"""Two revisit campaigns: one is closed when its time is over, the other is cancelled half-way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pandas as pd

from deployments.replay.checks.raw import Raw
from deployments.replay.city.world import Today
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
    """A revisit campaign, and how it ends on `ends_on` if not all are visited."""

    terms: Terms
    opens_on: date
    ends_on: date
    is_cancelled: bool = False


REVISITS = (
    Revisit(
        Terms("5亿元以上项目及投资方回访", Selection(amount_from=Decimal(5 * 10**8)), date(2013, 7, 12)),
        opens_on=date(2013, 6, 19),
        ends_on=date(2013, 7, 31),
    ),
    Revisit(
        Terms("食品、家具项目及投资方回访", Selection(sectors=(Sector.FOOD, Sector.FURNITURE)), date(2013, 9, 6)),
        opens_on=date(2013, 8, 1),
        ends_on=date(2013, 9, 3),
        is_cancelled=True,
    ),
)


def act(today: Today) -> None:
    """Open what begins today and end what is over, as the flows do, as the commerce bureau."""
    for revisit in REVISITS:
        if revisit.opens_on == today.day:
            open_campaign(revisit.terms, today.day, COMMERCE_BUREAU)
    with snapshot() as session:
        still, done = open_names(session), finished(session, today.day)
    for name in done:
        close_if_done(name, today.day)
    for revisit in REVISITS:
        name = revisit.terms.name
        if revisit.ends_on == today.day and name in still and name not in done:
            end = cancel_campaign if revisit.is_cancelled else close_campaign
            end(name, today.day, COMMERCE_BUREAU)


def wrong_coverage(raw: Raw, day: date) -> Iterator[str]:
    """Where a report has another coverage than the raw tables, or what is cancelled still asks."""
    asked = raw["revisit"]
    for name, own in asked.groupby("name"):
        with snapshot() as session:
            whole = report_of(session, str(name), day).whole
        for theirs, ours in zip((whole.projects, whole.investors), parts(own), strict=True):
            recomputed = visited(ours, min(day, own.closed_on.iloc[0] or day))
            if theirs != recomputed:
                message = _("Revisit campaign “%(name)s”: the report says %(theirs)s, recomputed it is %(ours)s.")
                yield message % {"name": name, "theirs": theirs.text, "ours": recomputed.text}
        if (left := own[own.is_cancelled & own.was_opened & own.is_open]).size:
            undone = _("Revisit campaign “%(name)s” is cancelled, and %(count)s of its visits are still owed.")
            yield undone % {"name": name, "count": len(left)}


def parts(asked: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Visits to projects, and those to investors."""
    return asked[asked.project_id.notna()], asked[asked.project_id.isna()]


def visited(asked: pd.DataFrame, day: date) -> Rate:
    """How many of the visits asked for were made by a day."""
    return Rate(int((asked.visited_on.fillna(date.max) <= day).sum()), len(asked))
