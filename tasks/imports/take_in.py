"""Takes one arrived file in: reads it, enters its good rows, reports, and hands back the rest."""

from datetime import date
from typing import NamedTuple

from prefect.logging import get_run_logger

from models.refusal import Refused
from tasks.database import transaction
from tasks.files import Folder, LedgerFileError, address, rejects_path
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.inbox import Arrival, remember
from tasks.imports.reader import read_ledger
from tasks.imports.rejects import rejects_name, write_rejects
from tasks.imports.report import ImportProgress, outcome, show_import


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


def take_in(arrival: Arrival, settings: ImportSettings, run_id: str) -> FileOutcome:
    """Import one file; whatever is wrong with it keeps no other one back."""
    try:
        return _import(arrival, settings, run_id)
    except (LedgerFileError, Refused) as refusal:
        _remember(arrival, settings, str(refusal))
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
    _remember(arrival, settings)
    progress.tell("reported")
    return FileOutcome(outcome(result), is_good=not result.faults)


def _remember(arrival: Arrival, settings: ImportSettings, refusal: str = "") -> None:
    """Take the file for known once its report is there: killed before, it is taken in again."""
    if not settings.dry_run:
        with transaction() as session:
            remember(session, arrival, refusal)
