"""The inbox, the folder an office puts its ledger files into: each content is taken in once."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from prefect.logging import get_run_logger
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from models.i18n import gettext as _
from models.office_files.imported_file import ImportedFile
from models.refusal import Refused
from tasks.database import transaction
from tasks.files import Folder, LedgerFileError, address, folder, rejects_path
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.errors import FolderClosed
from tasks.imports.reader import read_ledger
from tasks.imports.rejects import rejects_name, write_rejects
from tasks.imports.report import ImportProgress, outcome, show_import
from tasks.imports.workbook.read import SUFFIXES


@dataclass(frozen=True)
class Arrival:
    path: Path
    sha256: str = ""  # empty if a person named the file, which is imported even if known


class ImportSettings(NamedTuple):
    """How files are read and entered; `mapping` names the field of a column by its header."""

    sheet: str
    mapping: dict[str, str]
    dry_run: bool
    clear_empty: bool
    day: date


class FileOutcome(NamedTuple):
    """What became of a file, in one line, and whether somebody has to do something about it."""

    message: str
    is_good: bool


def arrivals(path: str) -> list[Arrival]:
    """The file at a path, or the new ledger files of a folder, oldest first; '' is `files/inbox`.

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
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remember(arrival: Arrival, refusal: str = "") -> None:
    """Remember that this content was imported; `refusal` says why nothing was entered."""
    known = {"sha256": arrival.sha256, "name": arrival.path.name, "refusal": refusal}
    if arrival.sha256:
        with transaction() as session:
            session.execute(insert(ImportedFile).values(known).on_conflict_do_nothing())


def take_in(arrival: Arrival, settings: ImportSettings, run_id: str) -> FileOutcome:
    """Import one file; whatever is wrong with it keeps no other one back."""
    try:
        return _import(arrival, settings, run_id)
    except (LedgerFileError, Refused) as refusal:
        if not settings.dry_run:
            remember(arrival, str(refusal))
        return FileOutcome(str(refusal), is_good=False)
    except Exception as fault:
        if not arrival.sha256:
            raise
        get_run_logger().exception("%s could not be imported", arrival.path)
        return FileOutcome(f"{arrival.path.name}: {fault}", is_good=False)


def _import(arrival: Arrival, settings: ImportSettings, run_id: str) -> FileOutcome:
    path, progress = arrival.path, ImportProgress(arrival.path)
    file = read_ledger(path, settings.sheet, settings.mapping, note_empty=settings.clear_empty)
    progress.tell("read")
    result = import_ledger(file, settings.day, dry_run=settings.dry_run, progress=progress.tell)
    rejects = rejects_path(run_id, rejects_name(path.name))
    has_rejects = write_rejects(path, file, result.problems, rejects)
    show_import(result, address(Folder.REJECTS, rejects) if has_rejects else "")
    if not settings.dry_run:
        remember(arrival)  # killed before, the file is taken in again
    progress.tell("reported")
    return FileOutcome(outcome(result), is_good=not result.faults)
