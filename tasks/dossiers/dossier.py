"""The project dossier (一项目一档): everything known about one project, as a Word document."""

import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.project import Project
from models.refusal import Refused
from tasks.documents.replacing import replacing
from tasks.documents.word_tables import Page, write_page
from tasks.dossiers.correspondence import escalations, history, notices, questions
from tasks.dossiers.facts import gather
from tasks.dossiers.items import blockers, other_items, visits
from tasks.dossiers.project import base_facts, capital, head, milestones, other_columns, progress
from tasks.files import NOT_IN_NAMES

SECTIONS = (
    base_facts,
    other_columns,
    milestones,
    capital,
    progress,
    blockers,
    visits,
    other_items,
    escalations,
    notices,
    questions,
    history,
)
MAX_DOSSIERS = 500  # at a time: ten take about a second
MAX_NAME_LENGTH = 80


def write_dossier(session: Session, project_id: int, path: Path, as_of: date, printed_by: str = "Luodi") -> None:
    """Write all that is known of a project to `path` (.docx) as of a day; `session`: a `snapshot`.

    Raises:
        Refused: when there is no such project.
    """
    data = gather(session, project_id, as_of)
    page = Page(
        title=_("Project dossier"),
        name=data.project.name,
        running=data.project.title,
        head=head(data),
        sections=[part(data) for part in SECTIONS],
        printed_on=as_of,
        printed_by=printed_by,
    )
    write_page(page, path)


def check_number(project_ids: Sequence[int]) -> None:
    """Raise `Refused` if there are more than `MAX_DOSSIERS`."""
    if len(project_ids) > MAX_DOSSIERS:
        message = _("Dossiers of %(count)s projects are too many at a time: choose at most %(most)s.")
        raise Refused(message % {"count": len(project_ids), "most": MAX_DOSSIERS})


def write_dossiers(session: Session, project_ids: Sequence[int], path: Path, as_of: date) -> None:
    """Write the dossiers of those projects to `path` (.zip), a .docx each.

    `Refused` when they are too many, or one of the projects is not there.
    """
    with (
        replacing(path) as scratch,
        ZipFile(scratch, "w", ZIP_STORED) as bundle,
        tempfile.TemporaryDirectory() as folder,
    ):
        for project_id in project_ids:
            page = Path(folder) / "dossier.docx"
            write_dossier(session, project_id, page, as_of)
            title = session.get_one(Project, project_id).title
            bundle.write(page, NOT_IN_NAMES.sub("_", title)[:MAX_NAME_LENGTH].strip(" .") + ".docx")
            session.expunge_all()  # one project at a time in memory
