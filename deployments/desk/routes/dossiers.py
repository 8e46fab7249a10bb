"""Project dossiers: found by code or name, written on request."""

from fastapi import APIRouter, Request, Response
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from deployments.desk.pages import page
from deployments.desk.routes.downloads import download_written
from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _
from models.ledger.project import Project
from tasks.database import snapshot, transaction
from tasks.dossiers.dossier import write_dossier
from tasks.ledger.office_time import day_of

PROJECTS_SHOWN = 50

router = APIRouter()


@router.get("/dossiers")
def search(request: Request, q: str = "") -> Response:
    text = q.strip().replace("\0", "")
    projects = select(Project).options(joinedload(Project.unit)).order_by(Project.code).limit(PROJECTS_SHOWN + 1)
    if text:
        projects = projects.where(
            or_(Project.code.icontains(text, autoescape=True), Project.name.icontains(text, autoescape=True))
        )
    with transaction() as session:
        listed = session.scalars(projects).all()
    is_cut = len(listed) > PROJECTS_SHOWN
    return page(request, "dossiers.html", wanted=text, projects=listed[:PROJECTS_SHOWN], is_cut=is_cut)


@router.get("/dossiers/{code:path}")
def dossier(code: str) -> Response:
    with snapshot() as session:
        project = session.scalars(select(Project).where(Project.code == code.replace("\0", ""))).one_or_none()
        if project is None:
            what = _("There is no project with the code %(code)s.") % {"code": code}
            raise RequestRefused(404, what, _("Look for it by its name."))
        name = f"{project.title}.docx"
        return download_written(name, lambda path: write_dossier(session, project.id, path, day_of("")))
