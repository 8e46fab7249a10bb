"""The week's indicators, against the week before, and since the year and the campaign began."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from models.bulletin.figures import Counts, Figures, Sum
from models.campaigns.rates import half_up
from models.i18n import gettext as _
from models.words import Currency, Step
from tasks.documents.table import Column, Kind, Table


class Indicator(NamedTuple):
    label: str
    read: Callable[[Counts], int | Sum]

    def change(self, now: Counts, before: Counts) -> str:
        """By how much it changed, with its sign; 0 for no change."""
        new = self.read(now)
        change = _figure(new) - _figure(self.read(before))
        if not half_up(change):
            return "0"
        size = Sum(new.currency, abs(change)).text if isinstance(new, Sum) else str(abs(change))
        return f"{'+' if change > 0 else '-'}{size}"


def _figure(value: int | Sum) -> Decimal:
    return value.amount if isinstance(value, Sum) else Decimal(value)


def facts(figures: Figures) -> Table[Indicator]:
    week, before, year, campaign = _printed(figures)
    return Table(
        [
            Column("what", _("Indicator"), 34, value=lambda indicator: indicator.label),
            Column("week", _("This week"), 18, Kind.SHORT, lambda indicator: indicator.read(week)),
            Column("before", _("Week before"), 18, Kind.SHORT, lambda indicator: indicator.read(before)),
            Column("change", _("Change"), 18, Kind.SHORT, lambda indicator: indicator.change(week, before)),
            Column("year", _("This year"), 20, Kind.SHORT, lambda indicator: indicator.read(year)),
            Column(
                "campaign", _("Since the campaign began"), 22, Kind.SHORT, lambda indicator: indicator.read(campaign)
            ),
        ],
        indicators(figures),
    )


def indicators(figures: Figures) -> list[Indicator]:
    """All of them; currencies and steps of the ladder only if they occur."""
    return [
        Indicator(_("Projects signed"), lambda counts: counts.signed),
        *_by_currency(figures, _("Contract amount"), lambda counts: counts.contracted),
        Indicator(_("Capital increases"), lambda counts: counts.increases),
        *_by_currency(figures, _("Amount of the increases"), lambda counts: counts.increased),
        Indicator(_("Visits made"), lambda counts: counts.visits),
        Indicator(_("New problems"), lambda counts: counts.blockers_opened),
        Indicator(_("Problems solved"), lambda counts: counts.blockers_resolved),
        Indicator(_("Construction begun"), lambda counts: counts.started),
        Indicator(_("Construction completed"), lambda counts: counts.completed),
        Indicator(_("Projects landed"), lambda counts: counts.landed),
        Indicator(_("Projects exited"), lambda counts: counts.exited),
        *_by_step(figures),
    ]


def _by_currency(figures: Figures, label: str, sums: Callable[[Counts], tuple[Sum, ...]]) -> list[Indicator]:
    def indicator(currency: Currency) -> Indicator:
        named = _("%(label)s (%(currency)s)") % {"label": label, "currency": currency.label}
        nothing = Sum(currency, Decimal(0))
        return Indicator(
            named, lambda counts: next((total for total in sums(counts) if total.currency is currency), nothing)
        )

    occur = {Currency.CNY, *(total.currency for counts in _printed(figures) for total in sums(counts))}
    return [indicator(currency) for currency in Currency if currency in occur]


def _by_step(figures: Figures) -> list[Indicator]:
    def indicator(step: Step) -> Indicator:
        return Indicator(step.label, lambda counts: sum(own.count for own in counts.escalated if own.step is step))

    occur = {fired.step for counts in _printed(figures) for fired in counts.escalated}
    return [indicator(step) for step in Step if step in occur]


def _printed(figures: Figures) -> tuple[Counts, Counts, Counts, Counts]:
    return figures.week, figures.before, figures.year, figures.campaign
