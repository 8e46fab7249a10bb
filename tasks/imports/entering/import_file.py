"""Enters the good rows of a ledger file in one transaction; the same file twice changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.office_files.rows import Effect, LedgerFile, Problem
from tasks.database import transaction
from tasks.imports.entering.blockers import open_blockers
from tasks.imports.entering.capital import enter_capital
from tasks.imports.entering.changed_since import MILESTONES, PROJECTS, withhold
from tasks.imports.entering.checks import RowCheck
from tasks.imports.entering.endings import end_projects
from tasks.imports.entering.identify import identify
from tasks.imports.entering.implied_items import close_reached, deadlines, hand_over, open_items, settle_pauses
from tasks.imports.entering.leftovers import drop_leftovers
from tasks.imports.entering.lookalikes import likely_doubles
from tasks.imports.entering.people_and_units import (
    enter_investors,
    enter_people,
    enter_squads,
    enter_units,
    move_investors,
)
from tasks.imports.entering.staging import StagedNames, stage
from tasks.imports.entering.write import LOCK, Changes, enter_facts, enter_new_projects
from tasks.imports.garbage import rare_searches_for_cycles
from tasks.items.backlog import begun_on
from tasks.items.next_steps import keep_policy, set_next_steps
from tasks.items.second_key import ask_verification
from tasks.ledger.locks import one_at_a_time
from tasks.ledger.questions import overtake_projects

ACTOR = "ledger-import"


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

    @property
    def rows_left_out(self) -> int:
        """How many rows of the ledger's sheets did not go in."""
        return len({(problem.sheet, problem.row) for problem in self.problems if self._leaves_row_out(problem)})

    @property
    def cells_left_out(self) -> int:
        """How many cells of rows that went in, and rows of other sheets, were not taken."""
        return sum(not self._leaves_row_out(problem) for problem in self.faults)

    @property
    def faults(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.is_fault)

    def _leaves_row_out(self, problem: Problem) -> bool:
        return problem.sheet in self.sheets and problem.effect is Effect.ROW_LEFT_OUT


def import_ledger(
    file: LedgerFile, as_of: date, *, dry_run: bool = False, progress: Callable[[str], object] = str
) -> ImportResult:
    """Enter a file's good rows in one transaction, which a dry run rolls back.

    Facts after `as_of` are refused, and due dates count from it in working days.

    Raises:
        OutsideCalendar: if the ledger has no working days around `as_of`.
    """
    with rare_searches_for_cycles(), transaction(ACTOR, file.name) as session:
        result = _import(session, file, as_of, progress)
        if dry_run:
            session.rollback()
            result = replace(result, is_dry_run=True)
    return result


def _import(session: Session, file: LedgerFile, as_of: date, progress: Callable[[str], object] = str) -> ImportResult:
    one_at_a_time(session, "ledger-import")
    keep_policy(session)
    problems = list(file.problems)
    units = enter_units(session, file, problems)
    matches = identify(session, file, list(RowCheck(file, units, as_of, problems).passed()), problems)
    problems += likely_doubles(session, file, matches)
    known = {match.ledger_id for match in matches if match.ledger_id}
    session.execute(text(LOCK), {"ids": list(known)})  # before people and investors, as forms do
    drop_leftovers(session, file, matches)
    people = enter_people(session, file, units, problems)
    investors, moved = enter_investors(session, file, matches)
    progress("identified")
    stage(session, matches, StagedNames(units, people, enter_squads(session, file, matches), investors))
    for staged in (PROJECTS, MILESTONES):
        problems += withhold(session, staged, file, matches)
    progress("staged")
    changes, defaults = Changes(session, len(matches) - len(known)), deadlines(session, as_of)
    hand_over(changes, defaults.backlog, as_of)
    enter_new_projects(session)
    changes.learn("project")
    enter_facts(changes, move_investors(session, moved), as_of)
    changes.learn("milestone")
    problems += enter_capital(changes, file, matches)
    progress("entered")
    close_reached(changes, as_of)
    problems += end_projects(changes, file, matches, as_of)
    open_items(changes, defaults, as_of)
    problems += open_blockers(changes, file, matches, defaults, as_of)
    changes.learn("action_item", "change")
    changed = list(changes.projects & known)
    ask_verification(session, changed, as_of)
    settle_pauses(session, changed, as_of)
    set_next_steps(session, changed)
    overtake_projects(session, list(changes.projects))
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
        long_overdue=begun_on(session, as_of, changes.projects),
    )


def _in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """The problems by sheet and row; a faulty cell of a row left out is left out with it."""
    out = {(problem.sheet, problem.row) for problem in problems if problem.effect is Effect.ROW_LEFT_OUT}
    whole = (
        replace(problem, effect=Effect.ROW_LEFT_OUT)
        if (problem.sheet, problem.row) in out and problem.is_fault
        else problem
        for problem in problems
    )
    return tuple(sorted(whole, key=lambda problem: (problem.sheet, problem.row)))
