"""Brings an office's ledger workbook into the ledger; safe to repeat."""

from pathlib import Path
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.catch_up import catch_up
from models.refusal import Refused
from tasks.ledger import day_of
from tasks.ledger_errors import LedgerFileError
from tasks.ledger_file import read_ledger
from tasks.ledger_import import import_ledger
from tasks.ledger_report import outcome, show_import


@flow(name="ledger-import")
def ledger_import(
    path: str, sheet: str = "", mapping: dict[str, str] | None = None, dry_run: bool = False, as_of: str = ""
) -> State[Any]:
    """Import an .xlsx ledger: good rows go in, the others are reported by row, column, value and reason.

    `path` is a file the worker can see. `sheet` names the ledger's sheet (empty: the one whose headers fit best);
    `mapping` says which field a column is (`{"投资额": "amount"}`) where its header is not known. `dry_run` shows what
    would happen. `as_of` (ISO date; empty: today in the office's time zone) is the day the file is judged on.
    """
    try:
        result = import_ledger(read_ledger(Path(path), sheet, mapping), day_of(as_of), dry_run=dry_run)
    except (LedgerFileError, Refused) as refusal:
        return Failed(message=str(refusal))
    show_import(result)
    if not dry_run:
        catch_up(as_of=as_of)
    return Failed(message=outcome(result)) if result.faults else Completed(message=outcome(result))
