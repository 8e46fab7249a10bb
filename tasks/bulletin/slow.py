"""Slow landing in short: how many projects are behind their cohort, and where their days go."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from models.bulletin.figures import Figures, Gone, Slow
from models.campaigns.campaign import Campaign
from models.campaigns.slow_landing import Hands, Spent, step_label
from models.i18n import gettext as _
from models.words import BlockerCategory
from tasks.documents.table import Cells, Column, Kind, Table
from tasks.slow_landing.analysis import slow_landing

SHOWN = 3  # of each kind those that took most; the whole analysis has a page of its own


def slow(session: Session, campaign: Campaign, day: date, known_at: datetime | None) -> Slow:
    """The analysis of the campaign's projects that are behind at the end of the day."""
    analysis = slow_landing(session, campaign, day, known_at, shown=0)
    return Slow(
        open=analysis.cohort.open,
        behind=len(analysis.cohort.ids),
        without_blocker=analysis.without_blocker,
        steps=_most(analysis.by_step.items()),
        hands=_most(analysis.by_hands.items()),
        categories=_most(analysis.by_category.items()),
    )


def _most(spent: Iterable[tuple[str, Spent]]) -> tuple[Gone, ...]:
    """What took most days first; what took none is left out."""
    gone = [Gone(str(name), days) for name, days in spent if days.total]
    return tuple(sorted(gone, key=lambda one: (-one.spent.total, one.name))[:SHOWN])


def slow_summary(figures: Figures) -> str:
    """How many projects are behind."""
    sentence = _(
        "Of %(open)s open projects signed for the campaign %(behind)s land slowly; for %(silent)s of these no problem "
        "is named."
    )
    slow = figures.slow
    return sentence % {"open": slow.open, "behind": slow.behind, "silent": slow.without_blocker}


def slow_table(figures: Figures) -> Table[Cells]:
    """Where the days go: by step, by hands, by kind of problem."""
    columns: list[Column[Cells]] = [
        Column("where", _("Where the days go"), 30, Kind.SHORT),
        Column("what", _("Step, hands or problem"), 46),
        Column("count", _("Times"), 18, Kind.SHORT),
        Column("total", _("Working days in all"), 26, Kind.SHORT),
        Column("mean", _("On average"), 22, Kind.SHORT),
        Column("now", _("In it now"), 18, Kind.SHORT),
    ]
    return Table(columns, list(_rows(figures.slow)))


def _rows(slow: Slow) -> Iterator[Cells]:
    groups = (
        (_("Step"), slow.steps, step_label),
        (_("In whose hands"), slow.hands, lambda name: Hands(name).label),
        (_("Problem"), slow.categories, lambda name: BlockerCategory(name).label),
    )
    for where, gone, label in groups:
        for name, spent in ((one.name, one.spent) for one in gone):
            figures = {"count": spent.count, "total": spent.total, "mean": spent.mean, "now": spent.now}
            yield {"where": where, "what": label(name), **figures}
