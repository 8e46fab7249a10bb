"""The official ledger as a workbook; an import of it into an empty ledger makes the same ledger."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy.orm import Session

from models.i18n import gettext as _
from tasks.documents.excel import Book, writing
from tasks.documents.excel_tables import A3, A4, SheetWriter
from tasks.documents.table import Cells
from tasks.exports.cells import cells_of
from tasks.exports.columns import OF_ONE_UNIT, ORDER, PRINTED, columns_of, own_columns
from tasks.exports.facts import NamesById, data_of, extra_headers
from tasks.exports.registers import Named, write_registers
from tasks.exports.summary import Line, Totals, write_summary
from tasks.imports.other_sheets import SHEET_FOR_READING
from tasks.imports.workbook.pieces import MOST_COLUMNS
from tasks.items.lights import is_unreported
from tasks.ledger.selection import EVERYTHING, Selection, described, projects_of

MAX_UNIT_SHEETS = 100  # nobody reads more; the other units' projects stand in the main sheet


@dataclass(frozen=True)
class Exported:
    path: Path
    as_of: date
    project_ids: Sequence[int]
    total: Line
    units: Sequence[Line]  # the responsible units, those with most projects first


def write_ledger(session: Session, selection: Selection, path: Path, as_of: date) -> Exported:
    """Write the selected projects to `path` (.xlsx), as of that day; `session` is a `snapshot`.

    Raises:
        Refused: when the selection names what the ledger does not know.
    """
    ids = projects_of(session, selection)
    names = NamesById(session)
    totals, named = Totals(names.units), Named()
    moment = _("As of %(day)s") % {"day": as_of}
    remark = f"{moment} · {described(selection)}"
    with writing(path, is_exchanged=True) as book:
        summary = book.sheet(_("Summary"))
        sheets = Sheets(book, names, extra_headers(session, ids), remark, moment)
        for data in data_of(session, ids, as_of):
            sheets.add(data.project.unit_id, cells_of(data, names, as_of))
            totals.add(data)
            named.add(data, names)
        sheets.finish()
        write_registers(book, session, remark, None if selection == EVERYTHING else named)
        units = totals.by_unit()
        remarks = _remarks(remark, len(units), is_new=is_unreported(session, as_of))
        write_summary(book, summary, totals, _("Official ledger: summary"), remarks)
    return Exported(path, as_of, ids, totals.all(), units)


def _remarks(remark: str, units: int, *, is_new: bool) -> Sequence[str]:
    cut = _("Only the first %(count)s units have a sheet of their own; all projects are in the main sheet.")
    return (
        remark,
        *([cut % {"count": MAX_UNIT_SHEETS}] if units > MAX_UNIT_SHEETS else []),
        _("Landing rate: projects that landed, of all that were signed, those that exited among them."),
        _("Each project is counted once, with its responsible unit. Dollars are not converted."),
        _("Red: overdue and raised to the leader or higher, or no progress for 3 months."),
        _("Yellow: overdue, due soon, or no progress for 2 months. What is on hold is neither."),
        *([_("Nobody has reported any progress yet: lights only show how old the contracts are.")] if is_new else []),
        _(SHEET_FOR_READING),
    )


class Sheets:
    """The main sheet and those of single units, filled side by side while the projects pass."""

    def __init__(self, book: Book, names: NamesById, extra: Sequence[str], remark: str, moment: str) -> None:
        self._book, self._names, self._moment = book, names, moment
        columns = [*columns_of(ORDER), *own_columns(extra)]
        remarks = [remark, _("The first %(count)s columns are printed") % {"count": len(PRINTED)}]
        if (more := len(columns) - MOST_COLUMNS) > 0:
            remarks.append(
                _("%(count)s columns more than Excel has stand only in the projects' dossiers") % {"count": more}
            )
        heading = _("Official ledger of signed projects")
        self._main = SheetWriter(book, _("Ledger"), columns[:MOST_COLUMNS], heading, " · ".join(remarks))
        self._units: dict[int, SheetWriter[Cells]] = {}

    def add(self, unit_id: int, cells: Cells) -> None:
        self._main.add(cells)
        if unit_id not in self._units and len(self._units) < MAX_UNIT_SHEETS:
            name = self._names.units[unit_id]
            heading, remark = (
                _("%(unit)s: signed projects") % {"unit": name},
                f"{_(SHEET_FOR_READING)} · {self._moment}",
            )
            self._units[unit_id] = SheetWriter(self._book, name, columns_of(OF_ONE_UNIT), heading, remark)
        if writer := self._units.get(unit_id):
            writer.add(cells)

    def finish(self) -> None:
        self._main.finish(A3, len(PRINTED))
        for writer in self._units.values():
            writer.finish(A4)
