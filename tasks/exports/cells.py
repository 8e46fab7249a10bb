"""What stands in the cells of one project: written so that an import reads the same out of them."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from models.escalation.traffic_light import is_overdue
from models.i18n import gettext as _
from models.ledger.project import TEN_THOUSAND, in_words
from models.office_files.names.names import clean_text, in_one_cell
from models.office_files.names.people import as_person
from models.office_files.rows import MILESTONE_PARTS
from models.office_files.words.numbering import in_numbers
from models.words import CapitalKind, Currency, Stage
from tasks.documents.characters import length
from tasks.documents.table import Cell
from tasks.documents.text import MAX_CELL_LENGTH, NOTHING, for_reading, running
from tasks.exports.columns import LANDED, LIGHT, OVERDUE, OWN
from tasks.exports.facts import ExportData, Item, NamesById


def cells_of(data: ExportData, names: NamesById, as_of: date) -> dict[str, Cell]:
    """The cells by field; a field that is not there is an empty cell."""
    project = data.project
    is_exit = project.stage is Stage.EXITED
    return {
        "code": project.code,
        "name": project.name,
        "units": in_one_cell(names.units[unit] for unit in (project.unit_id, *data.co_unit_ids)),
        "sector": project.sector,
        "investor": project.investor,
        "registered_in": project.registered_in,
        "amount": amount(project.amount, project.currency),
        "signed_on": project.signed_on,
        "officer": _person(names, project.officer_id, project.unit_id),
        "leader": _person(names, project.leader_id, project.unit_id),
        "squad": names.squads.get(project.squad_id),
        "is_sme": _("Yes") if project.is_sme else _("No"),
        "origin_activity": project.origin_activity,
        "progress": running(data.progress),
        "claim": project.exit if is_exit else project.stage,
        "exit_reason": running(project.exit_reason) if is_exit else None,
        "ended_on": project.ended_on if is_exit else None,
        "visit_due_on": data.visit_due_on(),
        LIGHT: data.light,
        OVERDUE: "\n".join(_overdue(item) for item in data.items if is_overdue(item, as_of)),
        LANDED: project.ended_on if project.stage is Stage.LANDED else None,
        **_milestones(data),
        **_capital(data),
        **_problems(data.blockers(), names),
        **{OWN + name: _running(value) for name, value in project.extra.items()},
    }


def amount(figure: Decimal, currency: Currency) -> float | str:
    """An amount in ten thousand yuan; in words if a number would not be exact."""
    number = float(figure / TEN_THOUSAND)
    is_exact = currency is Currency.CNY and Decimal(repr(number)) * TEN_THOUSAND == figure
    return number if is_exact else in_words(figure, currency)


def _running(value: Cell) -> Cell:
    """A text that is too long for its cell is only for reading."""
    return running(value) if isinstance(value, str) else value


def _person(names: NamesById, number: int | None, unit_id: int) -> str | None:
    name = names.person(number, unit_id)
    return as_person(name) if name else None


def _overdue(item: Item) -> str:
    what = item.milestone.label if item.milestone else item.kind.label
    return _("%(what)s, due on %(day)s") % {"what": what, "day": item.promised_on or item.due_on}


def _milestones(data: ExportData) -> dict[str, Cell]:
    return {
        f"{kind}.{part}": _running(getattr(milestone, part))
        for kind, milestone in data.milestones.items()
        for part in MILESTONE_PARTS
    }


def _capital(data: ExportData) -> dict[str, Cell]:
    """Increases as they were, paid-in capital as the total by a day; several are numbered."""
    cells: dict[str, Cell] = {}
    for kind in CapitalKind:
        if events := [event for event in data.capital if event.kind is kind]:
            cells |= {f"{kind}.{part}": cell for part, cell in _entries(kind, events).items()}
    return cells


def _entries(kind: CapitalKind, events: Sequence[Row[*tuple[Any, ...]]]) -> dict[str, Cell]:
    totals: dict[Currency, Decimal] = {}
    figures = []
    for event in events:
        former = totals.get(event.currency, Decimal(0)) if kind is CapitalKind.PAID_IN else Decimal(0)
        totals[event.currency] = former + event.amount
        figures.append((totals[event.currency], event.currency))
    if len(events) == 1:
        (event,) = events
        return {
            "amount": amount(*figures[0]),
            "happened_on": event.happened_on,
            "evidence": running(event.evidence or ""),
        }
    cells: dict[str, str] = {
        "amount": in_numbers([in_words(*figure) for figure in figures]),
        "happened_on": in_numbers([event.happened_on.isoformat() for event in events]),
        "evidence": in_numbers([event.evidence or NOTHING for event in events]),
    }
    is_too_long = max(map(length, cells.values())) > MAX_CELL_LENGTH
    return {part: for_reading(text) if is_too_long else text for part, text in cells.items()}


def _problems(blockers: Sequence[Item], names: NamesById) -> dict[str, Cell]:
    """The open problems in one cell; what belongs to each has its number in the cells beside it."""
    if not blockers:
        return {}
    solutions = [item.solution or NOTHING for item in blockers]
    texts = {
        "problem": in_numbers([item.description or "" for item in blockers]),
        "category": in_numbers([item.category.label if item.category else "" for item in blockers]),
        "recipient": in_numbers([names.units[item.recipient_id or 0] for item in blockers]),
        "solution": in_numbers(solutions) if any(item.solution for item in blockers) else "",
        "due_on": in_numbers([item.due_on.isoformat() for item in blockers]),
    }
    parts = [item.description or "" for item in blockers] + solutions
    if max(map(length, texts.values())) > MAX_CELL_LENGTH or any(clean_text(part) != part for part in parts):
        return {field: for_reading(text) if text else text for field, text in texts.items()}
    return {**texts, "due_on": blockers[0].due_on if len(blockers) == 1 else texts["due_on"]}
