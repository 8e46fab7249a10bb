"""The rejects workbook: the office's own file with the bad cells marked, to be corrected."""

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from prefect.logging import get_logger

from models.i18n import gettext as _
from models.office_files.rows import LedgerFile, Problem
from tasks.documents.characters import printable
from tasks.documents.replacing import replacing
from tasks.imports import child_processes
from tasks.imports.other_sheets import TO_CORRECT
from tasks.imports.rejects_child import Mark, Order, write_anew
from tasks.imports.workbook.read import read_workbook

LARGEST_KEPT = 5 * 2**20  # bytes; of a larger .xlsx file only header and bad rows are written
LONGEST_REASON = 2000  # bytes of what a failing process says that are logged
PATIENCE = 180  # seconds until marking is given up, and only header and bad rows are written


def rejects_name(name: str) -> str:
    return _("%(name)s - to correct.xlsx") % {"name": Path(name).stem}


def write_rejects(source: Path, file: LedgerFile, problems: Sequence[Problem], target: Path) -> bool:
    """Write the rejects workbook; False if nothing has to be corrected.

    Of an .xlsx file it is the office's own; of other and very large ones header and bad rows.
    """
    faults = [problem for problem in problems if problem.is_fault and problem.sheet in file.headings]
    marks = list(_marks(file, faults))
    if not marks:
        return False
    heads = [_("Sheet"), _("Cell"), _("Column"), _("Value"), _("What to do")]
    order = Order(_(TO_CORRECT), heads, marks)
    is_kept = source.stat().st_size <= LARGEST_KEPT and _is_xlsx(source)
    if not (is_kept and _marked(source, target, order)):
        rows = {
            name: [(at.top, at.row) for at in (heading, *file.lower.get(name, ()))]
            for name, heading in file.headings.items()
        }
        write_anew(order, target, rows, read_workbook(source))
    return True


def _marks(file: LedgerFile, faults: Sequence[Problem]) -> Iterator[Mark]:
    cells: dict[tuple[str, int, int], list[Problem]] = {}
    for fault in faults:
        column = _column_number(file.heading(fault.sheet, fault.row).texts, fault)
        cells.setdefault((fault.sheet, fault.row, column), []).append(fault)
    for (sheet, row, column), of_cell in sorted(cells.items()):
        yield Mark(sheet, row, column, of_cell[0].column, of_cell[0].value, "\n".join(map(_advice, of_cell)))


def _column_number(texts: Sequence[str], problem: Problem) -> int:
    """The problem's column, from 1; the first one if it names none."""
    is_named = problem.column and problem.column in texts
    return problem.column_number or (texts.index(problem.column) + 1 if is_named else 1)


def _advice(problem: Problem) -> str:
    if not problem.suggestion:
        return problem.reason
    return _("%(reason)s Perhaps: %(suggestion)s") % {"reason": problem.reason, "suggestion": problem.suggestion}


def _is_xlsx(source: Path) -> bool:
    with source.open("rb") as file:
        return file.read(4) == b"PK\x03\x04" and source.suffix.lower() != ".ods"


def _marked(source: Path, target: Path, order: Order) -> bool:
    """Whether a child process could mark the workbook, which is all a hostile file can harm."""
    with source.open("rb") as file, tempfile.TemporaryFile() as said:
        command = child_processes.command("tasks.imports.rejects_child", str(file.fileno()))
        environment = child_processes.environment()
        try:
            with replacing(target) as scratch, scratch.open("xb") as marked:
                subprocess.run(
                    command,
                    input=json.dumps(order).encode(),
                    stdout=marked,
                    stderr=said,
                    pass_fds=[file.fileno()],
                    env=environment,
                    timeout=PATIENCE,
                    check=True,
                )
        except subprocess.SubprocessError as problem:
            said.seek(max(0, said.tell() - LONGEST_REASON))
            reason = " ".join(printable(said.read().decode(errors="replace")).split())
            get_logger().warning("only the bad rows of %r are written: %s %s", source.name, problem, reason)
            return False
    return True
