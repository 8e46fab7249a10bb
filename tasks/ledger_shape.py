"""Gives the cells of a line the shape of a row: what belongs together comes together."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.cells import plain
from models.words import MilestoneKind, UnitKind, VisitOutcome
from tasks.ledger_rows import BlockerCells, LedgerRow, MilestoneCells, PersonRow, UnitRow
from tasks.ledger_table import Line, kept
from tasks.ledger_words import UNIT_KIND_HINTS

PLAIN_FIELDS = (
    "code",
    "name",
    "investor",
    "registered_in",
    "sector",
    "units",
    "signed_on",
    "officer",
    "leader",
    "squad",
    "is_sme",
    "origin_activity",
    "claim",
    "exit_reason",
    "ended_on",
)


def ledger_row(line: Line, headers: Mapping[str, str]) -> LedgerRow:
    """A line of the ledger as a project; cells without sense alone (a solution, no problem) are kept."""
    said, extra = line.values, dict(line.extra)
    amount, currency = said.get("amount", (None, None))
    milestones = tuple(_milestones(said))
    extra |= {headers[field]: kept(line.cells[field]) for field in _lonely(said) if field in line.cells}
    return LedgerRow(
        number=line.number,
        amount=amount,
        currency=currency,
        visit_due_on=None if "problem" in said else said.get("due_on"),
        progress=(said["progress"],) if "progress" in said else (),
        claim_cell=plain(line.cells.get("claim", "")),
        milestones=milestones,
        blockers=(_blocker(said),) if "problem" in said else (),
        extra=extra,
        **{field: said[field] for field in PLAIN_FIELDS if field in said},
    )


def _lonely(said: Mapping[str, Any]) -> Iterator[str]:
    """The fields that say nothing without another one."""
    if "problem" not in said:
        yield from ("category", "solution", "recipient")
    if not any(said.get(f"{kind}.done_on") for kind in MilestoneKind):
        yield "evidence"
    if "investor" not in said:
        yield "registered_in"
    if said.get("claim") in (None, VisitOutcome.LANDED):
        yield from ("exit_reason", "ended_on")


def _milestones(said: Mapping[str, Any]) -> Iterator[MilestoneCells]:
    """What is said of each milestone; evidence given for all counts for those reached without their own."""
    for kind in MilestoneKind:
        planned_on, done_on = said.get(f"{kind}.planned_on"), said.get(f"{kind}.done_on")
        evidence = said.get(f"{kind}.evidence") or (said.get("evidence", "") if done_on else "")
        if planned_on or done_on or evidence:
            yield MilestoneCells(kind, planned_on, done_on, evidence)


def _blocker(said: Mapping[str, Any]) -> BlockerCells:
    return BlockerCells(
        description=said["problem"],
        category=said.get("category"),
        recipient=said.get("recipient", ""),
        solution=said.get("solution", ""),
        due_on=said.get("due_on"),
    )


def unit_row(line: Line) -> UnitRow:
    """A line of the sheet of units."""
    name: str = line.values["name"]
    kind: UnitKind | None = line.values.get("kind")
    return UnitRow(line.number, name, kind or _kind_of(name), kind is not None, line.values.get("aliases", ()))


def _kind_of(name: str) -> UnitKind:
    return next((kind for hint, kind in UNIT_KIND_HINTS.items() if hint in name), UnitKind.COUNTY)


def person_row(line: Line) -> PersonRow:
    """A line of the sheet of people."""
    values = line.values
    return PersonRow(line.number, values["name"], values["role"], values["unit"], values.get("channels") or ())
