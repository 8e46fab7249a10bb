"""What else an older file leaves alone: co-units, kept columns, due dates, problems, capital."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.office_files.rows import LedgerFile
from tasks.imports.entering.cell_days import Cell, FileAge, newer_cells
from tasks.imports.entering.filled_cells import CELLS
from tasks.imports.entering.identity.matched_project import MatchedProject

DAYS = """
JOIN row_days r ON r.row_id = s.project_id AND r.table_name = 'project'
JOIN cell_days d ON d.id = r.cell_days_id AND d.latest_on > :day
"""

UNITS = f"""
SELECT s.row_no, k.day, s.unit_id = p.unit_id AND s.co_unit_ids <> ARRAY(
    SELECT c.unit_id FROM project_co_unit c WHERE c.project_id = p.id AND c.unit_id <> p.unit_id
    ORDER BY array_position(s.co_unit_ids, c.unit_id), c.unit_id) AS is_other
FROM staged_project s JOIN project p ON p.id = s.project_id {DAYS}
CROSS JOIN LATERAL (SELECT CAST(coalesce(d.days ->> 'unit_id', d.days ->> '*') AS date) AS day) k
WHERE s.unit_id IS NOT NULL AND k.day > :day
"""  # noqa: S608 - only words of ours
# A unit that differs is left by itself, and counted then.
KEEP_UNITS = """
UPDATE staged_project s SET co_unit_ids = '{}', unit_id = nullif(s.unit_id, p.unit_id)
FROM project p WHERE p.id = s.project_id AND s.row_no = ANY (:rows)
"""

OWN_COLUMNS = f"""
SELECT s.row_no, h.header, k.day, s.extra -> h.header IS DISTINCT FROM p.extra -> h.header AS is_other
FROM staged_project s JOIN project p ON p.id = s.project_id {DAYS}
CROSS JOIN LATERAL (SELECT jsonb_object_keys(s.extra) AS header UNION SELECT unnest(s.dropped)) h
CROSS JOIN LATERAL (
    SELECT CAST(coalesce(d.days ->> ('extra.' || h.header), CASE WHEN p.extra ? h.header THEN d.days ->> '*' END)
                AS date) AS day
) k
WHERE k.day > :day
"""  # noqa: S608
KEEP_OWN_COLUMNS = """
UPDATE staged_project s
SET extra = s.extra - k.headers, dropped = ARRAY(SELECT h FROM unnest(s.dropped) h WHERE h <> ALL (k.headers))
FROM (SELECT row_no, array_agg(header) AS headers
      FROM unnest(CAST(:rows AS integer[]), CAST(:headers AS text[])) AS u (row_no, header) GROUP BY row_no) k
WHERE s.row_no = k.row_no
"""

VISITS = """
SELECT s.row_no, s.project_id, i.id FROM staged_project s
JOIN action_item i ON i.project_id = s.project_id AND i.kind = 'visit' AND i.closed_on IS NULL
WHERE s.visit_due_on <> i.due_on
"""
KEEP_VISITS = "UPDATE staged_project SET visit_due_on = NULL WHERE row_no = ANY (:rows)"

PROBLEMS = f"""
SELECT s.row_no, s.number, k.day FROM staged_blocker s {DAYS}
CROSS JOIN LATERAL (SELECT CAST(coalesce(d.days ->> 'problem', CASE WHEN EXISTS (
    SELECT FROM action_item i WHERE i.project_id = s.project_id AND i.kind = 'blocker'
) THEN d.days ->> '*' END) AS date) AS day) k
WHERE s.item_id IS NULL AND k.day > :day
"""  # noqa: S608
KEEP_PROBLEMS = "DELETE FROM staged_blocker WHERE number = ANY (:numbers)"
DUE_DATES = """
SELECT s.row_no, s.item_id FROM staged_blocker s JOIN action_item i ON i.id = s.item_id
WHERE i.closed_on IS NULL AND s.due_on <> i.due_on
"""
KEEP_DUE_DATES = "UPDATE staged_blocker SET due_on = NULL WHERE item_id = ANY (:items)"


def leave_projects(session: Session, file: LedgerFile, matches: Sequence[MatchedProject], age: FileAge) -> None:
    """Empty of staged projects what a newer file or a person has said, beside plain cells."""
    if not age.is_late:
        return
    _leave_units(session, matches, age)
    _leave_own_columns(session, matches, age)
    _leave_leftovers(session, file, matches, age)
    _leave_visits(session, matches, age)


def leave_blockers(session: Session, matches: Sequence[MatchedProject], age: FileAge) -> None:
    """Leave problems out where a newer file names others, and due dates that are newer."""
    if not age.is_late:
        return
    problems = session.execute(text(PROBLEMS), {"day": age.day}).all()
    age.kept += [(matches[row_no].row, "problem", day) for row_no, _number, day in problems]
    session.execute(text(KEEP_PROBLEMS), {"numbers": [number for _row_no, number, _day in problems]})
    due = {item_id: row_no for row_no, item_id in session.execute(text(DUE_DATES))}
    newer = newer_cells(session, "blocker", due, ["due_on"], age) | newer_cells(
        session, "action_item", due, ["due_on"], age
    )
    age.kept += [(matches[due[cell.row_id]].row, "due_on", day) for cell, day in newer.items()]
    session.execute(text(KEEP_DUE_DATES), {"items": [cell.row_id for cell in newer]})


def _leave_units(session: Session, matches: Sequence[MatchedProject], age: FileAge) -> None:
    units = session.execute(text(UNITS), {"day": age.day}).all()
    age.kept += [(matches[row_no].row, "units", day) for row_no, day, is_other in units if is_other]
    session.execute(text(KEEP_UNITS), {"rows": [row_no for row_no, _day, _is_other in units]})


def _leave_own_columns(session: Session, matches: Sequence[MatchedProject], age: FileAge) -> None:
    cells = session.execute(text(OWN_COLUMNS), {"day": age.day}).all()
    age.kept += [(matches[row_no].row, f"extra.{header}", day) for row_no, header, day, is_other in cells if is_other]
    rows, headers = [cell.row_no for cell in cells], [cell.header for cell in cells]
    session.execute(text(KEEP_OWN_COLUMNS), {"rows": rows, "headers": headers})


def _leave_leftovers(session: Session, file: LedgerFile, matches: Sequence[MatchedProject], age: FileAge) -> None:
    """Leave out what is kept of a cell beside its value, where the ledger's value is newer."""
    columns = {
        header: CELLS[name] for by_field in file.headers.values() for name, header in by_field.items() if name in CELLS
    }
    kept = [(row_no, match) for row_no, match in enumerate(matches) if not columns.keys().isdisjoint(match.row.extra)]
    ids = [match.ledger_id for _row_no, match in kept if match.ledger_id]
    newer = newer_cells(session, "project", ids, tuple(dict.fromkeys(columns.values())), age)
    cells = [
        (row_no, header)
        for row_no, match in kept
        for header in match.row.extra
        if header in columns and Cell(match.project_id, columns[header]) in newer
    ]
    rows, headers = [row_no for row_no, _header in cells], [header for _row_no, header in cells]
    session.execute(text(KEEP_OWN_COLUMNS), {"rows": rows, "headers": headers})


def _leave_visits(session: Session, matches: Sequence[MatchedProject], age: FileAge) -> None:
    visits = session.execute(text(VISITS)).all()
    by_project = {project_id: row_no for row_no, project_id, _item_id in visits}
    by_item = {item_id: row_no for row_no, _project_id, item_id in visits}
    given = newer_cells(session, "project", by_project, ["visit_due_on"], age)
    moved = newer_cells(session, "action_item", by_item, ["due_on"], age)
    kept = {by_project[cell.row_id]: day for cell, day in given.items()}
    kept |= {by_item[cell.row_id]: day for cell, day in moved.items()}
    age.kept += [(matches[row_no].row, "visit_due_on", day) for row_no, day in kept.items()]
    session.execute(text(KEEP_VISITS), {"rows": list(kept)})
