"""What happened in a week by indicator, against the week before, and since the year and the campaign began."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from models.bulletin.figures import Counts, Figures, Sum
from models.i18n import gettext as _
from models.words import Currency, Step
from tasks.bulletin.table import Change, Column, Table

Reader = Callable[[Counts], int | Sum]


def facts(figures: Figures) -> Table:
    """What happened in the week, against the week before, and since the year and the campaign began."""
    columns = (
        Column("what", _("Indicator"), 34, is_text=True),
        Column("week", _("This week"), 18),
        Column("before", _("Week before"), 18),
        Column("change", _("Change"), 18),
        Column("year", _("This year"), 20),
        Column("campaign", _("Since the campaign began"), 22),
    )
    return Table("facts", columns, [_fact(figures, label, value) for label, value in indicators(figures)])


def indicators(figures: Figures) -> list[tuple[str, Reader]]:
    """What is counted, by name; a currency, and a step of the ladder, only where there is anything of it."""
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
            (each for each in getattr(counts, field) if each.currency is currency), Sum(currency, Decimal(0))
        )

    occur = {each.currency for counts in _printed(figures) for each in getattr(counts, field)} | {Currency.CNY}
    named = _("%(label)s (%(currency)s)")
    return [
        (named % {"label": label, "currency": currency.label}, reader(currency))
        for currency in Currency
        if currency in occur
    ]


def _by_step(figures: Figures) -> list[tuple[str, Reader]]:
    def reader(step: Step) -> Reader:
        return lambda counts: next((each.count for each in counts.escalated if each.step is step), 0)

    occur = {each.step for counts in _printed(figures) for each in counts.escalated}
    return [(step.label, reader(step)) for step in Step if step in occur]


def _printed(figures: Figures) -> tuple[Counts, ...]:
    """What the columns tell of."""
    return figures.week, figures.before, figures.year, figures.campaign


def _fact(figures: Figures, label: str, value: Reader) -> Mapping[str, Any]:
    week, before = value(figures.week), value(figures.before)
    if isinstance(week, Sum) and isinstance(before, Sum):
        change = Change(Sum(week.currency, week.amount - before.amount))
    else:
        change = Change(int(week) - int(before))  # type: ignore[arg-type]
    return {
        "what": label,
        "week": week,
        "before": before,
        "change": change,
        "year": value(figures.year),
        "campaign": value(figures.campaign),
    }
