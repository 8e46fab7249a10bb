"""The official ledger: written by a run, for the city or a unit; and its blank template."""

import json

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from deployments.desk.pages import page
from deployments.desk.routes import runs
from deployments.desk.routes.downloads import download_written
from deployments.desk.security.forms import form_fields
from models.i18n import gettext as _
from models.ledger.organisation import Unit
from models.ledger.project import Project
from tasks.database import transaction
from tasks.exports.template import write_template

router = APIRouter()


@router.get("/ledger")
def ledger(request: Request) -> Response:
    with_projects = select(Unit.name).where(Unit.id.in_(select(Project.unit_id))).order_by(Unit.name)
    with transaction() as session:
        units = session.scalars(with_projects).all()
    return page(request, "ledger.html", runs=runs.recent(runs.EXPORT), units=units)


@router.get("/template")
def template() -> Response:
    """An empty ledger with its columns, to be filled in and handed in."""
    return download_written(_("Ledger template") + ".xlsx", write_template)


@router.post("/exports")
async def export(request: Request) -> Response:
    fields = await form_fields(request)
    run = await run_in_threadpool(start_export, fields)
    return RedirectResponse(f"/runs/{run.id}", 303)


def start_export(fields: dict[str, str]) -> runs.ShownRun:
    """Start writing what the form asks for; the same form, sent twice, starts one run."""
    units = [fields["unit"]] if fields.get("unit") else []
    parameters: dict[str, object] = {"units": units, "dossiers": "dossiers" in fields}
    key = json.dumps([fields.get("form_id", ""), parameters])
    return runs.start(runs.EXPORT, parameters, runs.ledger_name(units), f"desk:{key}")
