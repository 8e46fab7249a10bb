"""Slow landing in short: how many projects are behind their cohort, and where their days go."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from models.bulletin.figures import Figures, Gone, Slow
from models.campaigns.campaign import Campaign
from models.campaigns.slow_landing import Hands, Spent, step_label
from models.i18n import gettext as _
from models.words import BlockerCategory
from tasks.bulletin.table import Column, Table
from tasks.slow_landing.analysis import slow_landing

SHOWN = 3
"""Of each kind those that took most; the whole analysis has a page of its own."""


def slow(session: Session, campaign: Campaign, day: date, known_at: datetime | None) -> Slow:
    """The analysis of the campaign's projects that are behind by the end of the day, without the projects."""
    found = slow_landing(session, campaign, day, known_at, shown=0)
    return Slow(
        open=found.cohort.open,
        behind=len(found.cohort.ids),
        without_blocker=found.without_blocker,
        steps=_most(found.by_step),
        hands=_most(found.by_hands),
        categories=_most(found.by_category),
    )


def _most(spent: Mapping[Any, Spent]) -> tuple[Gone, ...]:
    """What took most days first; what took none is left out."""
    gone = [Gone(str(name), each) for name, each in spent.items() if each.total]
    return tuple(sorted(gone, key=lambda each: (-each.spent.total, each.name))[:SHOWN])


def slow_told(figures: Figures) -> str:
    """How many are behind."""
    told = _(
        "Of %(open)s open projects signed for the campaign %(behind)s land slowly; for %(silent)s of these no problem "
        "is named."
    )
    slow = figures.slow
    return told % {"open": slow.open, "behind": slow.behind, "silent": slow.without_blocker}


def slow_table(figures: Figures) -> Table:
    """Where the days go: by step, by hands, by kind of problem."""
    columns = (
        Column("where", _("Where the days go"), 30),
        Column("what", _("Step, hands or problem"), 46, is_text=True),
        Column("count", _("Times"), 18),
        Column("total", _("Working days in all"), 26),
        Column("mean", _("On average"), 22),
        Column("now", _("In it now"), 18),
    )
    return Table("slow", columns, [*_rows(figures.slow)])


def _rows(slow: Slow) -> Iterator[Mapping[str, Any]]:
    groups = (
        (_("Step"), slow.steps, step_label),
        (_("In whose hands"), slow.hands, lambda name: Hands(name).label),
        (_("Problem"), slow.categories, lambda name: BlockerCategory(name).label),
    )
    for where, gone, label in groups:
        for each in gone:
            spent = each.spent
            figures = {"count": spent.count, "total": spent.total, "mean": spent.mean, "now": spent.now}
            yield {"where": where, "what": label(each.name)} | figures
