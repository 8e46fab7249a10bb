"""The cells without which a project cannot be entered."""

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import func
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.project import Project
from models.office_files.columns import LEDGER
from models.office_files.rows import Effect, LedgerFile, LedgerRow, Problem
from tasks.imports.entering.identity.known_projects import projects_where
from tasks.imports.entering.identity.matched_project import MatchedProject

NEEDED = ("name", "units", "amount", "signed_on")  # the fields of a new project that may not be empty


def missing(row: LedgerRow) -> list[str]:
    return [name for name in NEEDED if getattr(row, name) in ("", None)]


def empty_cells(
    session: Session, file: LedgerFile, rows: Sequence[LedgerRow], problems: Sequence[Problem]
) -> list[Problem]:
    """What rows that are left out anyway also lack: whoever mends them need not come twice."""
    if not rows:
        return []
    given = [row.code for row in rows], [row.name for row in rows]
    known = projects_where(session, (Project.code == func.any(given[0])) | (Project.name == func.any(given[1])))
    codes, names = {project.code for project in known}, {project.name for project in known}
    bad = {(problem.sheet, problem.row, problem.column) for problem in problems if problem.is_fault}
    return [
        file.problem(row, name, "", _why_needed(file, row, name), Effect.ROW_LEFT_OUT)
        for row in rows
        if row.code not in codes and row.name not in names and not _has_bad(file, row, "code", bad)
        for name in missing(row)
        if not _has_bad(file, row, name, bad)
    ]


def _has_bad(file: LedgerFile, row: LedgerRow, name: str, bad: Collection[tuple[str, int, str]]) -> bool:
    header = file.headers_of(row).get(name)
    return header is not None and (row.sheet, row.number, header) in bad


def incomplete(file: LedgerFile, match: MatchedProject) -> Iterator[Problem]:
    for name in missing(match.row):
        for row, _units in match.rows:
            yield file.problem(row, name, "", _why_needed(file, row, name), Effect.ROW_LEFT_OUT)


def _why_needed(file: LedgerFile, row: LedgerRow, name: str) -> str:
    if name in file.headers_of(row):
        return _("This cell is empty: a project that is new to the ledger needs it.")
    column = next(column.headers[0] for column in LEDGER if column.field == name)
    return _("There is no column %(column)s: a project that is new to the ledger needs it.") % {"column": column}
