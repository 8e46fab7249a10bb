"""Checks typed rows: no facts in the future, no plans beyond ten years, no unknown units."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from models.i18n import gettext as _
from models.ledger.project import in_words
from models.office_files.cells import BadCell
from models.office_files.rows import (
    BlockerCells,
    CapitalCells,
    Effect,
    LedgerFile,
    LedgerRow,
    MilestoneCells,
    Placed,
    Problem,
)
from tasks.imports.entering.units import UnitBook

PLANNING_YEARS = 10  # a plan further ahead is taken for a wrong year


class RowCheck:
    def __init__(self, file: LedgerFile, book: UnitBook, as_of: date, problems: list[Problem]) -> None:
        self._file, self._book, self._as_of, self._problems = file, book, as_of, problems
        self._horizon = date(as_of.year + PLANNING_YEARS, 12, 31)
        self._units: dict[str, list[int] | BadCell] = {}
        self._good: set[tuple[object, ...]] = set()
        self.failed: list[Placed] = []  # rows that cannot go in, with their units as far as known

    def passed(self) -> Iterator[Placed]:
        """The rows that can go in, each with its units, without the cells that cannot.

        All faults of a row are reported together: those with an unreadable cell are checked, too,
        but not those that are struck through.
        """
        for row in self._file.rejected:
            if row.is_struck:
                self.failed.append((row, []))
                continue
            self.failed.append((row, self._units_of(row) or []))
            self._is_to_come(row, "signed_on", row.signed_on, Effect.ROW_LEFT_OUT)
            self._without_bad_cells(row)
        for row in self._file.rows:
            units = self._units_of(row)
            is_early = self._is_to_come(row, "signed_on", row.signed_on, Effect.ROW_LEFT_OUT)
            kept = self._without_bad_cells(row)  # also for a row left out: its problems are reported together
            if units is None or is_early:
                self.failed.append((row, units or []))
            else:
                yield kept, units

    def _units_of(self, row: LedgerRow) -> list[int] | None:
        if row.units not in self._units:
            try:
                self._units[row.units] = self._book.find(row.units)
            except BadCell as problem:
                self._units[row.units] = problem
        units = self._units[row.units]
        if isinstance(units, BadCell):
            self._report(row, "units", row.units, str(units), Effect.ROW_LEFT_OUT, units.suggestion)
            return None
        return units

    def _without_bad_cells(self, row: LedgerRow) -> LedgerRow:
        cells = (row.visit_due_on, row.ended_on, row.milestones, row.capital, row.blockers)
        if cells in self._good:
            return row
        kept = replace(
            row,
            visit_due_on=self._in_reach(row, self._visit_column(row), row.visit_due_on),
            ended_on=None if self._is_to_come(row, "ended_on", row.ended_on) else row.ended_on,
            milestones=tuple(self._milestone(row, cells) for cells in row.milestones),
            capital=tuple(self._capital(row)),
            blockers=tuple(self._blocker(row, cells) for cells in row.blockers),
        )
        if kept == row:
            self._good.add(cells)
        return kept

    def _visit_column(self, row: LedgerRow) -> str:
        """The column of the next visit's day: its own, or `due_on` in a row without a problem."""
        return "visit_due_on" if "visit_due_on" in self._file.headers_of(row) else "due_on"

    def _milestone(self, row: LedgerRow, cells: MilestoneCells) -> MilestoneCells:
        kept = replace(cells, planned_on=self._in_reach(row, f"{cells.kind}.planned_on", cells.planned_on))
        is_early = self._is_to_come(row, f"{cells.kind}.done_on", cells.done_on)
        return replace(kept, done_on=None, evidence="") if is_early else kept

    def _capital(self, row: LedgerRow) -> Iterator[CapitalCells]:
        days: set[str] = set()
        for cells in row.capital:
            amount = in_words(cells.amount, cells.currency)
            if cells.happened_on is None:
                reason = _("Its day is missing: write the day of each amount beside it, numbered alike.")
                self._report(row, f"{cells.kind}.amount", amount, reason)
            elif cells.key in days:
                reason = _("The day %(day)s stands here twice: write one amount for each day.")
                self._report(row, f"{cells.kind}.amount", amount, reason % {"day": cells.happened_on})
            elif not self._is_to_come(row, f"{cells.kind}.happened_on", cells.happened_on):
                days.add(cells.key)
                yield cells

    def _blocker(self, row: LedgerRow, cells: BlockerCells) -> BlockerCells:
        kept = replace(cells, due_on=self._in_reach(row, "due_on", cells.due_on))
        try:
            self._book.find(cells.recipient)
        except BadCell as problem:
            self._report(row, "recipient", cells.recipient, str(problem), suggestion=problem.suggestion)
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
        self._report(row, field, day.isoformat(), reason)
        return None

    def _report(
        self,
        row: LedgerRow,
        field: str,
        value: str,
        reason: str,
        effect: Effect = Effect.CELL_LEFT_OUT,
        suggestion: str = "",
    ) -> None:
        self._problems.append(self._file.problem(row, field, value, reason, effect, suggestion))
