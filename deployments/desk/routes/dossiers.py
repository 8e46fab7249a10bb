"""Project dossiers: found by code or name, written on request."""

from fastapi import APIRouter, Request, Response
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from deployments.desk.errors import RequestRefused
from deployments.desk.pages import page
from deployments.desk.routes.downloads import written
from models.i18n import gettext as _
from models.ledger.project import Project
from tasks.database import snapshot, transaction
from tasks.dossiers.dossier import write_dossier
from tasks.ledger.office_time import day_of

SHOWN = 50
"""Projects in a list; who looks for another one writes more of its name."""

router = APIRouter()


@router.get("/dossiers")
def search(request: Request, q: str = "") -> Response:
    """The projects whose code or name holds the text."""
    wanted = q.strip().replace("\0", "")
    found = projects_like(wanted)
    return page(request, "dossiers.html", wanted=wanted, projects=found[:SHOWN], is_cut=len(found) > SHOWN)


@router.get("/dossiers/{code:path}")
def dossier(code: str) -> Response:
    """Everything known about one project, as a document."""
    with snapshot() as session:
        project = session.scalars(select(Project).where(Project.code == code.replace("\0", ""))).one_or_none()
        if project is None:
            told = _("There is no project with the code %(code)s.") % {"code": code}
            raise RequestRefused(404, told, _("Look for it by its name."))
        name = f"{project.title}.docx"
        return written(name, lambda path: write_dossier(session, project.id, path, day_of("")))


def projects_like(text: str) -> list[Project]:
    """Projects by code, one more than are shown when there are more."""
    found = select(Project).options(joinedload(Project.unit)).order_by(Project.code).limit(SHOWN + 1)
    if text:
        found = found.where(
            or_(Project.code.icontains(text, autoescape=True), Project.name.icontains(text, autoescape=True))
        )
    with transaction() as session:
        return list(session.scalars(found))
