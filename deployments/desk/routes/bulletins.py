"""The weekly bulletins: a list of the latest, and their files."""

from dataclasses import dataclass

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from deployments.desk.errors import RequestRefused
from deployments.desk.routes.downloads import download, download_written
from models.i18n import gettext as _
from tasks.bulletin.delivery import SUFFIXES, path_of, write_file
from tasks.bulletin.issue import NoBulletin, numbered, recent
from tasks.bulletin.words import period

BULLETINS_SHOWN = 10

router = APIRouter()


@dataclass(frozen=True)
class ListedBulletin:
    """A bulletin in the list."""

    name: str
    period: str
    files: list[tuple[str, str]]  # suffix and address


def latest() -> list[ListedBulletin]:
    """The bulletins issued last, the newest first."""
    return [
        ListedBulletin(
            bulletin.name,
            period(bulletin.figures),
            [(suffix, f"/bulletins/{bulletin.year}-{bulletin.number}{suffix}") for suffix in SUFFIXES],
        )
        for bulletin in recent(BULLETINS_SHOWN)
    ]


@router.get("/bulletins/{year}-{number}.{kind}")
def bulletin_file(year: int, number: int, kind: str) -> Response:
    """A bulletin's file; if it is gone, it is written anew from the figures it was issued with."""
    if f".{kind}" not in SUFFIXES:
        raise HTTPException(404)
    try:
        bulletin = numbered(year, number)
    except NoBulletin as problem:
        raise RequestRefused(404, str(problem), _("The desk's first page lists those that were issued.")) from problem
    path = path_of(bulletin, f".{kind}")
    if path.is_file():
        return download(path, path.name)
    # Problems with the office's template are reported by the run that issues a bulletin, not here.
    return download_written(path.name, lambda copy: write_file(bulletin, copy))
