"""Slow landing in short: how many projects are behind their cohort, and where their days go."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy.orm import Session

from models.bulletin.figures import Figures, Gone, Slow
from models.campaigns.campaign import Campaign
from models.campaigns.slow_landing import Hands, Spent, step_label
from models.i18n import gettext as _
from models.words import BlockerCategory
from tasks.documents.table import Column, Kind, Table
from tasks.slow_landing.analysis import slow_landing

SHOWN = 3  # of each kind those that took most; the whole analysis has a page of its own


def slow(session: Session, campaign: Campaign, day: date, known_at: datetime | None) -> Slow:
    """The analysis of the campaign's projects that are behind at the end of the day."""
    analysis = slow_landing(session, campaign, day, known_at, shown=0)
    return Slow(
        open=analysis.cohort.open,
        behind=len(analysis.cohort.ids),
        without_blocker=analysis.without_blocker,
        steps=_most(analysis.by_step),
        hands=_most(analysis.by_hands),
        categories=_most(analysis.by_category),
    )


def _most(spent: Mapping[str, Spent] | Mapping[Hands, Spent] | Mapping[BlockerCategory, Spent]) -> tuple[Gone, ...]:
    """What took most days first; what took none is left out."""
    gone = [Gone(str(name), days) for name, days in spent.items() if days.total]
    return tuple(sorted(gone, key=lambda one: (-one.spent.total, one.name))[:SHOWN])


def slow_table(figures: Figures) -> Table[tuple[str, str, Spent]]:
    """Where the days go: by step, by hands, by kind of problem."""
    slow = figures.slow
    return Table(
        [
            Column("where", _("Where the days go"), 30, Kind.SHORT, lambda row: row[0]),
            Column("what", _("Step, hands or problem"), 46, value=lambda row: row[1]),
            Column("count", _("Times"), 18, Kind.SHORT, lambda row: row[2].count),
            Column("total", _("Working days in all"), 26, Kind.SHORT, lambda row: row[2].total),
            Column("mean", _("On average"), 22, Kind.SHORT, lambda row: row[2].mean),
            Column("now", _("In it now"), 18, Kind.SHORT, lambda row: row[2].now),
        ],
        [
            *((_("Step"), step_label(gone.name), gone.spent) for gone in slow.steps),
            *((_("In whose hands"), Hands(gone.name).label, gone.spent) for gone in slow.hands),
            *((_("Problem"), BlockerCategory(gone.name).label, gone.spent) for gone in slow.categories),
        ],
    )
