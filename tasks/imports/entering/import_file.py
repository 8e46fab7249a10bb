"""Enters the good rows of a ledger file in one transaction; the same file twice changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.office_files.days.file_day import ChosenDay, FileDay, chosen_day
from models.office_files.rows import Effect, LedgerFile, Problem, UsedColumn
from tasks.database import transaction
from tasks.imports.entering.blockers import open_blockers
from tasks.imports.entering.capital import enter_capital
from tasks.imports.entering.cell_days import age_of, keep_days
from tasks.imports.entering.changed_since import MILESTONES, PROJECTS, withhold
from tasks.imports.entering.checks import RowCheck
from tasks.imports.entering.endings import end_projects
from tasks.imports.entering.filled_cells import Patterns
from tasks.imports.entering.identify import empty_cells, identify
from tasks.imports.entering.implied_items import close_reached, deadlines, hand_over, open_items, settle_pauses
from tasks.imports.entering.leftovers import drop_leftovers
from tasks.imports.entering.lookalikes import likely_doubles
from tasks.imports.entering.new_people import new_people
from tasks.imports.entering.older_file import leave_projects
from tasks.imports.entering.people_and_units import (
    enter_investors,
    enter_people,
    enter_squads,
    enter_units,
    move_investors,
)
from tasks.imports.entering.renames import renames
from tasks.imports.entering.staging import StagedNames, stage
from tasks.imports.entering.standings import settle_standings
from tasks.imports.entering.widths import in_known_names, in_known_widths
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
    problems, file = list(file.problems), in_known_widths(session, file)
    day = chosen_day([file_day] if file_day else file.days, as_of, _last_signing(file, as_of))
    age, patterns = age_of(session, day.day, as_of), Patterns(file.headers)
    units = enter_units(session, file, problems, age)
    check = RowCheck(file, units, as_of, problems)
    placed = in_known_names(session, list(check.passed()))
    problems += empty_cells(session, file, check.failed, problems)
    matches = identify(session, file, placed, problems)
    problems += likely_doubles(session, file, matches)
    known = {match.ledger_id for match in matches if match.ledger_id}
    session.execute(text(LOCK), {"ids": list(known)})  # before people and investors, as forms do
    drop_leftovers(session, file, matches)
    people, people_changed = enter_people(session, file, units, problems, age)
    problems += new_people(file, people, matches)
    investors, moved = enter_investors(session, file, matches, age)
    progress("identified")
    names = StagedNames(units, people, enter_squads(session, file, matches), investors)
    stage(session, matches, names, patterns.of)
    leave_projects(session, file, matches, age)
    for staged in (PROJECTS, MILESTONES):
        problems += withhold(session, staged, file, matches, age)
    problems += renames(session, file, matches)
    progress("staged")
    changes, defaults = Changes(session, len(matches) - len(known)), deadlines(session, as_of)
    hand_over(changes, defaults.backlog, as_of)
    enter_new_projects(session)
    changes.learn("project")
    enter_facts(changes, move_investors(session, moved))
    enter_progress(changes, age, has_day=day.is_own)
    changes.learn("milestone")
    problems += enter_capital(changes, file, matches, age)
    progress("entered")
    close_reached(changes, as_of)
    problems += end_projects(changes, file, matches, age)
    open_items(changes, defaults, as_of)
    problems += open_blockers(changes, file, matches, defaults, age)
    problems += settle_standings(changes, file, matches, age)
    keep_days(session, "project", STAGED, patterns.cells, age.day)
    changes.learn("action_item", "change", "row_days")
    problems += age.notes(file)
    changed = list(changes.projects & known)
    ask_verification(session, changed, as_of)
    settle_pauses(session, changed, as_of)
    set_next_steps(session, changed)
    overtake_projects(session, list(changes.projects))
    overdue = begun_on(session, as_of, changes.projects)
    progress("opened")
    return ImportResult(
        file=file.name,
        sheets=tuple(file.headers),
        row_count=file.row_count,
        new=changes.new,
        changed=len(known & changes.projects),
        unchanged=len(known - changes.projects),
        problems=_in_order(problems),
        unread=file.unread,
        long_overdue=overdue.number,
        unled=overdue.nobody_hears,
        columns=file.columns,
        day=day,
        kept=len(age.kept),
        unknown_units=tuple(sorted(units.unknown)),
        units_changed=units.changed,
        people_changed=people_changed,
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
