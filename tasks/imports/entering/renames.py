"""Notes on projects that a file gives another name."""

from collections.abc import Iterator, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.office_files.rows import Effect, LedgerFile, Problem
from tasks.imports.entering.identity.matched_project import MatchedProject

RENAMED = """
SELECT s.row_no, p.code, p.name, s.name FROM staged_project s JOIN project p ON p.id = s.project_id
WHERE NOT s.is_new AND s.name <> p.name
ORDER BY s.row_no
"""


def renames(session: Session, file: LedgerFile, matches: Sequence[MatchedProject]) -> Iterator[Problem]:
    """A note for each staged project whose name the ledger is about to replace."""
    for row_no, code, former, name in session.execute(text(RENAMED)):
        reason = _("%(code)s was called “%(name)s” in the ledger: from now on it has this name.")
        row = next(row for row, _units in matches[row_no].rows if row.name == name)
        yield file.problem(row, "name", name, reason % {"code": code, "name": former}, Effect.NOTE)
