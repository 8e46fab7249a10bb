"""A form that adds a unit which a ledger file names and the ledger does not know."""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from deployments.desk.pages import page
from deployments.desk.security.forms import form_fields
from deployments.doors.refusal import RequestRefused
from models.i18n import gettext as _
from models.office_files.columns import LONGEST_NAME
from models.office_files.names.names import clean_name
from models.words import UnitKind
from tasks.imports.entering.units import unit_names
from tasks.imports.units import UnitRefused, add_alias, add_unit, known_units

ACTOR = "desk"

router = APIRouter()


@router.get("/units/new")
def new_unit(request: Request, name: str = "", added: str = "") -> Response:
    return page(
        request,
        "unit.html",
        name=clean_name(name)[:LONGEST_NAME],
        added=clean_name(added) if clean_name(added) in unit_names() else "",
        kinds=list(UnitKind),
        units=known_units(),
        longest=LONGEST_NAME,
    )


@router.post("/units")
async def add(request: Request) -> Response:
    fields = await form_fields(request)
    name = await run_in_threadpool(add_named, fields)
    return RedirectResponse(f"/units/new?{urlencode({'added': name})}", 303)


def add_named(fields: dict[str, str]) -> str:
    """Add what the form names: a unit of its kind, or another name of the unit chosen; its name."""
    name, unit = fields.get("name", ""), fields.get("unit", "")
    try:
        if unit:
            add_alias(name, unit, actor=ACTOR)
        else:
            add_unit(name, UnitKind(fields.get("kind", "")), actor=ACTOR)
    except UnitRefused as problem:
        raise RequestRefused(400, str(problem), _("Go back and correct it.")) from None
    except ValueError:
        raise RequestRefused(400, _("This is no kind of unit."), _("Go back and choose from the lists.")) from None
    return name
