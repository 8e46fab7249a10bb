"""An import's report: what was entered, what was not and why, what happens next."""

from collections.abc import Iterator
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import cast
from uuid import UUID

import httpx
from prefect import get_client
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_UI_URL

from models.i18n import gettext as _
from models.office_files.rows import Effect, Problem
from tasks.documents.markdown import cell, table
from tasks.documents.text import cut_note, listed
from tasks.imports.entering.import_file import ImportResult

BACKLOG = "begin-backlog"  # the deployment that says where what is long overdue begins
ROWS_SHOWN = 1000  # of the table artifact, with a note; people read it
ROWS_ON_THE_PAGE = 50  # problems on the page itself, which breaks long lines; the table cuts them at its edge
WATCHED_SIZE = 2**20  # bytes of a file whose import takes long enough to be watched
# Percent of an import that is done after each stage.
STAGES = {"read": 30.0, "identified": 45.0, "staged": 55.0, "entered": 75.0, "opened": 95.0, "reported": 100.0}


class ImportProgress:
    def __init__(self, path: Path) -> None:
        self._bar: UUID | None = None
        if path.is_file() and path.stat().st_size >= WATCHED_SIZE:
            description = _("How far the import of %(file)s is") % {"file": path.name}
            bar = create_progress_artifact(0.0, key="ledger-import-progress", description=description)
            self._bar = cast(UUID, bar)  # outside an event loop it has waited for the answer

    def tell(self, stage: str) -> None:
        if self._bar:
            update_progress_artifact(self._bar, STAGES[stage])


def show_import(result: ImportResult, rejects: str = "") -> None:
    """Show a page, and a table of what was not taken; `rejects`: address of the marked file."""
    page = report(result, rejects, _form_of(BACKLOG) if result.long_overdue else "")
    create_markdown_artifact(page, key="ledger-import-report", description=_("What the import did"))
    if result.problems:
        create_table_artifact(
            problem_table(result), key="ledger-import-problems", description=_("What was not taken as it stands")
        )


def _form_of(deployment: str) -> str:
    """The address of the form that starts a deployment's run; empty if Prefect does not know it."""
    with get_client(sync_client=True) as client, suppress(httpx.HTTPError, ObjectNotFound):
        number = client.read_deployment_by_name(f"{deployment}/{deployment}").id
        return f"{(PREFECT_UI_URL.value() or '').rstrip('/')}/v2/deployments/deployment/{number}/run"
    return ""


def outcome(result: ImportResult) -> str:
    counts = {
        "file": result.file,
        "taken": result.row_count - result.rows_left_out,
        "all": result.row_count,
        "rows": result.rows_left_out,
        "cells": result.cells_left_out,
        "unread": listed(result.unread),
        "overdue": result.long_overdue,
    }
    if result.is_dry_run:
        line = _("Dry run of %(file)s, nothing was changed: %(taken)s of %(all)s rows can go in.")
    else:
        line = _("%(file)s: %(taken)s of %(all)s rows are in.")
    if result.rows_left_out:
        line += " " + _("%(rows)s rows were left out: see the report.")
    if result.cells_left_out:
        line += " " + _("%(cells)s single cells were left out: see the report.")
    if result.unread:
        line += " " + _("Not read: sheets %(unread)s.")
    if result.long_overdue:
        line += " " + _("%(overdue)s items are long overdue: see the report.")
    return line % counts


def report(result: ImportResult, rejects: str = "", backlog_form: str = "") -> str:
    counts = (
        (_("Rows in the file"), result.row_count),
        (_("New projects"), result.new),
        (_("Changed projects"), result.changed),
        (_("Unchanged projects"), result.unchanged),
        (_("Rows left out"), result.rows_left_out),
        (_("Single cells left out"), result.cells_left_out),
    )
    facts = {
        "rejects": rejects,
        "unread": listed(result.unread),
        "shown": ROWS_SHOWN,
        "all": len(result.problems),
        "overdue": result.long_overdue,
        "form": f"[{BACKLOG}]({backlog_form})" if backlog_form else f"`{BACKLOG}`",
    }
    steps = list(_next_steps(result, rejects)) or [_("Nothing: the ledger says already what the file says.")]
    next_steps = _("What happens next")
    page = [f"# {result.file} · {', '.join(result.sheets)}", "", outcome(result), ""]
    page += [table((_("What"), _("Number")), counts), "", f"## {next_steps}", ""]
    return "\n".join([*page, *(f"- {step % facts}" for step in steps), *_problems(result)])


def _problems(result: ImportResult) -> list[str]:
    worst_first = sorted(result.problems, key=lambda problem: list(Effect).index(problem.effect))
    page = []
    for effect, problems in groupby(worst_first[:ROWS_ON_THE_PAGE], lambda problem: problem.effect):
        count = sum(problem.effect is effect for problem in result.problems)
        title = _("%(title)s (%(count)s)") % {"title": effect.label, "count": count}
        page += ["", f"## {title}", "", *(f"- {_line(problem)}" for problem in problems)]
    if cut := cut_note(ROWS_ON_THE_PAGE, len(worst_first)):
        page += ["", cut]
    return page


def _line(problem: Problem) -> str:
    place = _("%(sheet)s, row %(row)s, %(column)s") if problem.column else _("%(sheet)s, row %(row)s")
    words = {
        "place": place % {"sheet": cell(problem.sheet), "row": problem.row, "column": cell(problem.column)},
        "value": cell(problem.value),
        "reason": cell(problem.reason),
        "suggestion": cell(problem.suggestion),
    }
    line = _("**%(place)s** “%(value)s”: %(reason)s") if problem.value else _("**%(place)s**: %(reason)s")
    if problem.suggestion:
        line += " " + _("Suggestion: %(suggestion)s")
    return line % words


def _next_steps(result: ImportResult, rejects: str) -> Iterator[str]:
    if rejects and result.is_dry_run:
        yield _(
            "[See the bad cells marked in a workbook](%(rejects)s) and correct them in your own: nothing of it "
            "is in yet."
        )
    elif rejects:
        yield _(
            "[Download the workbook with the bad cells marked](%(rejects)s), correct them and import it again: "
            "what is in already stays as it is."
        )
    elif result.faults and result.is_dry_run:
        yield _("Correct what the table names in your workbook: nothing of it is in yet.")
    elif result.faults:
        yield _("Correct what the table names in your workbook and import it again: what is in already stays as it is.")
    if result.unread:
        yield _(
            "Sheets that were not read: %(unread)s. If there are projects on them, give each a header with the "
            "columns of a ledger, and import the file again with their names in `sheet`."
        )
    if result.long_overdue:
        yield _(
            "%(overdue)s items are long overdue, and nobody was told of them yet. They begin with the owner's "
            "reminder. If they are to begin with the leader or the inspection office, or on a later day, fill in "
            "%(form)s before the next sweep. Their due dates stay as they are."
        )
    if len(result.problems) > ROWS_SHOWN:
        yield _("The table shows the first %(shown)s of %(all)s problems.")
    if result.is_dry_run:
        yield _("Import the file without “dry run” to enter it.")
    elif result.new or result.changed:
        yield _("Each open project now waits in the runs list with its visit form, each open blocker with its own.")


def problem_table(result: ImportResult) -> list[dict[str, str | int]]:
    return [
        {
            _("Sheet"): problem.sheet,
            _("Row"): problem.row,
            _("Column"): problem.column,
            _("Value"): problem.value,
            _("Reason"): problem.reason,
            _("Suggestion"): problem.suggestion,
            _("Effect"): problem.effect.label,
        }
        for problem in result.problems[:ROWS_SHOWN]
    ]
