"""The inbox, the folder an office puts its ledger files into: each content is imported once."""

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
    """A file to import.

    `sha256` is empty if a person named the file: then it is imported even if seen before.
    """

    path: Path
    sha256: str = ""


def arrivals(path: str) -> list[Arrival]:
    """The file at a path; of a folder its new ledger files, the oldest first, without subfolders.

    An empty path is `LUODI_HOME/files/inbox`.

    Raises:
        FolderClosed: if the worker may not read the folder.
    """
    source = Path(path) if path else folder(Folder.INBOX)
    if not source.is_dir():
        return [Arrival(source)]
    try:
        files = [Arrival(file, digest(file)) for file in _ledger_files(source)]
    except OSError as problem:
        reason = _("The folder %(path)s cannot be read (%(problem)s): let the user Luodi runs as read it.")
        raise FolderClosed(reason % {"path": source, "problem": problem.strerror}) from problem
    with transaction() as session:
        imported = select(ImportedFile.sha256).where(ImportedFile.sha256 == func.any([file.sha256 for file in files]))
        known = set(session.scalars(imported))
    return [file for file in files if file.sha256 not in known]


def _ledger_files(source: Path) -> Iterator[Path]:
    files = [path for path in source.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file()]
    ledgers = [path for path in files if not path.name.startswith((".", "~$"))]  # Excel's locks of open files
    yield from sorted(ledgers, key=lambda path: (path.stat().st_mtime, path.name))


def digest(path: Path) -> str:
    """The SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remember(session: Session, arrival: Arrival, refusal: str = "") -> None:
    """Store that this content was imported; `refusal` says why nothing of it was entered."""
    if arrival.sha256:
        known = {"sha256": arrival.sha256, "name": arrival.path.name, "refusal": refusal}
        session.execute(insert(ImportedFile).values(known).on_conflict_do_nothing())
