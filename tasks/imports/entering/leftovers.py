"""Drops cells kept beside their value, once their column is understood as a whole.

张三、李四 is kept when 张三 becomes the officer; once the column says only 王五, it would be wrong.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.office_files.rows import CAPITAL_PARTS, LedgerFile, LedgerRow
from models.words import CapitalKind, VisitOutcome
from tasks.imports.entering.identify import MatchedProject

WITH_LEFTOVERS = "SELECT id FROM project WHERE id = ANY (:ids) AND extra ?| CAST(:headers AS text[])"


def _has_capital(kind: CapitalKind, row: LedgerRow) -> bool:
    return any(cells.kind is kind for cells in row.capital)


def _ends(row: LedgerRow) -> bool:
    return row.claim not in (None, VisitOutcome.LANDED)


# Whether a row gives a field whose cells are kept when they are not, or only partly, understood.
IS_GIVEN: Mapping[str, Callable[[LedgerRow], bool]] = {
    "officer": lambda row: bool(row.officer),
    "leader": lambda row: bool(row.leader),
    "sector": lambda row: row.sector is not None,
    "registered_in": lambda row: bool(row.investor and row.registered_in),
    "category": lambda row: any(blocker.category for blocker in row.blockers),
    "solution": lambda row: any(blocker.solution for blocker in row.blockers),
    "recipient": lambda row: any(blocker.recipient for blocker in row.blockers),
    "evidence": lambda row: any(cells.done_on and cells.evidence for cells in row.milestones),
    **{f"{kind}.{part}": partial(_has_capital, kind) for kind in CapitalKind for part in CAPITAL_PARTS},
    "exit_reason": lambda row: _ends(row) and bool(row.exit_reason),
    "ended_on": lambda row: _ends(row) and row.ended_on is not None,
}


def drop_leftovers(session: Session, file: LedgerFile, matches: Sequence[MatchedProject]) -> None:
    """Let the projects drop the kept cells of columns their rows now give a value for."""
    headers = {header for by_field in file.headers.values() for name, header in by_field.items() if name in IS_GIVEN}
    known = {match.project_id: match for match in matches if match.project_id}
    for project_id in session.scalars(text(WITH_LEFTOVERS), {"ids": list(known), "headers": list(headers)}):
        match = known[project_id]
        match.row = replace(match.row, dropped=(*match.row.dropped, *_understood(file, match)))


def _understood(file: LedgerFile, match: MatchedProject) -> Iterator[str]:
    for row, _units in match.rows:
        by_field = file.headers.get(row.sheet, {})
        yield from (by_field[name] for name, is_given in IS_GIVEN.items() if name in by_field and is_given(row))
