"""Cells kept beside what was understood of them, until the same column is understood as a whole: then they go.

张三、李四 is kept when 张三 becomes the officer; once the column says 王五 and nobody else, it would be a lie.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.office_files.rows import LedgerFile, LedgerRow
from models.words import VisitOutcome
from tasks.imports.entering.identify import Entry

WITH_LEFTOVERS = "SELECT id FROM project WHERE id = ANY (:ids) AND extra ?| CAST(:headers AS text[])"


def _ends(row: LedgerRow) -> bool:
    return row.claim not in (None, VisitOutcome.LANDED)


IS_SAID: Mapping[str, Callable[[LedgerRow], bool]] = {
    "officer": lambda row: bool(row.officer),
    "leader": lambda row: bool(row.leader),
    "sector": lambda row: row.sector is not None,
    "registered_in": lambda row: bool(row.investor and row.registered_in),
    "category": lambda row: any(each.category for each in row.blockers),
    "solution": lambda row: any(each.solution for each in row.blockers),
    "recipient": lambda row: any(each.recipient for each in row.blockers),
    "evidence": lambda row: any(each.done_on and each.evidence for each in row.milestones),
    "exit_reason": lambda row: _ends(row) and bool(row.exit_reason),
    "ended_on": lambda row: _ends(row) and row.ended_on is not None,
}
"""Whether a row says something in a column whose cells are kept where they are not, or only partly, understood."""


def drop_leftovers(session: Session, file: LedgerFile, entries: Sequence[Entry]) -> None:
    """Let the entries drop what was kept of columns they now say something in."""
    headers = {header for by_field in file.headers.values() for name, header in by_field.items() if name in IS_SAID}
    known = {entry.project_id: entry for entry in entries if entry.project_id}
    given = {"ids": list(known), "headers": list(headers)}
    for number in session.scalars(text(WITH_LEFTOVERS), given):
        entry = known[number]
        entry.row = replace(entry.row, dropped=(*entry.row.dropped, *_understood(file, entry)))


def _understood(file: LedgerFile, entry: Entry) -> Iterator[str]:
    for row, _units in entry.rows:
        by_field = file.headers.get(row.sheet, {})
        yield from (by_field[name] for name, is_said in IS_SAID.items() if name in by_field and is_said(row))
