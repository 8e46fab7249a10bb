"""The desk's first page: a ledger file is handed in, and what became of it is shown."""

import json
import uuid
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from deployments.desk.pages import page
from deployments.desk.routes import bulletins, runs
from deployments.desk.security import tokens
from deployments.desk.uploads.form import HandedIn
from deployments.desk.uploads.receive import receive
from tasks.files import Folder, new_path
from tasks.imports.workbook.read import LARGEST_FILE, SUFFIXES

router = APIRouter()


@router.get("/")
def home(request: Request) -> Response:
    """The form to hand a file in, the imports before, and the weekly bulletins."""
    return page(
        request,
        "home.html",
        runs=runs.recent(runs.IMPORT),
        suffixes=SUFFIXES,
        largest=LARGEST_FILE // 2**20,
        bulletins=bulletins.listed(),
    )


@router.post("/imports")
async def hand_in(request: Request) -> Response:
    """Keep the file, start its import, and go to the import's page."""

    def check(fields: dict[str, str]) -> None:
        tokens.check_token(request, fields.get("token", ""))

    tokens.check_origin(request)
    form = await receive(request, check)
    run_id = await run_in_threadpool(start_import, form)
    return RedirectResponse(f"/runs/{run_id}", 303)


def start_import(form: HandedIn) -> uuid.UUID:
    """Give the file its place and start its import; when that fails, the file does not stay."""
    path = new_path(Folder.INCOMING, form.name)
    form.path.rename(path)
    parameters = {"path": str(path), **options_of(form)}
    told = json.dumps([form.fields.get("form_id", ""), form.digest, options_of(form)])
    try:
        run = runs.start(runs.IMPORT, parameters, path.name, f"desk:{told}")
    except BaseException:
        remove(path)
        raise
    if run.parameters.get("path") != str(path):  # the same form, sent twice: its first file is read
        remove(path)
    return run.id


def remove(path: Path) -> None:
    """Delete a file that was handed in, with its folder."""
    path.unlink()
    path.parent.rmdir()


def options_of(form: HandedIn) -> dict[str, Any]:
    """What the import is told besides the file; what is not ticked is left as the deployment has it."""
    sheet = form.fields.get("sheet", "").strip()
    ticked: dict[str, Any] = {name: True for name in ("dry_run", "clear_empty") if name in form.fields}
    return ticked | ({"sheet": sheet} if sheet else {})
