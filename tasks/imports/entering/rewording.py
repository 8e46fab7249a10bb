"""Finds the blockers of problems that a file words in another way, or calls solved."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.office_files.names.likeness import Wording, says_solved
from models.office_files.rows import Effect, LedgerFile, Problem
from models.office_files.words.rewording import KnownBlocker, reworded
from tasks.imports.entering.identity.matched_project import MatchedProject
from tasks.imports.entering.staging import STAGED_BLOCKER

# Of projects without a blocker only what has a sign that is in all words for solved.
UNKNOWN = """
SELECT b.number, b.row_no, b.project_id, b.description FROM staged_blocker b
WHERE b.item_id IS NULL AND (
    b.description ~ '[已全了解消]'
    OR EXISTS (SELECT FROM action_item i WHERE i.project_id = b.project_id AND i.kind = 'blocker')
)
ORDER BY b.number
"""

KNOWN = """
SELECT i.project_id, i.id, k.description, i.closed_on IS NULL
FROM action_item i JOIN blocker k ON k.item_id = i.id
WHERE i.project_id = ANY (:projects) AND NOT EXISTS (SELECT FROM staged_blocker b WHERE b.item_id = i.id)
ORDER BY i.closed_on IS NOT NULL, i.id DESC
"""

RECOGNISED = """
UPDATE staged_blocker b SET item_id = r.item_id, is_longer = r.is_longer
FROM unnest(CAST(:numbers AS int[]), CAST(:items AS int[]), CAST(:longer AS bool[])) AS r (number, item_id, is_longer)
WHERE b.number = r.number
"""


class UnknownProblem(NamedTuple):
    number: int
    row_no: int
    project_id: int
    text: str


def recognise(session: Session, file: LedgerFile, matches: Sequence[MatchedProject]) -> list[Problem]:
    """Give reworded problems their blockers; returns a fault for each that a person must judge."""
    problems = [UnknownProblem(*row) for row in session.execute(text(UNKNOWN))]
    if not problems:
        return []
    known: dict[int, list[KnownBlocker]] = {}
    unknown: dict[int, list[UnknownProblem]] = {}
    for problem in problems:
        unknown.setdefault(problem.project_id, []).append(problem)
    for project_id, *blocker in session.execute(text(KNOWN), {"projects": list(unknown)}):
        known.setdefault(project_id, []).append(KnownBlocker(*blocker))
    pairs = [
        (theirs[position], match)
        for project_id, theirs in unknown.items()
        for position, match in reworded([problem.text for problem in theirs], known.get(project_id, ())).items()
    ]
    recognised = [pair for pair in pairs if pair[1].wording is not Wording.SIMILAR]
    doubtful = [pair for pair in pairs if pair[1].wording is Wording.SIMILAR]
    numbered = {problem.number for problem, _match in pairs}
    solved = [problem for problem in problems if problem.number not in numbered and says_solved(problem.text)]
    bound = {
        "numbers": [problem.number for problem, _match in recognised],
        "items": [match.blocker.item_id for _problem, match in recognised],
        "longer": [match.wording is Wording.LONGER for _problem, match in recognised],
    }
    session.execute(text(RECOGNISED), bound)
    numbers = [problem.number for problem in (*(problem for problem, _match in doubtful), *solved)]
    session.execute(delete(STAGED_BLOCKER).where(STAGED_BLOCKER.c.number.in_(numbers)))
    return [
        *(_doubt(file, matches[problem.row_no], problem.text, match.blocker.text) for problem, match in doubtful),
        *(_solved(file, matches[problem.row_no], problem.text) for problem in solved),
    ]


def _doubt(file: LedgerFile, match: MatchedProject, problem: str, known: str) -> Problem:
    reason = _(
        "This is worded like the open problem “%(known)s”, and was not opened beside it. If it is the same, write it "
        "like that. If it is another, write both into the cell, numbered 1、 2、; if the former is solved, say so in "
        "its form."
    )
    return file.problem(match.row, "problem", problem, reason % {"known": known}, Effect.CELL_LEFT_OUT, known)


def _solved(file: LedgerFile, match: MatchedProject, problem: str) -> Problem:
    reason = _(
        "This says that the problem is solved, and the ledger has no such open problem: nothing was opened. If it is "
        "still open, write only the problem; else leave the cell empty."
    )
    return file.problem(match.row, "problem", problem, reason, Effect.CELL_LEFT_OUT)
