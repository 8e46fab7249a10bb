"""The week's indicators, against the week before, and since the year and the campaign began."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from models.bulletin.figures import Counts, Figures, Sum
from models.campaigns.rates import half_up
from models.i18n import gettext as _
from models.words import Currency, Step
from tasks.documents.table import Cells, Column, Kind, Table

Reader = Callable[[Counts], int | Sum]


@dataclass(frozen=True)
class WeekChange:
    """By how much something changed against the week before."""

    value: int | Sum

    @property
    def text(self) -> str:
        """With its sign; 0 for no change."""
        amount = self.value.amount if isinstance(self.value, Sum) else Decimal(self.value)
        if not half_up(amount):
            return "0"
        size = Sum(self.value.currency, abs(amount)).text if isinstance(self.value, Sum) else str(abs(amount))
        return f"{'+' if amount > 0 else '-'}{size}"


def facts(figures: Figures) -> Table[Cells]:
    """The indicators of week, week before, year and campaign."""
    columns: list[Column[Cells]] = [
        Column("what", _("Indicator"), 34),
        Column("week", _("This week"), 18, Kind.SHORT),
        Column("before", _("Week before"), 18, Kind.SHORT),
        Column("change", _("Change"), 18, Kind.SHORT),
        Column("year", _("This year"), 20, Kind.SHORT),
        Column("campaign", _("Since the campaign began"), 22, Kind.SHORT),
    ]
    return Table(columns, [_fact(figures, label, read) for label, read in indicators(figures)])


def indicators(figures: Figures) -> list[tuple[str, Reader]]:
    """What is counted, by name; currencies and steps of the ladder only if they occur."""
    return [
        (_("Projects signed"), lambda counts: counts.signed),
        *_by_currency(figures, _("Contract amount"), "contracted"),
        (_("Capital increases"), lambda counts: counts.increases),
        *_by_currency(figures, _("Amount of the increases"), "increased"),
        (_("Visits made"), lambda counts: counts.visits),
        (_("New problems"), lambda counts: counts.blockers_opened),
        (_("Problems solved"), lambda counts: counts.blockers_resolved),
        (_("Construction begun"), lambda counts: counts.started),
        (_("Construction completed"), lambda counts: counts.completed),
        (_("Projects landed"), lambda counts: counts.landed),
        (_("Projects exited"), lambda counts: counts.exited),
        *_by_step(figures),
    ]


def _by_currency(figures: Figures, label: str, field: str) -> list[tuple[str, Reader]]:
    def reader(currency: Currency) -> Reader:
        return lambda counts: next(
            (total for total in getattr(counts, field) if total.currency is currency), Sum(currency, Decimal(0))
        )

    occur = {total.currency for counts in _printed(figures) for total in getattr(counts, field)} | {Currency.CNY}
    named = _("%(label)s (%(currency)s)")
    return [
        (named % {"label": label, "currency": currency.label}, reader(currency))
        for currency in Currency
        if currency in occur
    ]


def _by_step(figures: Figures) -> list[tuple[str, Reader]]:
    def reader(step: Step) -> Reader:
        return lambda counts: next((fired.count for fired in counts.escalated if fired.step is step), 0)

    occur = {fired.step for counts in _printed(figures) for fired in counts.escalated}
    return [(step.label, reader(step)) for step in Step if step in occur]


def _printed(figures: Figures) -> tuple[Counts, ...]:
    return figures.week, figures.before, figures.year, figures.campaign


def _fact(figures: Figures, label: str, read: Reader) -> Cells:
    week, before = read(figures.week), read(figures.before)
    return {
        "what": label,
        "week": week,
        "before": before,
        "change": WeekChange(_difference(week, before)),
        "year": read(figures.year),
        "campaign": read(figures.campaign),
    }


def _difference(week: int | Sum, before: int | Sum) -> int | Sum:
    if isinstance(week, Sum) and isinstance(before, Sum):
        return Sum(week.currency, week.amount - before.amount)
    return int(week) - int(before)  # type: ignore[arg-type]
