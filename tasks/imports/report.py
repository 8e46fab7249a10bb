"""An import's report: what was entered, what was not and why, what happens next."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import cast
from urllib.parse import quote
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

from models.i18n import enumerated, written
from models.i18n import gettext as _
from models.office_files.rows import Effect, Problem
from tasks.documents.markdown import cell, table
from tasks.documents.text import MAX_LISTED, cut_note, listed
from tasks.files import desk
from tasks.imports.columns_shown import columns_page, show_columns
from tasks.imports.entering.import_file import ImportResult

BACKLOG = "begin-backlog"  # the deployment that says where what is long overdue begins
ROWS_SHOWN = 1000  # of the table artifact, with a note; people read it
RANGES_SHOWN = 20  # of rows of equal problems
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
    show_columns(result.columns)
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
        "tables": result.tables_left_out,
        "units": result.units_changed,
        "people": result.people_changed,
        "unread": listed(result.unread),
        "kept": result.kept,
        "overdue": result.long_overdue,
    }
    if not result.sheets:
        line = _("%(file)s: a workbook without a ledger.")
    elif result.is_dry_run:
        line = _("Dry run of %(file)s, nothing was changed: %(taken)s of %(all)s rows can go in.")
    else:
        line = _("%(file)s: %(taken)s of %(all)s rows are in.")
    if not result.sheets and result.is_dry_run:
        line += " " + _("Dry run, nothing was changed.")
    if result.units_changed or result.people_changed or not result.sheets:
        line += " " + _("New or changed are %(units)s units and %(people)s people.")
    if result.rows_left_out:
        line += " " + _("%(rows)s rows were left out: see the report.")
    if result.cells_left_out:
        line += " " + _("%(cells)s single cells were left out: see the report.")
    if result.tables_left_out:
        line += " " + _("%(tables)s tables were not read: see the report.")
    if result.kept:
        line += " " + _("%(kept)s cells were left as they are: the ledger has them from something newer.")
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
        (_("Tables left out"), result.tables_left_out),
        (_("Single cells left out"), result.cells_left_out),
        *([(_("Cells left as something newer says"), result.kept)] if result.kept else []),
        (_("New or changed units"), result.units_changed),
        (_("New or changed people"), result.people_changed),
    )
    facts = {
        "rejects": rejects,
        "unread": listed(result.unread),
        "shown": ROWS_SHOWN,
        "all": len(grouped(result.problems)),
        "units": enumerated(map(_link_to_unit, result.unknown_units[:MAX_LISTED])),
        "overdue": result.long_overdue,
        "form": f"[{BACKLOG}]({backlog_form})" if backlog_form else f"`{BACKLOG}`",
    }
    steps = list(_next_steps(result, rejects))
    if not steps and not (result.units_changed or result.people_changed):
        steps = [_("Nothing: the ledger says already what the file says.")]
    next_steps = _("What happens next")
    titles = filter(None, (result.file, enumerated(result.sheets)))
    page = [f"# {' · '.join(titles)}", "", outcome(result), ""]
    page += [table((_("What"), _("Number")), counts), "", *_day(result), f"## {next_steps}", ""]
    return "\n".join(
        [*page, *(f"- {step % facts}" for step in steps), *_problems(result), *columns_page(result.columns)]
    )


def _day(result: ImportResult) -> list[str]:
    """As of which day the file counts, where that was read, and which days it cannot be."""
    if result.day is None:
        return []
    source = result.day.source or _("the day it came in, as it names none itself")
    lines = [_("The file counts as of %(day)s: %(source)s.") % {"day": written(result.day.day), "source": cell(source)}]
    lines += [
        _("%(day)s cannot be its day (%(source)s): it is still to come, or before what the file tells of.")
        % {"day": written(day.day), "source": cell(day.source)}
        for day in result.day.refused
        if not day.is_saved
    ]
    return [" ".join(lines), ""]


def grouped(problems: Iterable[Problem]) -> list[list[Problem]]:
    """The problems, as one if they differ only in their rows; those to be mended come first."""
    equal: dict[tuple[object, ...], list[Problem]] = {}
    order = list(Effect)
    for problem in sorted(problems, key=lambda problem: order.index(problem.effect)):
        what = problem.sheet, problem.column, problem.value, problem.reason, problem.suggestion, problem.effect
        equal.setdefault(what, []).append(problem)
    return list(equal.values())


def row_numbers(problems: Iterable[Problem]) -> str:
    """The numbers of rows, neighbours as a range: 3–7, 9."""
    runs: list[list[int]] = []
    for number in sorted({problem.row for problem in problems}):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs[:RANGES_SHOWN]]
    return enumerated(shown if len(runs) <= RANGES_SHOWN else [*shown, "…"])


def _problems(result: ImportResult) -> list[str]:
    groups = grouped(result.problems)
    page = []
    for effect, lines in groupby(groups[:ROWS_ON_THE_PAGE], lambda group: group[0].effect):
        count = sum(problem.effect is effect for problem in result.problems)
        title = _("%(title)s (%(count)s)") % {"title": effect.label, "count": count}
        page += ["", f"## {title}", "", *(f"- {_line(group)}" for group in lines)]
    if cut := cut_note(ROWS_ON_THE_PAGE, len(groups)):
        page += ["", cut]
    return page


def _line(problems: Sequence[Problem]) -> str:
    problem = problems[0]
    place = _("%(sheet)s, row %(row)s, %(column)s") if problem.column else _("%(sheet)s, row %(row)s")
    shown = {"sheet": cell(problem.sheet), "row": row_numbers(problems), "column": cell(problem.column)}
    words = {
        "place": place % shown,
        "value": cell(problem.value),
        "reason": cell(problem.reason),
        "suggestion": cell(problem.suggestion),
        "count": len(problems),
    }
    line = _("**%(place)s** “%(value)s”: %(reason)s") if problem.value else _("**%(place)s**: %(reason)s")
    if len(problems) > 1:
        line += " " + _("(%(count)s times)")
    if problem.suggestion:
        line += " " + _("Suggestion: %(suggestion)s")
    return line % words


def _link_to_unit(name: str) -> str:
    """A unit, linked to the form of the desk that adds it."""
    return f"[{cell(name)}]({desk()}/units/new?name={quote(name, safe='')})" if desk() else cell(name)


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
    if result.unknown_units:
        yield _(
            "The ledger does not know these units: %(units)s. Add them, as a new unit or as another name of a known "
            "one, and import the file again; or correct the cells."
        )
    if len(grouped(result.problems)) > ROWS_SHOWN:
        yield _("The table shows the first %(shown)s of %(all)s problems.")
    if result.long_overdue:
        yield _(
            "%(overdue)s items are long overdue, and nobody was told of them yet. They begin with the owner's "
            "reminder. If they are to begin with the leader or the inspection office, or on a later day, fill in "
            "%(form)s before the next sweep. Their due dates stay as they are."
        )
    if result.is_dry_run:
        yield _("Import the file without “dry run” to enter it.")
    elif result.new or result.changed:
        yield _("Each open project now waits in the runs list with its visit form, each open blocker with its own.")


def problem_table(result: ImportResult) -> list[dict[str, str | int]]:
    """What was not taken, the worst first; the last line says how much more there is."""
    groups = grouped(result.problems)
    rows: list[dict[str, str | int]] = [
        {
            _("Sheet"): problems[0].sheet,
            _("Row"): problems[0].row if len(problems) == 1 else row_numbers(problems),
            _("Column"): problems[0].column,
            _("Value"): problems[0].value,
            _("Reason"): problems[0].reason,
            _("Suggestion"): problems[0].suggestion,
            _("Effect"): problems[0].effect.label,
        }
        for problems in groups[:ROWS_SHOWN]
    ]
    if len(groups) > ROWS_SHOWN:
        more = _("… and %(count)s more.") % {"count": len(groups) - ROWS_SHOWN}
        rows.append({**dict.fromkeys(rows[0], ""), _("Reason"): more})
    return rows
