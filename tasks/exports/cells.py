"""What stands in the cells of one project: written so that an import reads the same out of them."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row

from models.escalation.traffic_light import is_overdue
from models.i18n import gettext as _
from models.ledger.project import TEN_THOUSAND, in_words
from models.office_files.names import clean_text, in_one_cell
from models.office_files.numbering import in_numbers
from models.office_files.rows import MILESTONE_PARTS
from models.words import CapitalKind, Currency, Stage
from tasks.documents.excel import LANDED, LIGHT, NUMBER, OVERDUE
from tasks.documents.text import LONGEST, _length, for_reading, running
from tasks.exports.facts import Facts, Item, Names

NOTHING = "—"
"""Stands for an answer that is not there among several."""


def cells(facts: Facts, number: int, names: Names, as_of: date) -> dict[str, Any]:
    """The cells by field; a field that is not there is an empty cell."""
    project = facts.project
    is_exit = project.stage is Stage.EXITED
    said = {
        NUMBER: number,
        "code": project.code,
        "name": project.name,
        "units": in_one_cell(names.units[unit] for unit in (project.unit_id, *facts.co_unit_ids)),
        "sector": project.sector.label,
        "investor": project.investor,
        "registered_in": project.registered_in,
        "amount": amount(project.amount, project.currency),
        "signed_on": project.signed_on,
        "officer": _person(names, project.officer_id, project.unit_id),
        "leader": _person(names, project.leader_id, project.unit_id),
        "squad": names.squads.get(project.squad_id),
        "is_sme": _("Yes") if project.is_sme else _("No"),
        "origin_activity": project.origin_activity,
        "progress": running(facts.progress),
        "claim": project.exit.label if is_exit else project.stage.label,
        "exit_reason": running(project.exit_reason) if is_exit else None,
        "ended_on": project.ended_on if is_exit else None,
        "visit_due_on": facts.visit_due_on(),
        LIGHT: facts.light.label if facts.light else None,
        OVERDUE: "\n".join(_overdue(item) for item in facts.items if is_overdue(item, as_of)),
        LANDED: project.ended_on if project.stage is Stage.LANDED else None,
    }
    return said | _milestones(facts) | _capital(facts) | _problems(facts.blockers(), names)


def amount(figure: Decimal, currency: Currency) -> float | str:
    """An amount for a column in ten thousand yuan; in words where a number would not say it exactly."""
    number = float(figure / TEN_THOUSAND)
    is_exact = currency is Currency.CNY and Decimal(repr(number)) * TEN_THOUSAND == figure
    return number if is_exact else in_words(figure, currency)


def shown(extra: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is only kept of a project; a text too long for its cell only for reading."""
    return {name: running(said) if isinstance(said, str) else said for name, said in extra.items()}


def _person(names: Names, number: int | None, unit_id: int) -> str | None:
    name = names.person(number, unit_id)
    return in_one_cell([name]) if name else None


def _overdue(item: Item) -> str:
    what = item.milestone.label if item.milestone else item.kind.label
    return _("%(what)s, due on %(day)s") % {"what": what, "day": item.promised_on or item.due_on}


def _milestones(facts: Facts) -> dict[str, Any]:
    known = facts.milestones.items()
    found = {f"{kind}.{part}": getattr(milestone, part) for kind, milestone in known for part in MILESTONE_PARTS}
    return {field: running(value) if isinstance(value, str) else value for field, value in found.items()}


def _capital(facts: Facts) -> dict[str, Any]:
    """Increases as they were, paid-in capital as the total by each day; several entries are numbered."""
    cells: dict[str, Any] = {}
    for kind in CapitalKind:
        if events := [event for event in facts.capital if event.kind is kind]:
            cells |= {f"{kind}.{part}": cell for part, cell in _entries(kind, events).items()}
    return cells


def _entries(kind: CapitalKind, events: Sequence[Row[*tuple[Any, ...]]]) -> dict[str, Any]:
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
    cells = {
        "amount": in_numbers([in_words(*figure) for figure in figures]),
        "happened_on": in_numbers([event.happened_on.isoformat() for event in events]),
        "evidence": in_numbers([event.evidence or NOTHING for event in events]),
    }
    is_too_long = max(map(_length, cells.values())) > LONGEST
    return {part: for_reading(text) for part, text in cells.items()} if is_too_long else cells


def _problems(blockers: Sequence[Item], names: Names) -> dict[str, Any]:
    """The open problems in one cell, and what is said of each in the cells beside it, counted alike."""
    if not blockers:
        return {}
    solutions = [item.solution or NOTHING for item in blockers]
    said = {
        "problem": in_numbers([item.description or "" for item in blockers]),
        "category": in_numbers([item.category.label for item in blockers]),
        "recipient": in_numbers([names.units[item.recipient_id or 0] for item in blockers]),
        "solution": in_numbers(solutions) if any(item.solution for item in blockers) else "",
        "due_on": in_numbers([item.due_on.isoformat() for item in blockers]),
    }
    texts = [item.description or "" for item in blockers] + solutions
    if max(map(_length, said.values())) > LONGEST or any(clean_text(text) != text for text in texts):
        return {field: for_reading(text) if text else text for field, text in said.items()}
    return said | {"due_on": blockers[0].due_on} if len(blockers) == 1 else said
