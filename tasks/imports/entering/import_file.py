"""Enters the good rows of a ledger file in one transaction; the same file twice changes nothing."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.office_files.days.file_day import ChosenDay, FileDay, chosen_day
from models.office_files.rows import Effect, LedgerFile, Problem, UsedColumn
from models.words import Stage
from tasks.database import transaction
from tasks.events.outbox import announce, count_as_one
from tasks.imports.entering.blockers import open_blockers
from tasks.imports.entering.capital import enter_capital
from tasks.imports.entering.cell_days import FileAge, age_of, keep_days
from tasks.imports.entering.changed_since import MILESTONES, PROJECTS, withhold
from tasks.imports.entering.checks import RowCheck
from tasks.imports.entering.endings import end_projects
from tasks.imports.entering.filled_cells import Patterns
from tasks.imports.entering.identity.identify import identify
from tasks.imports.entering.identity.matched_project import MatchedProject
from tasks.imports.entering.identity.needed_cells import empty_cells
from tasks.imports.entering.implied_items import (
    Deadlines,
    close_reached,
    deadlines,
    hand_over,
    open_items,
    settle_pauses,
)
from tasks.imports.entering.investors import Move, enter_investors, enter_squads, move_investors
from tasks.imports.entering.leftovers import drop_leftovers
from tasks.imports.entering.lookalikes import likely_doubles
from tasks.imports.entering.new_people import enter_new_people
from tasks.imports.entering.older_file import leave_projects
from tasks.imports.entering.people import enter_people
from tasks.imports.entering.renames import renames
from tasks.imports.entering.staging import StagedNames, stage
from tasks.imports.entering.standings import settle_standings
from tasks.imports.entering.stops import name_stops
from tasks.imports.entering.units import UnitBook, enter_units
from tasks.imports.entering.widths import in_known_widths
from tasks.imports.entering.write import LOCK, Changes, enter_facts, enter_new_projects, enter_progress
from tasks.imports.garbage import rare_searches_for_cycles
from tasks.items.long_overdue import begun_on
from tasks.items.next_steps import keep_policy, set_next_steps
from tasks.items.second_key import ask_verification
from tasks.ledger.locks import one_at_a_time
from tasks.ledger.questions import overtake_projects

ACTOR = "ledger-import"
STAGED = "SELECT project_id AS row_id, pattern FROM staged_project"


@dataclass(frozen=True)
class ImportResult:
    """What an import did, or would do: counts of projects, and everything that was not taken."""

    file: str
    sheets: tuple[str, ...]
    row_count: int
    new: int
    changed: int
    unchanged: int
    problems: tuple[Problem, ...]
    is_dry_run: bool = False
    unread: tuple[str, ...] = ()  # names of sheets with data that were not read
    long_overdue: int = 0  # items whose ladder begins now, with the reminder
    unled: tuple[str, ...] = ()  # projects of those whom nobody below the inspection office hears of
    columns: tuple[UsedColumn, ...] = ()
    day: ChosenDay | None = None  # as of which the file counts
    kept: int = 0  # cells that are left as they are, as the ledger has them from something newer
    unknown_units: tuple[str, ...] = ()
    units_changed: int = 0  # units and people of their own sheets that are new or have changed
    people_changed: int = 0

    @property
    def rows_left_out(self) -> int:
        """How many rows of the ledger's sheets did not go in."""
        return len({(problem.sheet, problem.row) for problem in self.problems if self._leaves_row_out(problem)})

    @property
    def cells_left_out(self) -> int:
        """How many cells of rows that went in, and rows of other sheets, were not taken."""
        return sum(not self._leaves_row_out(problem) for problem in self.faults) - self.tables_left_out

    @property
    def tables_left_out(self) -> int:
        """How many tables of the ledger's sheets were not read, though they may hold projects."""
        return sum(problem.effect is Effect.TABLE_LEFT_OUT for problem in self.problems)

    @property
    def faults(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.is_fault)

    def _leaves_row_out(self, problem: Problem) -> bool:
        return problem.sheet in self.sheets and problem.effect is Effect.ROW_LEFT_OUT


def import_ledger(
    file: LedgerFile,
    as_of: date,
    *,
    dry_run: bool = False,
    progress: Callable[[str], object] = str,
    file_day: FileDay | None = None,
) -> ImportResult:
    """Enter a file's good rows in one transaction, which a dry run rolls back.

    Facts after `as_of` are refused, and due dates count from it in working days. Of what the ledger
    has from something newer than the file nothing changes; `file_day` is its day, if it is not the
    one it names itself.

    Raises:
        OutsideCalendar: if the ledger has no working days around `as_of`.
    """
    with rare_searches_for_cycles(), transaction(ACTOR, file.name) as session:
        result = _import(session, file, as_of, progress, file_day)
        if dry_run:
            session.rollback()
            result = replace(result, is_dry_run=True)
    return result


def _import(
    session: Session,
    file: LedgerFile,
    as_of: date,
    progress: Callable[[str], object] = str,
    file_day: FileDay | None = None,
) -> ImportResult:
    one_at_a_time(session, "ledger-import")
    keep_policy(session)
    count_as_one(session)
    return _Entering.of(session, file, as_of, file_day).run(progress)


@dataclass
class _Entering:
    """One import, step by step; each step adds its problems."""

    session: Session
    file: LedgerFile
    as_of: date
    day: ChosenDay
    age: FileAge
    units: UnitBook
    problems: list[Problem]
    matches: list[MatchedProject] = field(default_factory=list)
    people_changed: int = 0

    @classmethod
    def of(cls, session: Session, file: LedgerFile, as_of: date, file_day: FileDay | None) -> "_Entering":
        problems, file = list(file.problems), in_known_widths(session, file)
        day = chosen_day([file_day] if file_day else file.days, as_of, _last_signing(file, as_of))
        age = age_of(session, day.day, as_of)
        return cls(session, file, as_of, day, age, enter_units(session, file, problems, age), problems)

    def run(self, progress: Callable[[str], object]) -> ImportResult:
        self._identify()
        names, moved = self._enter_names()
        progress("identified")
        patterns = Patterns(self.file.headers)
        self._stage(names, patterns)
        progress("staged")
        changes = Changes(self.session, sum(match.is_new for match in self.matches))
        defaults = deadlines(self.session, self.as_of)
        hand_over(changes, defaults.backlog, self.as_of)
        self._enter_projects(changes, moved)
        progress("entered")
        self._open_items(changes, defaults)
        keep_days(self.session, "project", STAGED, patterns.cells, self.age.day)
        changes.learn("action_item", "change", "row_days")
        self.problems += self.age.notes(self.file)
        self._move_clocks(changes)
        progress("opened")
        result = self._result(changes)
        if result.new or result.changed or result.units_changed or result.people_changed:
            self._announce(result, changes)
        return result

    @cached_property
    def _known(self) -> set[int]:
        """The ids of the projects that the ledger had before."""
        return {match.ledger_id for match in self.matches if match.ledger_id}

    def _identify(self) -> None:
        """Find the projects of the rows that can go in, and lock them."""
        check = RowCheck(self.file, self.units, self.as_of, self.problems)
        placed = list(check.passed())
        left_out = [row for row, _units in check.failed if not row.is_struck]
        self.problems += empty_cells(self.session, self.file, left_out, self.problems)
        self.matches = identify(self.session, self.file, placed, check.failed, self.problems)
        self.problems += likely_doubles(self.session, self.file, self.matches)
        # Before people and investors, as forms do.
        self.session.execute(text(LOCK), {"ids": list(self._known)})
        drop_leftovers(self.session, self.file, self.matches)

    def _enter_names(self) -> tuple[StagedNames, list[Move]]:
        """Enter people, investors and squads; of the investors, those that have moved come back."""
        people, self.people_changed = enter_people(self.session, self.file, self.units, self.problems, self.age)
        self.problems += enter_new_people(self.file, people, self.matches)
        investors, moved = enter_investors(self.session, self.file, self.matches, self.age)
        squads = enter_squads(self.session, self.file, self.matches)
        return StagedNames(self.units, people, squads, investors), moved

    def _stage(self, names: StagedNames, patterns: Patterns) -> None:
        """Load the rows beside the ledger, without what something newer is known of."""
        stage(self.session, self.matches, names, patterns.of)
        leave_projects(self.session, self.file, self.matches, self.age)
        for staged in (PROJECTS, MILESTONES):
            self.problems += withhold(self.session, staged, self.file, self.matches, self.age)
        self.problems += renames(self.session, self.file, self.matches)

    def _enter_projects(self, changes: Changes, moved: Collection[Move]) -> None:
        enter_new_projects(self.session)
        changes.learn("project")
        enter_facts(changes, move_investors(self.session, moved))
        enter_progress(changes, self.age, has_day=self.day.is_own)
        changes.learn("milestone")
        self.problems += enter_capital(changes, self.file, self.matches, self.age)

    def _open_items(self, changes: Changes, defaults: Deadlines) -> None:
        """Open what is owed now, and close what is reached or at its end."""
        close_reached(changes, self.as_of)
        self.problems += end_projects(changes, self.file, self.matches, self.age)
        open_items(changes, defaults, self.as_of)
        self.problems += open_blockers(changes, self.file, self.matches, defaults, self.age)
        self.problems += settle_standings(changes, self.file, self.matches, self.age)
        self.problems += name_stops(self.session, self.file, self.matches)

    def _move_clocks(self, changes: Changes) -> None:
        changed = list(changes.projects & self._known)
        ask_verification(self.session, changed, self.as_of)
        settle_pauses(self.session, changed, self.as_of)
        set_next_steps(self.session, changed)
        overtake_projects(self.session, list(changes.projects))

    def _result(self, changes: Changes) -> ImportResult:
        overdue = begun_on(self.session, self.as_of, changes.projects)
        return ImportResult(
            file=self.file.name,
            sheets=tuple(self.file.headers),
            row_count=self.file.row_count,
            new=changes.new,
            changed=len(self._known & changes.projects),
            unchanged=len(self._known - changes.projects),
            problems=_in_order(self.problems),
            unread=self.file.unread,
            long_overdue=overdue.number,
            unled=overdue.nobody_hears,
            columns=self.file.columns,
            day=self.day,
            kept=len(self.age.kept),
            unknown_units=tuple(sorted(self.units.unknown)),
            units_changed=self.units.changed,
            people_changed=self.people_changed,
        )

    def _announce(self, result: ImportResult, changes: Changes) -> None:
        """One event for the file, however much it changed."""
        announce(
            self.session,
            "luodi.ledger.imported",
            row_count=result.row_count,
            new=result.new,
            changed=result.changed,
            unchanged=result.unchanged,
            landed=changes.ended[Stage.LANDED],
            exited=changes.ended[Stage.EXITED],
            rows_left_out=result.rows_left_out,
            cells_left_out=result.cells_left_out,
        )


def _last_signing(file: LedgerFile, as_of: date) -> date | None:
    """The last signing in the file: it was not saved before that."""
    return max((row.signed_on for row in file.rows if row.signed_on and row.signed_on <= as_of), default=None)


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """The problems by sheet and row; a faulty cell of a row left out is left out with it."""
    out = {(problem.sheet, problem.row) for problem in problems if problem.effect is Effect.ROW_LEFT_OUT}
    whole = (
        replace(problem, effect=Effect.ROW_LEFT_OUT)
        if (problem.sheet, problem.row) in out and problem.effect is Effect.CELL_LEFT_OUT
        else problem
        for problem in problems
    )
    return tuple(sorted(whole, key=lambda problem: (problem.sheet, problem.row)))
