"""The dossiers of several projects, packed into one file."""

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.project import Project
from models.refusal import Refused
from tasks.documents.replacing import replacing
from tasks.dossiers.dossier import write_dossier
from tasks.files import NOT_IN_NAMES

MAX_DOSSIERS = 500  # at a time: ten take about a second
MAX_NAME_LENGTH = 80


def check_number(project_ids: Sequence[int]) -> None:
    """Refuse more than `MAX_DOSSIERS` projects.

    Raises:
        Refused: when there are more.
    """
    if len(project_ids) > MAX_DOSSIERS:
        message = _("Dossiers of %(count)s projects are too many at a time: choose at most %(most)s.")
        raise Refused(message % {"count": len(project_ids), "most": MAX_DOSSIERS})


def write_dossiers(session: Session, project_ids: Sequence[int], path: Path, as_of: date) -> None:
    """Write the dossiers of those projects to `path` (.zip), a .docx each.

    Raises:
        Refused: when they are too many, or one of the projects is not there.
    """
    check_number(project_ids)
    with (
        replacing(path) as scratch,
        ZipFile(scratch, "w", ZIP_STORED) as bundle,
        tempfile.TemporaryDirectory() as folder,
    ):
        for number in project_ids:
            page = Path(folder) / "dossier.docx"
            write_dossier(session, number, page, as_of)
            bundle.write(page, _name(session, number))
            session.expunge_all()  # one project at a time in memory


def _name(session: Session, number: int) -> str:
    code, name = session.execute(select(Project.code, Project.name).where(Project.id == number)).one()
    return NOT_IN_NAMES.sub("_", f"{code} {name}")[:MAX_NAME_LENGTH].strip(" .") + ".docx"
