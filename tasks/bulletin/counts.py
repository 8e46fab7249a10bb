"""Counts what happened in several stretches of days at once: each table is read once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, SQLColumnExpression, between, func, select
from sqlalchemy.orm import Session

from models.bulletin.figures import Counts, Drive, Steps, StepsFired, Sum
from models.campaigns.rates import Rate
from models.escalation.action_item import ActionItem, Visit
from models.escalation.escalation import Escalation
from models.ledger.project import CapitalEvent
from models.words import CapitalKind, Currency, ItemKind, ItemResult, Step
from tasks.ledger.as_of import as_known, signed_between

STEPS = ("signed", "started", "completed", "landed", "exited")  # `projects_as_of` has the day of each


class Stretch(NamedTuple):
    """The days from `first` through `last`; `name` is its field in `Figures`."""

    name: str
    first: date
    last: date

    def holds(self, day: SQLColumnExpression[date]) -> ColumnElement[bool]:
        return between(day, self.first, self.last)


class OfUnit(NamedTuple):
    """A unit's projects in one currency."""

    unit_id: int
    currency: Currency
    whole: int  # projects of the campaign's cohort
    landed: int  # those of them that have landed
    figures: Mapping[str, Any]  # "week signed", "week amount" …

    def steps(self, stretch: str) -> Steps:
        return Steps(
            signed=self.figures[f"{stretch} signed"],
            started=self.figures[f"{stretch} started"],
            completed=self.figures[f"{stretch} completed"],
            landed=self.figures[f"{stretch} landed"],
        )


def count_units(session: Session, ledger: CTE, drive: Drive, stretches: Sequence[Stretch]) -> list[OfUnit]:
    """The projects of the ledger as it stood, by responsible unit and currency."""
    figures = [
        func.count().filter(stretch.holds(ledger.c[f"{step}_on"])).label(f"{stretch.name} {step}")
        for stretch in stretches
        for step in STEPS
    ]
    amounts = [
        _sum_in(stretch, ledger.c.amount, ledger.c.signed_on).label(f"{stretch.name} amount") for stretch in stretches
    ]
    cohort = signed_between(drive.signed_from, drive.signed_until, ledger)
    of_cohort = (func.count().filter(cohort), func.count().filter(cohort, ledger.c.landed_on.is_not(None)))
    groups = (ledger.c.unit_id, ledger.c.currency)
    rows = session.execute(select(*groups, *of_cohort, *figures, *amounts).group_by(*groups))
    return [OfUnit(row[0], row[1], row[2], row[3], dict(row._mapping)) for row in rows]


def _times(
    stretches: Sequence[Stretch], day: SQLColumnExpression[date], *rules: ColumnElement[bool]
) -> list[ColumnElement[int]]:
    return [func.count().filter(stretch.holds(day), *rules) for stretch in stretches]


def _sum_in(
    stretch: Stretch, amount: SQLColumnExpression[Decimal], day: SQLColumnExpression[date]
) -> ColumnElement[Decimal]:
    return func.coalesce(func.sum(amount).filter(stretch.holds(day)), 0)


def cohort_rate(units: Sequence[OfUnit]) -> Rate:
    return Rate(sum(unit.landed for unit in units), sum(unit.whole for unit in units))


def count_all(
    session: Session, units: Sequence[OfUnit], stretches: Sequence[Stretch], known_at: datetime | None
) -> dict[str, Counts]:
    increases, blockers = _increases(session, stretches, known_at), _blockers(session, stretches, known_at)
    visits = session.execute(select(*_times(stretches, Visit.visited_on))).one()
    by_step = select(Escalation.step, *_times(stretches, Escalation.raised_on)).group_by(Escalation.step)
    fired = {row[0]: row[1:] for row in session.execute(by_step)}
    counts = {}
    for number, stretch in enumerate(stretches):
        counts[stretch.name] = Counts(
            **{step: sum(unit.figures[f"{stretch.name} {step}"] for unit in units) for step in STEPS},
            contracted=_sums((unit.currency, unit.figures[f"{stretch.name} amount"]) for unit in units),
            increases=sum(times[number] for _currency, times, _amounts in increases),
            increased=_sums((currency, amounts[number]) for currency, _times, amounts in increases),
            visits=visits[number],
            blockers_opened=blockers[number],
            blockers_resolved=blockers[len(stretches) + number],
            escalated=tuple(
                StepsFired(step, fired[step][number]) for step in Step if step in fired and fired[step][number]
            ),
        )
    return counts


def _sums(amounts: Iterable[tuple[Currency, Decimal]]) -> tuple[Sum, ...]:
    total = dict.fromkeys(Currency, Decimal(0))
    for currency, amount in amounts:
        total[currency] += amount
    return tuple(Sum(currency, amount) for currency, amount in total.items() if amount)


def _increases(
    session: Session, stretches: Sequence[Stretch], known_at: datetime | None
) -> list[tuple[Currency, Sequence[int], Sequence[Decimal]]]:
    event = as_known(CapitalEvent, ("id", "kind", "happened_on", "amount", "currency"), known_at)
    times = _times(stretches, event.c.happened_on)
    amounts = [_sum_in(stretch, event.c.amount, event.c.happened_on) for stretch in stretches]
    counted = select(event.c.currency, *times, *amounts).where(event.c.kind == CapitalKind.INCREASE)
    rows = session.execute(counted.group_by(event.c.currency))
    return [(row[0], row[1 : 1 + len(times)], row[1 + len(times) :]) for row in rows]


def _blockers(session: Session, stretches: Sequence[Stretch], known_at: datetime | None) -> Sequence[int]:
    """How many problems were opened in each stretch, then how many were resolved."""
    item = as_known(ActionItem, ("id", "kind", "opened_on", "closed_on", "result"), known_at)
    opened = _times(stretches, item.c.opened_on)
    resolved = _times(stretches, item.c.closed_on, item.c.result == ItemResult.RESOLVED)
    return session.execute(select(*opened, *resolved).where(item.c.kind == ItemKind.BLOCKER)).one()
