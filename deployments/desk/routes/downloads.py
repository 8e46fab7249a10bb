"""Gives files out: those in Luodi's folders, weekly bulletins, and those written on request."""

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
from tasks.bulletin.files import SUFFIXES, path_of, write_file
from tasks.bulletin.issue import NoBulletin, numbered
from tasks.files import FileMissing, Folder, find, shown_name

FOLDERS = (Folder.REJECTS, Folder.EXPORTS)
MEDIA_TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xls": "application/vnd.ms-excel",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".csv": "text/csv",
    ".zip": "application/zip",
}
WRITERS = BoundedSemaphore(2)  # files written on request at the same time: each keeps a processor busy
WRITER_PATIENCE = 30.0  # seconds

router = APIRouter()


@router.get("/files/{kind}/{name}")
def file(kind: str, name: str) -> Response:
    if kind not in FOLDERS:
        raise HTTPException(404)
    path = find(Folder(kind), name)
    return download(path, own_name(path.name))


@router.get("/bulletins/{year}-{number}.{kind}")
def bulletin_file(year: int, number: int, kind: str) -> Response:
    """A bulletin's file; if it is gone, it is written anew from the figures it was issued with."""
    if f".{kind}" not in SUFFIXES:
        raise HTTPException(404)
    try:
        bulletin = numbered(year, number)
    except NoBulletin as problem:
        raise RequestRefused(404, str(problem), _("The desk's first page lists those that were issued.")) from problem
    name = path_of(bulletin, f".{kind}").name
    try:
        return download(find(Folder.EXPORTS, name), name)
    except FileMissing:
        # Problems with the office's template are reported by the run that issues it, not here.
        return download_written(name, lambda copy: write_file(bulletin, copy))


def download(path: Path, name: str, then: Callable[[], object] | None = None) -> FileResponse:
    """The file as a download, never opened as a page; `then` runs after it was sent."""
    name = shown_name(name)
    media_type = MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")
    plain = name.encode("ascii", "replace").decode().translate(str.maketrans('"\\?', "___"))
    headers = {"Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"}
    return FileResponse(path, media_type=media_type, headers=headers, background=BackgroundTask(then) if then else None)


def download_written(name: str, write: Callable[[Path], object]) -> FileResponse:
    """A download that `write` writes for this request only; 503 if too many others are written."""
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
    return download(path, name, folder.cleanup)
