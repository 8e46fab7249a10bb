from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.project import Project, in_words, project_co_unit
from models.refusal import Refused
from models.words import Currency, Sector, Stage, Word
from tasks.ledger.lookups import unit_named


@dataclass(frozen=True)
class Selection:
    """Filters that must all fit; an empty one fits every project. Both ends of a span belong to it.

    `units` are names or aliases; a project belongs to its responsible unit and to its co-units. Amounts are in whole
    yuan; for a project signed in dollars its figure in dollars counts, since the ledger has no exchange rates.
    """

    units: tuple[str, ...] = ()
    sectors: tuple[Sector, ...] = ()
    stages: tuple[Stage, ...] = ()
    signed_from: date | None = None
    signed_until: date | None = None
    amount_from: Decimal | None = None
    amount_until: Decimal | None = None

    @property
    def is_everything(self) -> bool:
        return self == Selection()


EVERYTHING = Selection()


def projects_of(session: Session, selection: Selection) -> list[int]:
    """The numbers of the selected projects, by responsible unit, then by day of signing and code."""
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
    filters = [
        *_chosen(selection.units, _("all units"), str),
        *_chosen(selection.sectors, "", _label),
        *_chosen(selection.stages, "", _label),
        *_period(_("signed"), selection.signed_from, selection.signed_until, str),
        *_period(
            _("amount"), selection.amount_from, selection.amount_until, lambda figure: in_words(figure, Currency.CNY)
        ),
    ]
    return " · ".join(filters)


def _chosen(words: Sequence[Any], otherwise: str, written: Callable[[Any], str]) -> list[str]:
    return ["、".join(map(written, words))] if words else [otherwise] if otherwise else []


def _label(word: Word) -> str:
    return word.label


def _period(name: str, first: Any, last: Any, written: Callable[[Any], str]) -> list[str]:
    if first is None and last is None:
        return []
    ends = {"first": written(first) if first is not None else "", "last": written(last) if last is not None else ""}
    return [f"{name} {ends['first']}–{ends['last']}"]
