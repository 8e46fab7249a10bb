from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.i18n import enumerated
from models.i18n import gettext as _
from models.ledger.project import Project, in_words, project_co_unit
from models.refusal import Refused
from models.words import Currency, Sector, Stage
from tasks.ledger.lookups import unit_named


@dataclass(frozen=True)
class Selection:
    """Filters that must all fit; an empty one fits every project. Both ends of a span belong to it.

    `units` are names or aliases; a project belongs to its responsible unit and to its co-units.
    Amounts are in whole yuan, or dollars for a project signed in dollars: there are no rates.
    """

    units: tuple[str, ...] = ()
    sectors: tuple[Sector, ...] = ()
    stages: tuple[Stage, ...] = ()
    signed_from: date | None = None
    signed_until: date | None = None
    amount_from: Decimal | None = None
    amount_until: Decimal | None = None


EVERYTHING = Selection()


def projects_of(session: Session, selection: Selection) -> list[int]:
    """The selected projects' numbers, by responsible unit, then by day of signing and code.

    `Refused` when a unit is unknown, or a span ends before it begins.
    """
    chosen = select(Project.id).where(*filters_of(session, selection))
    return list(session.scalars(chosen.order_by(Project.unit_id, Project.signed_on, Project.code)))


def filters_of(session: Session, selection: Selection) -> Sequence[ColumnElement[bool]]:
    """The conditions of a selected project; `Refused` if a unit is unknown or a span is none."""
    filters: list[ColumnElement[bool]] = []
    if selection.units:
        units = [unit_named(session, name).id for name in selection.units]
        shared = select(project_co_unit.c.project_id).where(project_co_unit.c.unit_id.in_(units))
        filters.append(or_(Project.unit_id.in_(units), Project.id.in_(shared)))
    if selection.sectors:
        filters.append(Project.sector.in_(selection.sectors))
    if selection.stages:
        filters.append(Project.stage.in_(selection.stages))
    filters += _span(Project.signed_on, selection.signed_from, selection.signed_until)
    filters += _span(Project.amount, selection.amount_from, selection.amount_until)
    return filters


def _span(column: Any, first: Any, last: Any) -> list[ColumnElement[bool]]:
    if first is not None and last is not None and first > last:
        message = _("From %(first)s until %(last)s is nothing: the first must not be after the last.")
        raise Refused(message % {"first": first, "last": last})
    from_first = [column >= first] if first is not None else []
    return from_first + ([column <= last] if last is not None else [])


def described(selection: Selection) -> str:
    amounts = (selection.amount_from, selection.amount_until)
    least, most = ("" if amount is None else in_words(amount, Currency.CNY) for amount in amounts)
    filters = (
        enumerated(selection.units) or _("all units"),
        enumerated(sector.label for sector in selection.sectors),
        enumerated(stage.label for stage in selection.stages),
        _period(_("signed"), selection.signed_from, selection.signed_until),
        _period(_("amount"), least, most),
    )
    return " · ".join(filter(None, filters))


def _period(name: str, first: object, last: object) -> str:
    return f"{name} {first or ''}–{last or ''}" if first or last else ""
