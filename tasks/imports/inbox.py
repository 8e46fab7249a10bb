"""The inbox, the folder an office puts its ledger files into: each content is taken in once."""

import hashlib
import os
import stat
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from prefect.logging import get_run_logger
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from models.i18n import gettext as _
from models.i18n import of_each
from models.office_files.days.file_day import FileDay
from models.office_files.imported_file import ImportedFile
from models.office_files.rows import LedgerFile
from models.refusal import Refused
from tasks.database import transaction
from tasks.files import FileMissing, Folder, LedgerFileError, address, folder, rejects_path, shown_name
from tasks.imports import mappings
from tasks.imports.columns_shown import show_columns
from tasks.imports.entering.import_file import ImportResult, import_ledger
from tasks.imports.entering.units import unit_names
from tasks.imports.errors import (
    FileChanging,
    FileClosed,
    FileTooLarge,
    MissingColumns,
    NoHeader,
    NoRoom,
    NotFollowed,
)
from tasks.imports.opening import alone, checked, closing, copied, open_entry, opened, refusing, still_written
from tasks.imports.reader import read_ledger
from tasks.imports.rejects import rejects_name, write_rejects
from tasks.imports.report import ImportProgress, outcome, show_import
from tasks.imports.workbook.read import SUFFIXES

HEALING = (FileMissing, FileClosed, FileChanging, NoRoom, NotFollowed)  # once mended, the same content is wanted


@dataclass(frozen=True)
class Arrival:
    path: Path
    sha256: str = ""  # empty if a person named the file, which is imported even if known
    refusal: LedgerFileError | None = None  # why it cannot be taken in

    @property
    def name(self) -> str:
        return shown_name(self.path.name)


class ImportSettings(NamedTuple):
    """How files are read and entered; `mapping` names the field of a column by its header."""

    sheet: str
    mapping: dict[str, str]
    dry_run: bool
    clear_empty: bool
    day: date
    file_day: date | None = None  # as of which the files count; None: as they say themselves


class FileOutcome(NamedTuple):
    """What became of a file, in one line, and whether somebody has to do something about it."""

    message: str
    is_good: bool


def arrivals(path: str) -> list[Arrival]:
    """The file at a path, or the new ledger files of a folder, oldest first; '' is `files/inbox`.

    A file of a folder that cannot be read is among them, with its refusal.

    Raises:
        LedgerFileError: if there is nothing at the path that may be read.
    """
    source = Path(path) if path else folder(Folder.INBOX)
    with opened(source) as descriptor:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            return [Arrival(source)]
        with refusing(source):
            names = _ledger_names(descriptor)
        files = [_arrival(source / name, descriptor) for name in names]
    with transaction() as session:
        imported = select(ImportedFile.sha256).where(ImportedFile.sha256 == func.any([file.sha256 for file in files]))
        known = set(session.scalars(imported))
    return [file for file in files if file.sha256 not in known]


def _ledger_names(folder: int) -> list[str]:
    """The names of the ledger files in an open folder, oldest file first."""
    ages: dict[str, float] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            is_lock = entry.name.startswith((".", "~$"))  # Excel's locks of open files, and what is hidden
            if entry.name.lower().endswith(SUFFIXES) and not is_lock and not entry.is_dir(follow_symlinks=False):
                ages[entry.name] = _age(entry)
    return sorted(ages, key=lambda name: (ages[name], name))


def _age(entry: os.DirEntry[str]) -> float:
    with suppress(OSError):  # it has just gone
        return entry.stat(follow_symlinks=False).st_mtime
    return 0.0


def _arrival(path: Path, folder: int) -> Arrival:
    """A file of an open folder. Of one too large the content is not read: size and age tell it."""
    appearance = path.name
    try:
        with refusing(path), closing(open_entry(path.name, folder)) as descriptor:
            status = os.fstat(descriptor)
            appearance += f" {status.st_size} {status.st_mtime_ns}"
            with checked(descriptor, path.name) as file:
                return Arrival(path, hashlib.file_digest(file, "sha256").hexdigest())
    except FileTooLarge as refusal:
        return Arrival(path, hashlib.sha256(os.fsencode(appearance)).hexdigest(), refusal)
    except LedgerFileError as refusal:
        return Arrival(path, refusal=refusal)


def remember(arrival: Arrival, refusal: str = "") -> None:
    """Remember that this content was imported; `refusal` says why nothing was entered."""
    known = {"sha256": arrival.sha256, "name": arrival.name, "refusal": refusal}
    if arrival.sha256:
        with transaction() as session:
            session.execute(insert(ImportedFile).values(known).on_conflict_do_nothing())


class Intake:
    """A file on its way into the ledger; its steps are taken once each, in the order of `STEPS`."""

    file: LedgerFile
    result: ImportResult

    def __init__(self, arrival: Arrival, settings: ImportSettings, run_id: str, path: Path) -> None:
        self.arrival, self.settings, self.run_id, self.path = arrival, settings, run_id, path
        self._progress = ImportProgress(path)

    def __str__(self) -> str:
        return self.arrival.name

    def read(self) -> None:
        """Read the rows; what the columns were taken for is shown even if the file is refused."""
        former, units = mappings.remembered(), unit_names()
        sheet, mapping, note_empty = self.settings.sheet, self.settings.mapping, self.settings.clear_empty
        try:
            self.file = read_ledger(self.path, sheet, mapping, note_empty=note_empty, remembered=former, units=units)
        except (NoHeader, MissingColumns) as refusal:
            show_columns(refusal.columns)
            raise
        self._progress.tell("read")

    def enter(self) -> None:
        """Enter the good rows."""
        given = self.settings.file_day and FileDay(self.settings.file_day, _("as the operator says"))
        self.result = import_ledger(
            self.file,
            self.settings.day,
            dry_run=self.settings.dry_run,
            progress=self._progress.tell,
            file_day=given or None,
        )

    def report(self) -> None:
        """Write the rejects, show what became of the file, and remember it."""
        rejects = rejects_path(self.run_id, rejects_name(self.path.name))
        has_rejects = write_rejects(self.path, self.file, self.result.problems, rejects)
        show_import(self.result, address(Folder.REJECTS, rejects) if has_rejects else "")
        if not self.settings.dry_run:
            mappings.remember(self.file.mapped, self.arrival.name, self.run_id)
            remember(self.arrival)  # killed before, the file is taken in again
        self._progress.tell("reported")


Step = Callable[[Intake], object]
STEPS: Sequence[Step] = (Intake.read, Intake.enter, Intake.report)


def take_in(arrival: Arrival, settings: ImportSettings, run_id: str, steps: Sequence[Step] = STEPS) -> FileOutcome:
    """Import one file; whatever is wrong with it keeps no other one back."""
    try:
        result = _import(arrival, settings, run_id, steps)
        return FileOutcome(shown_name(outcome(result)), is_good=not result.faults)
    except (LedgerFileError, Refused) as refusal:
        message = shown_name(str(refusal))
        if not settings.dry_run and not isinstance(refusal, HEALING):
            remember(arrival, message)
        return FileOutcome(message, is_good=False)
    except Exception as fault:
        if not arrival.sha256:
            raise
        get_run_logger().exception(_("%(file)s could not be imported") % {"file": arrival.name})
        return FileOutcome(shown_name(of_each(arrival.name, str(fault))), is_good=False)


def _import(arrival: Arrival, settings: ImportSettings, run_id: str, steps: Sequence[Step]) -> ImportResult:
    if arrival.refusal:
        raise arrival.refusal
    with alone() as room, copied(arrival.path, room) as copy:
        if arrival.sha256 not in ("", copy.sha256):
            raise still_written(arrival.path)
        intake = Intake(arrival, settings, run_id, copy.path)
        for step in steps:
            step(intake)
    return intake.result
