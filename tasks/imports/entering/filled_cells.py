"""Which cells of the ledger a row of a file gives: few patterns, shared by many rows."""

from collections.abc import Iterator, Mapping
from operator import attrgetter

from models.office_files.rows import MILESTONE_PARTS, LedgerRow
from tasks.imports.entering.staging import CLEARABLE

CELLS = {
    "name": "name",
    "investor": "investor_id",
    "sector": "sector",
    "units": "unit_id",
    "amount": "amount",
    "currency": "currency",
    "signed_on": "signed_on",
    "officer": "officer_id",
    "leader": "leader_id",
    "squad": "squad_id",
    "is_sme": "is_sme",
    "origin_activity": "origin_activity",
    "visit_due_on": "visit_due_on",
    "claim": "claim",
    "exit_reason": "exit_reason",
    "ended_on": "ended_on",
    "progress": "progress",
    "blockers": "problem",
}  # a row's fields, and the names under which the days of their cells are kept
EMPTY = (None, "", ())
values_of = attrgetter(*CELLS)


class Patterns:
    def __init__(self, headers: Mapping[str, Mapping[str, str]]) -> None:
        """`headers` are those of the file's sheets, by field."""
        self._claims = {sheet for sheet, by_field in headers.items() if "claim" in by_field}
        self._understood = {header for by_field in headers.values() for header in by_field.values()}
        self._numbers: dict[object, int] = {}
        self._milestones: dict[int, tuple[str, ...]] = {}  # by the identity of what rows share
        self.cells: list[tuple[str, ...]] = []

    def of(self, row: LedgerRow) -> int:
        """The number of the row's pattern, an index of `cells`."""
        milestones = self._milestones.get(id(row.milestones))
        if milestones is None:
            milestones = self._milestones[id(row.milestones)] = tuple(milestone_cells(row))
        filled = tuple([not value and value in EMPTY for value in values_of(row)])
        has_claim = row.sheet in self._claims
        key = (filled, milestones, has_claim, tuple(row.extra), row.emptied, row.dropped)
        number = self._numbers.setdefault(key, len(self.cells))
        if number == len(self.cells):
            self.cells.append(tuple(dict.fromkeys(self._cells(row, milestones))))
        return number

    def _cells(self, row: LedgerRow, milestones: tuple[str, ...]) -> Iterator[str]:
        yield from (cell for field, cell in CELLS.items() if getattr(row, field) not in EMPTY)
        yield from milestones
        yield from (f"extra.{header}" for header in row.extra)
        # What was kept of a cell goes with the cell, and has no day of its own.
        yield from (f"extra.{header}" for header in row.dropped if header not in self._understood)
        yield from (CLEARABLE[field] for field in row.emptied if field in CLEARABLE)
        if row.sheet in self._claims:
            yield "claim"


def milestone_cells(row: LedgerRow) -> Iterator[str]:
    for cells in row.milestones:
        yield from (f"{cells.kind}.{part}" for part in MILESTONE_PARTS if getattr(cells, part))
