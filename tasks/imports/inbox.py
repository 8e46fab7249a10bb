"""The folder an office puts its ledger files into: every content is taken in once, whatever it is called."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.office_files.imported_file import ImportedFile
from tasks.database import transaction
from tasks.files import Folder, folder
from tasks.imports.errors import FolderClosed
from tasks.imports.workbook.read import SUFFIXES


@dataclass(frozen=True)
class Arrival:
    """A file and the digest of its content; none for a file that somebody named: it is taken in however often."""

    path: Path
    sha256: str = ""


def arrivals(path: str) -> list[Arrival]:
    """The file at a path; or, if that is a folder, its ledger files that are new, the oldest first.

    An empty path is Luodi's own folder for the purpose, `LUODI_HOME/files/inbox`. Folders inside are not looked into.

    Raises:
        FolderClosed: when the worker may not read the folder.
    """
    place = Path(path) if path else folder(Folder.INBOX)
    if not place.is_dir():
        return [Arrival(place)]
    try:
        there = [Arrival(each, digest(each)) for each in _ledger_files(place)]
    except OSError as problem:
        told = _("The folder %(path)s cannot be read (%(problem)s): let the user Luodi runs as read it.")
        raise FolderClosed(told % {"path": place, "problem": problem.strerror}) from problem
    with transaction() as session:
        asked = select(ImportedFile.sha256).where(ImportedFile.sha256 == func.any([each.sha256 for each in there]))
        known = set(session.scalars(asked))
    return [each for each in there if each.sha256 not in known]


def _ledger_files(place: Path) -> Iterator[Path]:
    files = [each for each in place.iterdir() if each.suffix.lower() in SUFFIXES and each.is_file()]
    ours = [each for each in files if not each.name.startswith((".", "~$"))]  # what Excel keeps beside an open file
    yield from sorted(ours, key=lambda each: (each.stat().st_mtime, each.name))


def digest(path: Path) -> str:
    """The SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remember(session: Session, arrival: Arrival, refusal: str = "") -> None:
    """From here on this content is no longer new; `refusal` says why nothing of it went in."""
    if arrival.sha256:
        known = {"sha256": arrival.sha256, "name": arrival.path.name, "refusal": refusal}
        session.execute(insert(ImportedFile).values(known).on_conflict_do_nothing())
