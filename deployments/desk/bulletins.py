"""The weekly bulletins: a list of those issued last, and their files."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Response
from starlette.exceptions import HTTPException

from deployments.desk.downloads import given, written
from deployments.desk.trouble import Trouble
from models.i18n import gettext as _
from tasks.bulletin.delivery import SUFFIXES, path_of, write_file
from tasks.bulletin.issue import Issued, NoBulletin, numbered, recent
from tasks.bulletin.words import period

SHOWN = 10
"""Bulletins in the list."""

router = APIRouter()


@dataclass(frozen=True)
class Listed:
    """A bulletin in the list; its files by suffix, with their addresses."""

    name: str
    period: str
    files: list[tuple[str, str]]


def listed() -> list[Listed]:
    """The bulletins issued last, the newest first."""
    return [
        Listed(
            each.name,
            period(each.figures),
            [(suffix, f"/bulletins/{each.year}-{each.number}{suffix}") for suffix in SUFFIXES],
        )
        for each in recent(SHOWN)
    ]


@router.get("/bulletins/{year}-{number}.{kind}")
def bulletin(year: int, number: int, kind: str) -> Response:
    """A bulletin's file; one that is gone is written anew of the figures it was issued with."""
    if f".{kind}" not in SUFFIXES:
        raise HTTPException(404)
    try:
        issued = numbered(year, number)
    except NoBulletin as problem:
        raise Trouble(404, str(problem), _("The desk's first page lists those that were issued.")) from problem
    path = path_of(issued, f".{kind}")
    return given(path, path.name) if path.is_file() else written(path.name, lambda place: _anew(issued, place))


def _anew(issued: Issued, path: Path) -> None:
    """Write the file; what is wrong with the office's template, the run that issues a bulletin tells."""
    write_file(issued, path)
