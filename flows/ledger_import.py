"""Brings offices' ledger workbooks into the ledger; safe to repeat."""

from pathlib import Path
from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import Field

from models.i18n import gettext as _
from models.i18n import mark
from tasks.dialogues.parameters.fields import AsOf, TrialFirst, day_under
from tasks.dialogues.pipeline import offer_choices, open_runs
from tasks.files import LedgerFileError, shown_name
from tasks.imports.inbox import ImportSettings, take_in
from tasks.imports.pipeline import STEPS, look_for_files
from tasks.ledger.office_time import check_has_come, day_of
from tasks.runs.execution import failed, refusals_as_states
from tasks.runs.idle import is_scheduled, tidy_up
from tasks.runs.parameters import is_trial, tried

FILE_DAY = mark("Day of the file")
FilePath = Annotated[
    str,
    Field(
        title=mark("File or folder"),
        description=mark(
            "On the machine Luodi runs on, in a folder that LUODI_IMPORT_FOLDERS names. Of a folder all new files are "
            "taken in; empty: the folder files/inbox"
        ),
    ),
]
Sheet = Annotated[
    str, Field(title=mark("Sheet"), description=mark("Leave empty to find the ledger's sheet by its header"))
]
Mapping = Annotated[
    dict[str, str] | None,
    Field(
        title=mark("Columns"),
        description=mark(
            "Only when a header is not recognised: your header → Luodi's field, of amounts with their unit if it is "
            "not in the header (amount 万元)"
        ),
    ),
]
ClearEmpty = Annotated[
    bool,
    Field(
        title=mark("Empty cells erase"),
        description=mark("An empty cell erases what the ledger has there, instead of saying nothing"),
    ),
]
FileDay = Annotated[
    str,
    Field(
        title=FILE_DAY,
        description=mark(
            "As of which the file counts, like 2026-06-09. Leave empty: its titles, its name or the day it was saved "
            "say it. An older file changes nothing that the ledger has from something newer"
        ),
    ),
]


def run_name() -> str:
    path = str(flow_run.parameters.get("path") or "").rstrip("/")
    what = _("Import the ledger · %(file)s") % {"file": shown_name(Path(path).name) or _("inbox")}
    return _("%(what)s · trial") % {"what": what} if is_trial(flow_run.parameters.get("dry_run")) else what


@flow(name="ledger-import", flow_run_name=run_name, timeout_seconds=14400, validate_parameters=False)
@refusals_as_states
def ledger_import(
    path: FilePath = "",
    sheet: Sheet = "",
    mapping: Mapping = None,
    dry_run: TrialFirst = False,
    clear_empty: ClearEmpty = False,
    file_day: FileDay = "",
    as_of: AsOf = "",
) -> State[None]:
    """Import ledger files: good rows go in, the others come back in a rejects workbook.

    `mapping` says what an unknown header means: `{"投资额": "amount 万元"}`.
    """
    day = day_of(as_of) if dry_run else check_has_come(day_of(as_of))
    given = day_under(file_day, FILE_DAY)
    settings = ImportSettings(
        sheet, mapping or {}, dry_run, clear_empty, day, check_has_come(given, day) if given else None
    )
    try:
        new = look_for_files(path)
    except LedgerFileError as refusal:
        return failed(str(refusal))
    outcomes = [take_in(arrival, settings, str(flow_run.id), STEPS) for arrival in new]
    if new and not dry_run:
        open_runs(as_of)
        offer_choices()
    tidy_up(is_idle=not new and is_scheduled())
    message = "\n".join(outcome.message for outcome in outcomes) or _("There is no new file in the folder.")
    if not all(outcome.is_good for outcome in outcomes):
        return failed(message)
    return tried(message) if dry_run else Completed(message=message)
