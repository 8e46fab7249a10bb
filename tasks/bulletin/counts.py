"""Counts what happened in several stretches of days at once: each table is read once, whatever the stretches."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import CTE, ColumnElement, FromClause, and_, between, func, select, true
from sqlalchemy.orm import Session

from models.bulletin.figures import Counts, Drive, Fired, Steps, Sum
from models.campaigns.campaign import Campaign
from models.campaigns.rates import Rate
from models.escalation.action_item import ActionItem, Visit
from models.escalation.escalation import Escalation
from models.ledger.project import CapitalEvent
from models.words import CapitalKind, Currency, ItemKind, ItemResult, Step
from tasks.ledger.as_of import as_known

STEPS = {name: f"{name}_on" for name in ("signed", "started", "completed", "landed", "exited")}
"""What a project can have done on a day, and where `projects_as_of` tells it."""


class Stretch(NamedTuple):
    """From a day through a day; `name` is its place in `Figures`."""

    name: str
    first: date
    last: date

    def holds(self, day: Any) -> ColumnElement[bool]:
        """Whether a day lies in it."""
        return between(day, self.first, self.last)


class OfUnit(NamedTuple):
    """A unit's projects signed in one currency: how many took each step in each stretch, and what they add up to."""

    unit_id: int
    currency: Currency
    whole: int
    """Projects of the campaign's cohort."""
    landed: int
    """Those of them that have landed."""
    figures: Mapping[str, Any]

    def steps(self, stretch: str) -> Steps:
        """Its steps in a stretch."""
        return Steps(*(self.figures[f"{stretch} {step}"] for step in Steps.__dataclass_fields__))


def count_units(
    session: Session, ledger: CTE, campaign: Campaign | Drive, stretches: Sequence[Stretch]
) -> list[OfUnit]:
    """The projects of the ledger as it stood, by responsible unit and currency."""
    days = {step: ledger.c[column] for step, column in STEPS.items()}
    figures = [
        func.count().filter(stretch.holds(day)).label(f"{stretch.name} {step}")
        for stretch in stretches
        for step, day in days.items()
    ]
    amounts = [
        func.coalesce(func.sum(ledger.c.amount).filter(stretch.holds(ledger.c.signed_on)), 0).label(
            f"{stretch.name} amount"
        )
        for stretch in stretches
    ]
    cohort = in_cohort(campaign, ledger)
    of_cohort = (func.count().filter(cohort), func.count().filter(cohort, ledger.c.landed_on.is_not(None)))
    groups = (ledger.c.unit_id, ledger.c.currency)
    rows = session.execute(select(*groups, *of_cohort, *figures, *amounts).group_by(*groups))
    return [OfUnit(row[0], row[1], row[2], row[3], dict(row._mapping)) for row in rows]


def in_cohort(campaign: Campaign | Drive, ledger: FromClause) -> ColumnElement[bool]:
    """Whether a project is one of those the campaign pushes."""
    rules: list[ColumnElement[bool]] = [true()]
    if campaign.signed_from:
        rules.append(ledger.c.signed_on >= campaign.signed_from)
    if campaign.signed_until:
        rules.append(ledger.c.signed_on <= campaign.signed_until)
    return and_(*rules)


def cohort_rate(units: Iterable[OfUnit]) -> Rate:
    """What has landed of the cohort, all those units together."""
    listed = list(units)
    return Rate(sum(each.landed for each in listed), sum(each.whole for each in listed))


def count_all(
    session: Session, units: Sequence[OfUnit], stretches: Sequence[Stretch], known_at: datetime | None
) -> dict[str, Counts]:
    """What happened all over the city, by stretch."""
    visits, opened = _visits(session, stretches), _blockers(session, stretches, known_at)
    increases, fired = _increases(session, stretches, known_at), _fired(session, stretches)
    found = {}
    for number, stretch in enumerate(stretches):
        steps = {step: sum(each.figures[f"{stretch.name} {step}"] for each in units) for step in STEPS}
        found[stretch.name] = Counts(
            **steps,
            contracted=_sums((each.currency, each.figures[f"{stretch.name} amount"]) for each in units),
            increases=sum(times[number] for _currency, times, _amounts in increases),
            increased=_sums((currency, amounts[number]) for currency, _times, amounts in increases),
            visits=visits[number],
            blockers_opened=opened[number],
            blockers_resolved=opened[len(stretches) + number],
            escalated=tuple(Fired(step, fired[step][number]) for step in Step if step in fired and fired[step][number]),
        )
    return found


def _sums(amounts: Iterable[tuple[Currency, Decimal]]) -> tuple[Sum, ...]:
    """Amounts added up by currency; those that are nothing are left out."""
    total = dict.fromkeys(Currency, Decimal(0))
    for currency, amount in amounts:
        total[currency] += amount
    return tuple(Sum(currency, amount) for currency, amount in total.items() if amount)


def _increases(
    session: Session, stretches: Sequence[Stretch], known_at: datetime | None
) -> list[tuple[Currency, Sequence[int], Sequence[Decimal]]]:
    """Increases of capital by currency: how many in each stretch, and what they add up to."""
    event = as_known(CapitalEvent, ("id", "kind", "happened_on", "amount", "currency"), known_at)
    held = [stretch.holds(event.c.happened_on) for stretch in stretches]
    times = [func.count().filter(each) for each in held]
    amounts = [func.coalesce(func.sum(event.c.amount).filter(each), 0) for each in held]
    counted = select(event.c.currency, *times, *amounts).where(event.c.kind == CapitalKind.INCREASE)
    rows = session.execute(counted.group_by(event.c.currency))
    return [(row[0], row[1 : 1 + len(held)], row[1 + len(held) :]) for row in rows]


def _visits(session: Session, stretches: Sequence[Stretch]) -> Sequence[int]:
    return session.execute(select(*(func.count().filter(each.holds(Visit.visited_on)) for each in stretches))).one()


def _blockers(session: Session, stretches: Sequence[Stretch], known_at: datetime | None) -> Sequence[int]:
    """How many problems were opened in each stretch, then how many were resolved."""
    item = as_known(ActionItem, ("id", "kind", "opened_on", "closed_on", "result"), known_at)
    opened = [func.count().filter(each.holds(item.c.opened_on)) for each in stretches]
    is_resolved = item.c.result == ItemResult.RESOLVED
    resolved = [func.count().filter(is_resolved, each.holds(item.c.closed_on)) for each in stretches]
    return session.execute(select(*opened, *resolved).where(item.c.kind == ItemKind.BLOCKER)).one()


def _fired(session: Session, stretches: Sequence[Stretch]) -> dict[Step, Sequence[int]]:
    counted = [func.count().filter(each.holds(Escalation.raised_on)) for each in stretches]
    rows = session.execute(select(Escalation.step, *counted).group_by(Escalation.step))
    return {row[0]: row[1:] for row in rows}
