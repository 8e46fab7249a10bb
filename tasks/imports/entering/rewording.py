"""Finds the blockers of problems that a file words in another way than the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.office_files.names.likeness import Wording, compare_wording
from models.office_files.rows import Effect, LedgerFile, Problem
from tasks.imports.entering.identity.matched_project import MatchedProject
from tasks.imports.entering.staging import STAGED_BLOCKER

UNKNOWN = """
SELECT b.number, b.row_no, b.project_id, b.description FROM staged_blocker b
WHERE b.item_id IS NULL AND EXISTS (SELECT FROM action_item i WHERE i.project_id = b.project_id AND i.kind = 'blocker')
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


@dataclass
class KnownBlocker:
    item_id: int
    text: str
    is_open: bool


class Reworded(NamedTuple):
    problem: UnknownProblem
    blocker: KnownBlocker
    wording: Wording


def recognise(session: Session, file: LedgerFile, matches: Sequence[MatchedProject]) -> list[Problem]:
    """Give reworded problems their blockers; returns a fault for each that a person must judge."""
    problems = [UnknownProblem(*row) for row in session.execute(text(UNKNOWN))]
    if not problems:
        return []
    known: dict[int, list[KnownBlocker]] = {}
    projects = list({problem.project_id for problem in problems})
    for project_id, *blocker in session.execute(text(KNOWN), {"projects": projects}):
        known.setdefault(project_id, []).append(KnownBlocker(*blocker))
    recognised, doubtful = _reworded(problems, known)
    bound = {
        "numbers": [each.problem.number for each in recognised],
        "items": [each.blocker.item_id for each in recognised],
        "longer": [each.wording is Wording.LONGER for each in recognised],
    }
    session.execute(text(RECOGNISED), bound)
    numbers = [each.problem.number for each in doubtful]
    session.execute(delete(STAGED_BLOCKER).where(STAGED_BLOCKER.c.number.in_(numbers)))
    return [_doubt(file, matches[each.problem.row_no], each) for each in doubtful]


def _reworded(
    problems: Sequence[UnknownProblem], known: dict[int, list[KnownBlocker]]
) -> tuple[list[Reworded], list[Reworded]]:
    """Problems that are surely a blocker's, and those that may be; each blocker has one.

    A closed blocker has the problem if the two say the same, as it has one worded the same.
    """
    recognised: list[Reworded] = []
    doubtful: list[Reworded] = []
    rest = problems
    for wordings, found in (
        ((Wording.SAME,), recognised),
        ((Wording.LONGER, Wording.SHORTER), recognised),
        ((Wording.SIMILAR,), doubtful),
    ):
        unknown = []
        for problem in rest:
            blockers = known.get(problem.project_id, [])
            reworded = next(
                (
                    Reworded(problem, blocker, wording)
                    for blocker in blockers
                    if (blocker.is_open or wordings == (Wording.SAME,))
                    and (wording := compare_wording(problem.text, blocker.text)) in wordings
                ),
                None,
            )
            if reworded:
                blockers.remove(reworded.blocker)
                found.append(reworded)
            else:
                unknown.append(problem)
        rest = unknown
    return recognised, doubtful


def _doubt(file: LedgerFile, match: MatchedProject, reworded: Reworded) -> Problem:
    reason = _(
        "This is worded like the open problem “%(known)s”, and was not opened beside it. If it is the same, write it "
        "like that. If it is another, write both into the cell, numbered 1、 2、; if the former is solved, say so in "
        "its form."
    )
    known = reworded.blocker.text
    return file.problem(
        match.row, "problem", reworded.problem.text, reason % {"known": known}, Effect.CELL_LEFT_OUT, known
    )
