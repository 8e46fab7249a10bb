"""The projects of the ledger that the rows of a file may be about."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from models.ledger.project import Investor, Project
from models.office_files.rows import LedgerRow, Placed
from tasks.imports.entering.identity.codes_of_file import Codes
from tasks.imports.entering.identity.matched_project import Former, MatchedProject
from tasks.imports.entering.widths import in_known_names

# Former codes, names, units, investors and days of signing of the projects that have one of these
# names, or had it.
FORMER = text("""
SELECT p.id, c.column_name, coalesce(i.name, c.old #>> '{}')
FROM change c JOIN project p ON p.id::text = c.row_id
LEFT JOIN investor i ON c.column_name = 'investor_id' AND i.id::text = c.old #>> '{}'
WHERE c.table_name = 'project' AND c.column_name IN ('code', 'name', 'unit_id', 'investor_id', 'signed_on')
AND p.id IN (
    SELECT id FROM project WHERE name = ANY (:names)
    UNION
    SELECT row_id::int FROM change
    WHERE table_name = 'project' AND column_name = 'name' AND old #>> '{}' = ANY (:names)
)
""")


def known_projects(
    session: Session, codes: Codes, placed: Sequence[Placed]
) -> tuple[list[MatchedProject], Sequence[Placed]]:
    """The ledger's projects with a code or name of the rows, or with a former name of theirs.

    With them come the rows, their names spelled as the ledger spells them.
    """
    known = _with_codes_or_names(session, codes, placed)
    names = _strangers(known.values(), codes, placed)
    spelled = in_known_names(session, placed, names)
    if spelled is not placed:
        placed = spelled
        known = _with_codes_or_names(session, codes, placed)
        names = _strangers(known.values(), codes, placed)
    former = session.execute(FORMER, {"names": list(names)}).all() if names else []
    absent = {project_id for project_id, *_change in former} - known.keys()
    if absent:
        known |= {
            project.ledger_id: project for project in projects_where(session, Project.id == func.any(list(absent)))
        }
    for project_id, column, value in former:
        project = known[project_id]
        project.former = project.former or Former()
        project.former.add(column, value)
    return list(known.values()), placed


def _with_codes_or_names(session: Session, codes: Codes, placed: Sequence[Placed]) -> dict[int | None, MatchedProject]:
    rows = [row for row, _units in placed]
    by_code, by_name = {codes.of(row) for row in rows} - {""}, {row.name for row in rows} - {""}
    is_wanted = (Project.code == func.any(list(by_code))) | (Project.name == func.any(list(by_name)))
    return {project.ledger_id: project for project in projects_where(session, is_wanted)}


def projects_where(session: Session, is_wanted: ColumnElement[bool]) -> list[MatchedProject]:
    columns = (Project.code, Project.name, Project.unit_id, func.coalesce(Investor.name, ""))
    projects = select(*columns, Project.signed_on, Project.id).outerjoin(Investor, Project.investor_id == Investor.id)
    return [MatchedProject(*row) for row in session.execute(projects.where(is_wanted))]


def _strangers(known: Iterable[MatchedProject], codes: Codes, placed: Sequence[Placed]) -> set[str]:
    """The names of the rows that are no known project as it is now."""
    by_code = {(project.code, project.name) for project in known}
    days: dict[tuple[str, int | None, str], list[date | None]] = {}
    for project in known:
        days.setdefault((project.name, project.unit_id, project.investor), [None]).append(project.signed_on)

    def is_known(row: LedgerRow, units: Sequence[int]) -> bool:
        if code := codes.of(row):
            return (code, row.name) in by_code
        return row.signed_on in days.get((row.name, units[0] if units else None, row.investor), ())

    return {row.name for row, units in placed if row.name and not is_known(row, units)}
