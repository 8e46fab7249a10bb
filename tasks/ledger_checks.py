"""What a typed row may not say: facts of the future, plans out of reach, units nobody knows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from models.cells import BadCell
from models.i18n import gettext as _
from tasks.ledger_names import UnitBook
from tasks.ledger_rows import BlockerCells, Effect, LedgerFile, LedgerRow, MilestoneCells, Problem

PLANNING_YEARS = 10
"""A plan further ahead is taken for a slip of the year."""


class RowCheck:
    """Holds the rows of one file against a day and the units there are, and gathers what it finds."""

    def __init__(self, file: LedgerFile, book: UnitBook, as_of: date, problems: list[Problem]) -> None:
        self._file, self._book, self._as_of, self._problems = file, book, as_of, problems
        self._horizon = date(as_of.year + PLANNING_YEARS, 12, 31)

    def passed(self) -> Iterator[tuple[LedgerRow, list[int]]]:
        """The rows that can go in, without the cells that cannot, each with its units."""
        for row in self._file.rows:
            units = self._units(row)
            if units is not None and not self._is_to_come(row, "signed_on", row.signed_on, Effect.ROW_LEFT_OUT):
                yield self._without_bad_cells(row), units

    def _units(self, row: LedgerRow) -> list[int] | None:
        try:
            return self._book.find(row.units)
        except BadCell as problem:
            self._report(row, "units", row.units, str(problem), Effect.ROW_LEFT_OUT)
            return None

    def _without_bad_cells(self, row: LedgerRow) -> LedgerRow:
        return replace(
            row,
            visit_due_on=self._in_reach(row, "due_on", row.visit_due_on),
            ended_on=None if self._is_to_come(row, "ended_on", row.ended_on) else row.ended_on,
            milestones=tuple(self._milestone(row, each) for each in row.milestones),
            blockers=tuple(self._blocker(row, each) for each in row.blockers),
        )

    def _milestone(self, row: LedgerRow, cells: MilestoneCells) -> MilestoneCells:
        kept = replace(cells, planned_on=self._in_reach(row, f"{cells.kind}.planned_on", cells.planned_on))
        is_early = self._is_to_come(row, f"{cells.kind}.done_on", cells.done_on)
        return replace(kept, done_on=None, evidence="") if is_early else kept

    def _blocker(self, row: LedgerRow, cells: BlockerCells) -> BlockerCells:
        kept = replace(cells, due_on=self._in_reach(row, "due_on", cells.due_on))
        try:
            self._book.find(cells.recipient)
        except BadCell as problem:
            self._report(row, "recipient", cells.recipient, str(problem), Effect.CELL_LEFT_OUT)
            return replace(kept, recipient="")
        return kept

    def _is_to_come(self, row: LedgerRow, field: str, day: date | None, effect: Effect = Effect.CELL_LEFT_OUT) -> bool:
        if day is None or day <= self._as_of:
            return False
        reason = _("This day is still to come, so it cannot be a fact: correct it, or enter it as a plan.")
        self._report(row, field, day.isoformat(), reason, effect)
        return True

    def _in_reach(self, row: LedgerRow, field: str, day: date | None) -> date | None:
        if day is None or day <= self._horizon:
            return day
        reason = _("This day is more than %(years)s years ahead: check the year.") % {"years": PLANNING_YEARS}
        self._report(row, field, day.isoformat(), reason, Effect.CELL_LEFT_OUT)
        return None

    def _report(self, row: LedgerRow, field: str, value: str, reason: str, effect: Effect) -> None:
        self._problems.append(self._file.problem(row.number, field, value, reason, effect))
