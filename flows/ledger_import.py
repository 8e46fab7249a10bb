"""Brings offices' ledger workbooks into the ledger; safe to repeat."""

from datetime import date
from typing import Any, NamedTuple

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from models.i18n import gettext as _
from models.refusal import Refused
from tasks.database import transaction
from tasks.dialogues.parameters.offers import offer_choices
from tasks.dialogues.update_runs import update_runs
from tasks.files import Folder, LedgerFileError, address, rejects_path
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.inbox import Arrival, arrivals, remember
from tasks.imports.reader import read_ledger
from tasks.imports.rejects import rejects_name, write_rejects
from tasks.imports.report import ImportProgress, Outcome, outcome, show_import
from tasks.ledger.office_time import day_of


class Settings(NamedTuple):
    """How files are read and entered."""

    sheet: str
    mapping: dict[str, str]
    dry_run: bool
    clear_empty: bool
    day: date


@flow(name="ledger-import")
def ledger_import(
    path: str = "",
    sheet: str = "",
    mapping: dict[str, str] | None = None,
    dry_run: bool = False,
    clear_empty: bool = False,
    as_of: str = "",
) -> State[Any]:
    """Import ledger files: good rows go in, the others are reported and come back in a rejects workbook.

    `path` is a file the worker can see (.xlsx, .xls, .ods, .csv), or a folder, all new files of which are taken in;
    empty: Luodi's own folder for that. `sheet` names the ledger's sheets (empty: those whose header fits best);
    `mapping` says which field a column is (`{"投资额": "amount"}`) where its header is not known. `dry_run` shows what
    would happen. With `clear_empty` an empty cell erases what the ledger has there. `as_of` (ISO date; empty: today in
    the office's time zone) is the day the files are judged on.
    """
    settings = Settings(sheet, mapping or {}, dry_run, clear_empty, day_of(as_of))
    try:
        new = arrivals(path)
    except LedgerFileError as refusal:
        return Failed(message=str(refusal))
    outcomes = [_take_in(each, settings) for each in new]
    if new and not dry_run:
        update_runs(as_of=as_of)
        offer_choices()
    message = "\n".join(each.message for each in outcomes) or _("There is no new file in the folder.")
    return Completed(message=message) if all(each.is_good for each in outcomes) else Failed(message=message)


def _take_in(arrival: Arrival, settings: Settings) -> Outcome:
    """Import one file; whatever is wrong with it keeps no other one back."""
    try:
        return _import(arrival, settings)
    except (LedgerFileError, Refused) as refusal:
        _remember(arrival, settings, str(refusal))
        return Outcome(str(refusal), is_good=False)
    except Exception as fault:
        if not arrival.sha256:
            raise
        get_run_logger().exception("%s could not be imported", arrival.path)
        return Outcome(f"{arrival.path.name}: {fault}", is_good=False)


def _import(arrival: Arrival, settings: Settings) -> Outcome:
    path, progress = arrival.path, ImportProgress(arrival.path)
    file = read_ledger(path, settings.sheet, settings.mapping, note_empty=settings.clear_empty)
    progress.tell("read")
    result = import_ledger(file, settings.day, dry_run=settings.dry_run, progress=progress.tell)
    rejects = rejects_path(str(flow_run.id), rejects_name(path.name))
    has_rejects = write_rejects(path, file, result.problems, rejects)
    show_import(result, address(Folder.REJECTS, rejects) if has_rejects else "")
    _remember(arrival, settings)
    progress.tell("reported")
    return Outcome(outcome(result), is_good=not result.faults)


def _remember(arrival: Arrival, settings: Settings, refusal: str = "") -> None:
    """Take the file for known, once everybody can read what became of it: killed before, it is taken in again."""
    if not settings.dry_run:
        with transaction() as session:
            remember(session, arrival, refusal)
