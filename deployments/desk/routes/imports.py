"""The desk's first page: it takes ledger files in, and lists imports and bulletins."""

import json
import uuid
from pathlib import Path

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from deployments.desk.pages import page
from deployments.desk.routes import runs
from deployments.desk.security import tokens
from deployments.desk.uploads.form import ReceivedForm
from deployments.desk.uploads.receive import receive
from tasks.bulletin.files import SUFFIXES as BULLETIN_SUFFIXES
from tasks.bulletin.issue import recent
from tasks.bulletin.words import period
from tasks.files import Folder, new_path
from tasks.imports.workbook.read import LARGEST_FILE, SUFFIXES
from tasks.runs.waiting_lists import waiting_lists

BULLETINS_SHOWN = 10

router = APIRouter()


@router.get("/")
def home(request: Request) -> Response:
    return page(
        request,
        "home.html",
        runs=runs.recent(runs.IMPORT),
        waiting_lists=waiting_lists(),
        suffixes=SUFFIXES,
        largest=LARGEST_FILE // 2**20,
        bulletins=recent(BULLETINS_SHOWN),
        bulletin_suffixes=BULLETIN_SUFFIXES,
        period=period,
    )


@router.post("/imports")
async def hand_in(request: Request) -> Response:

    def check(fields: dict[str, str]) -> None:
        tokens.check_token(request, fields.get("token", ""))

    tokens.check_origin(request)
    form = await receive(request, check)
    run_id = await run_in_threadpool(start_import, form)
    return RedirectResponse(f"/runs/{run_id}", 303)


def start_import(form: ReceivedForm) -> uuid.UUID:
    """Move the file to its final name and import it; delete it if no import can be started."""
    path = new_path(Folder.INCOMING, form.name)
    form.path.rename(path)
    options = options_of(form)
    key = json.dumps([form.fields.get("form_id", ""), form.sha256, options])
    try:
        run = runs.start(runs.IMPORT, {"path": str(path), **options}, path.name, f"desk:{key}")
    except BaseException:
        _delete(path)
        raise
    if run.parameters.get("path") != str(path):  # the form was sent twice: its first file is read
        _delete(path)
    return run.id


def _delete(path: Path) -> None:
    path.unlink()
    path.parent.rmdir()  # each file handed in has a folder of its own


def options_of(form: ReceivedForm) -> dict[str, object]:
    """Parameters of the import besides the file. Without a tick the deployment's own rule on empty
    cells applies; never its dry run, which Prefect's page to edit a deployment stores unasked.
    """
    options: dict[str, object] = {"dry_run": "dry_run" in form.fields}
    if "clear_empty" in form.fields:
        options["clear_empty"] = True
    for name in ("sheet", "file_day"):
        if value := form.fields.get(name, "").strip():
            options[name] = value
    return options
