"""The rejects workbook: the office's own sheet with the bad cells marked, to be corrected and handed in again."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from prefect.logging import get_logger

from models.i18n import gettext as _
from models.office_files.rows import LedgerFile, Problem
from tasks.imports.other_sheets import TO_CORRECT
from tasks.imports.rejects_child import Mark, Order, write_anew
from tasks.imports.workbook.read import read_workbook

LARGEST_KEPT = 5 * 2**20
"""Bytes of an .xlsx file that is kept as it is; of a larger one only the bad rows are written, below its header."""
PATIENCE = 180
"""Seconds after which marking a workbook is given up, and only its bad rows are written."""


def rejects_name(name: str) -> str:
    """What the rejects of a file are called."""
    return _("%(name)s - to correct.xlsx") % {"name": Path(name).stem}


def write_rejects(source: Path, file: LedgerFile, problems: Sequence[Problem], target: Path) -> bool:
    """Write what has to be corrected of the file at `source`; False, and nothing written, when there is nothing.

    An .xlsx workbook stays as the office made it, every bad cell coloured and with a comment, and gets a list of them
    on a sheet of its own. Of other files, and of very large ones, the bad rows are written below their header.
    """
    marks = list(_marks(file, [each for each in problems if each.is_fault and each.sheet in file.headings]))
    if not marks:
        return False
    heads = [_("Sheet"), _("Cell"), _("Column"), _("Value"), _("What to do")]
    order = Order(str(source), str(target), _(TO_CORRECT), heads, marks)
    is_kept = source.stat().st_size <= LARGEST_KEPT and _is_xlsx(source)
    if not (is_kept and _marked(order)):
        rows = {name: heading.row for name, heading in file.headings.items()}
        write_anew(order, rows, read_workbook(source))
    return True


def _marks(file: LedgerFile, faults: Sequence[Problem]) -> Iterator[Mark]:
    cells: dict[tuple[str, int, int], list[Problem]] = {}
    for each in faults:
        cells.setdefault((each.sheet, each.row, _place(file.headings[each.sheet].texts, each)), []).append(each)
    for (sheet, row, column), found in sorted(cells.items()):
        yield Mark(sheet, row, column, found[0].column, found[0].value, "\n".join(map(_advice, found)))


def _place(texts: Sequence[str], problem: Problem) -> int:
    """The problem's column, from 1; the first one for what has no column."""
    is_named = problem.column and problem.column in texts
    return problem.column_number or (texts.index(problem.column) + 1 if is_named else 1)


def _advice(problem: Problem) -> str:
    if not problem.suggestion:
        return problem.reason
    return _("%(reason)s Perhaps: %(suggestion)s") % {"reason": problem.reason, "suggestion": problem.suggestion}


def _is_xlsx(source: Path) -> bool:
    with source.open("rb") as file:
        return file.read(4) == b"PK\x03\x04" and source.suffix.lower() != ".ods"


def _marked(order: Order) -> bool:
    """Whether a process of its own could mark the workbook: as with reading, no file costs more than that process."""
    command = [sys.executable, "-P", "-m", "tasks.imports.rejects_child"]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    if done.returncode:
        get_logger().warning("only the bad rows of %s are written: %s", order.source, done.stderr.decode()[-2000:])
    return done.returncode == 0
