"""The project dossier (一项目一档): everything known about one project, as a Word document."""

from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from models.i18n import gettext as _
from tasks.documents.word_tables import Page, write_page
from tasks.dossiers.correspondence import escalations, history, notices, questions
from tasks.dossiers.facts import gather
from tasks.dossiers.items import blockers, other_items, visits
from tasks.dossiers.project import base_facts, capital, head, milestones, other_columns, progress

PARTS = (
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


def write_dossier(session: Session, project_id: int, path: Path, as_of: date, printed_by: str = "Luodi") -> None:
    """Write everything the ledger knows of a project to `path` (.docx), in the office's language.

    Deadlines are judged on `as_of`, which is printed with `printed_by` on each page. Give a session
    from `snapshot()`, or its parts may not agree with each other.

    Raises:
        Refused: when there is no such project.
    """
    data = gather(session, project_id, as_of)
    page = Page(
        title=_("Project dossier"),
        name=data.project.name,
        running=data.project.title,
        head=head(data),
        sections=[part(data) for part in PARTS],
        printed_on=as_of,
        printed_by=printed_by,
    )
    write_page(page, path)
