"""Drops cells that were kept beside their value, once their column is understood as a whole.

张三、李四 is kept when 张三 becomes the officer; once the column says only 王五, it would be wrong.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.office_files.rows import CAPITAL_PARTS, LedgerFile, LedgerRow
from models.words import Clock, VisitOutcome
from tasks.imports.entering.identity.matched_project import MatchedProject

WITH_LEFTOVERS = """
SELECT id, ARRAY(SELECT jsonb_object_keys(extra)) FROM project
WHERE id = ANY (:ids) AND extra ?| CAST(:headers AS text[])
"""


def drop_leftovers(session: Session, file: LedgerFile, matches: Sequence[MatchedProject]) -> None:
    lower = (heading.by_field for headings in file.lower.values() for heading in headings)
    headers = {header for by_field in (*file.headers.values(), *lower) for header in by_field.values()}
    known = {match.ledger_id: match for match in matches if match.ledger_id}
    for project_id, kept in session.execute(text(WITH_LEFTOVERS), {"ids": list(known), "headers": list(headers)}):
        match = known[project_id]
        if understood := [header for header in _understood(file, match) if header in kept]:
            match.row = replace(match.row, dropped=(*match.row.dropped, *understood))


def _understood(file: LedgerFile, match: MatchedProject) -> Iterator[str]:
    for row, _units in match.rows:
        by_field = file.headers_of(row)
        yield from (by_field[name] for name, is_given in _given(row).items() if is_given and name in by_field)


def _given(row: LedgerRow) -> Mapping[str, object]:
    """What a row says in the fields whose cells are kept unless they are wholly understood."""
    is_end = row.claim not in (None, VisitOutcome.LANDED) or row.clock is Clock.HOLD
    return {
        "name": row.name,
        "investor": row.investor,
        "units": row.units,
        "amount": row.amount,
        "signed_on": row.signed_on,
        "progress": row.progress,
        "problem": row.blockers,
        "due_on": row.visit_due_on or any(blocker.due_on for blocker in row.blockers),
        "officer": row.officer,
        "leader": row.leader,
        "sector": row.sector,
        "registered_in": row.investor and row.registered_in,
        "category": any(blocker.category for blocker in row.blockers),
        "solution": any(blocker.solution for blocker in row.blockers),
        "recipient": any(blocker.recipient for blocker in row.blockers),
        "evidence": any(cells.done_on and cells.evidence for cells in row.milestones),
        "claim": row.claim_cell,
        "exit_reason": is_end and row.exit_reason,
        "ended_on": is_end and row.ended_on,
    } | {f"{cells.kind}.{part}": True for cells in row.capital for part in CAPITAL_PARTS}
