"""Gives files out: what lies in Luodi's folders, and what is written on request."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import BoundedSemaphore
from urllib.parse import quote

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException

from deployments.desk.errors import RequestRefused
from deployments.desk.routes.runs import own_name
from models.i18n import gettext as _
from tasks.files import Folder, find

GIVEN_OUT = (Folder.REJECTS, Folder.EXPORTS)
TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".csv": "text/csv",
    ".zip": "application/zip",
}
WRITERS = BoundedSemaphore(2)
"""Files written on request at the same time: each takes a processor for a while."""
WRITER_PATIENCE = 30.0

router = APIRouter()


@router.get("/files/{kind}/{name}")
def file(kind: str, name: str) -> Response:
    """A file of one of Luodi's folders, under the name its owner gave it."""
    if kind not in GIVEN_OUT:
        raise HTTPException(404)
    path = find(Folder(kind), name)
    return given(path, own_name(path.name))


def given(path: Path, name: str, then: Callable[[], object] | None = None) -> FileResponse:
    """A file as a download of that name, never opened as a page; `then` is done after it was sent."""
    kind = TYPES.get(path.suffix.lower(), "application/octet-stream")
    plain = name.encode("ascii", "replace").decode().translate(str.maketrans('"\\?', "___"))
    headers = {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
    return FileResponse(path, media_type=kind, headers=headers, background=BackgroundTask(then) if then else None)


def written(name: str, write: Callable[[Path], None]) -> FileResponse:
    """A file written for this request only.

    Raises:
        RequestRefused: 503 when too many others are being written.
    """
    if not WRITERS.acquire(timeout=WRITER_PATIENCE):
        raise RequestRefused(503, _("Other files are being written just now."), _("Try again in a minute."))
    folder = tempfile.TemporaryDirectory(prefix="luodi-desk-")
    try:
        path = Path(folder.name) / f"file{Path(name).suffix}"
        write(path)
    except BaseException:
        folder.cleanup()
        raise
    finally:
        WRITERS.release()
    return given(path, name, folder.cleanup)
