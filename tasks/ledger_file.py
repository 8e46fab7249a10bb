"""Reads a ledger workbook into typed rows and reports every cell it cannot take."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError

from models.i18n import gettext as _
from tasks.ledger_columns import EXTRA, LEDGER, PEOPLE, SQUADS, UNITS, Column, bare
from tasks.ledger_errors import FileMissing, MissingColumns, NoHeader, NoSuchSheet, NotAWorkbook, UnknownField
from tasks.ledger_rows import Effect, LedgerFile, Problem
from tasks.ledger_shape import ledger_row, person_row, unit_row
from tasks.ledger_table import TITLE_ROWS, Cells, Line, Table, find_table

UNIT_SHEET, PEOPLE_SHEET, SQUAD_SHEET = "单位", "人员", "小分队"
SIDE_SHEETS = {UNIT_SHEET: UNITS, PEOPLE_SHEET: PEOPLE, SQUAD_SHEET: SQUADS}
"""Sheets that are recognised by their names."""

Sheets = Mapping[str, Sequence[Cells]]


def read_ledger(path: Path, sheet: str = "", mapping: Mapping[str, str] | None = None) -> LedgerFile:
    """Everything a workbook says, typed, with a `Problem` for each cell that cannot be taken.

    `sheet` names the ledger's sheet (empty: the one whose header fits best); `mapping` gives the field of a
    column by its header, where Luodi does not know the header.

    Raises:
        LedgerFileError: its subclasses say what makes the whole file unreadable.
    """
    sheets = read_workbook(path)
    ledger = _ledger_table(path, sheets, sheet, mapping or {})
    lines = list(ledger.lines())
    units, people, squads = (_side_lines(path, sheets, title) for title in SIDE_SHEETS)
    headers = ledger.header.by_field
    return LedgerFile(
        name=path.name,
        sheet=ledger.sheet,
        headers=headers,
        rows=tuple(ledger_row(line, headers) for line in _good(lines)),
        row_count=sum(bool(line.cells) for line in lines),
        units=tuple(unit_row(line) for line in _good(units)),
        people=tuple(person_row(line) for line in _good(people)),
        squads=tuple(line.values["name"] for line in _good(squads)),
        problems=(
            *(problem for line in (*units, *people, *squads, *lines) for problem in line.problems),
            *_other_ledgers(sheets, ledger.sheet),
        ),
    )


def read_workbook(path: Path) -> Sheets:
    """Every sheet's cells, row by row from Excel's row 1, nothing guessed about them.

    Raises:
        FileMissing: when there is no such file.
        NotAWorkbook: when it is something else than an .xlsx workbook.
    """
    if not path.is_file():
        raise FileMissing(_("There is no file %(path)s: check the path; the worker must see it.") % {"path": path})
    not_one = _("%(path)s is not an .xlsx workbook: open it in Excel and save it as “Excel workbook (.xlsx)”.")
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        raise NotAWorkbook(not_one % {"path": path})
    try:
        frames = pd.read_excel(path, sheet_name=None, header=None, engine="calamine", dtype=object, na_filter=False)
    except (CalamineError, OSError, ValueError) as problem:
        raise NotAWorkbook(f"{not_one % {'path': path}} ({problem})") from problem
    return {str(title): list(frame.itertuples(index=False, name=None)) for title, frame in frames.items()}


def _ledger_table(path: Path, sheets: Sheets, sheet: str, mapping: Mapping[str, str]) -> Table:
    if sheet and sheet not in sheets:
        raise NoSuchSheet(
            _("%(file)s has no sheet “%(sheet)s”; it has: %(sheets)s.")
            % {"file": path.name, "sheet": sheet, "sheets": ", ".join(sheets)}
        )
    columns = _mapped_columns(mapping)
    candidates = [sheet] if sheet else [title for title in sheets if title not in SIDE_SHEETS]
    tables = [find_table(title, sheets[title], LEDGER, columns) for title in candidates]
    best = max(filter(None, tables), key=lambda table: len(table.header.by_field), default=None)
    if best is None:
        wanted = ", ".join(column.headers[0] for column in LEDGER if column.is_required)
        raise NoHeader(
            _(
                "%(file)s: none of the first %(rows)s rows of %(sheets)s names the columns of a ledger "
                "(%(wanted)s …). Put the headers into one row, or name the columns by `mapping`."
            )
            % {"file": path.name, "rows": TITLE_ROWS, "sheets": ", ".join(candidates), "wanted": wanted}
        )
    _check_columns(path, best, mapping)
    return best


def _mapped_columns(mapping: Mapping[str, str]) -> dict[str, Column | None]:
    fields: dict[str, Column | None] = {column.field: column for column in LEDGER} | {EXTRA: None}
    for header, field in mapping.items():
        if field not in fields:
            raise UnknownField(
                _("`mapping` gives “%(header)s” the unknown field “%(field)s”. Fields are: %(fields)s.")
                % {"header": header, "field": field, "fields": ", ".join(fields)}
            )
    return {bare(header): fields[field] for header, field in mapping.items()}


def _check_columns(path: Path, table: Table, mapping: Mapping[str, str]) -> None:
    there = {bare(text) for text in table.header.texts}
    absent = [header for header in mapping if bare(header) not in there]
    absent += [" / ".join(column.headers) for column in table.header.missing(LEDGER)]
    if absent:
        raise MissingColumns(
            _(
                "%(file)s, sheet “%(sheet)s”, header in row %(row)s: missing are %(absent)s; "
                "there are %(there)s. Add the columns, or name them by `mapping`."
            )
            % {
                "file": path.name,
                "sheet": table.sheet,
                "row": table.header.at + 1,
                "absent": "; ".join(absent),
                "there": ", ".join(filter(None, table.header.texts)),
            }
        )


def _side_lines(path: Path, sheets: Sheets, title: str) -> list[Line]:
    """The lines of the sheet of units, people or squads; none when there is no such sheet."""
    columns = SIDE_SHEETS[title]
    if title not in sheets or not any(map(any, sheets[title])):
        return []
    table = find_table(title, sheets[title], columns, {})
    if table is None or table.header.missing(columns):
        wanted = ", ".join(column.headers[0] for column in columns if column.is_required)
        raise MissingColumns(
            _("%(file)s, sheet “%(sheet)s”: its header must name these columns: %(wanted)s.")
            % {"file": path.name, "sheet": title, "wanted": wanted}
        )
    return [_complete(title, table, line) for line in table.lines()]


def _complete(title: str, table: Table, line: Line) -> Line:
    """The line, left out when a cell it needs is empty."""
    empty = [column for column in SIDE_SHEETS[title] if column.is_required and column.field not in line.cells]
    if not empty or not line.cells:
        return line
    missing = (
        Problem(
            title,
            line.number,
            table.header.by_field[column.field],
            "",
            _("This cell must not be empty."),
            Effect.ROW_LEFT_OUT,
        )
        for column in empty
    )
    return Line(line.number, line.values, line.cells, line.extra, (*line.problems, *missing))


def _good(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line.cells and not line.is_left_out]


def _other_ledgers(sheets: Sheets, read: str) -> list[Problem]:
    """A note for each sheet that could be a ledger too and was not read."""
    reason = _("This sheet also looks like a ledger and was not read: import it by its name in `sheet`.")
    others = (find_table(title, sheets[title], LEDGER, {}) for title in sheets if title not in (read, *SIDE_SHEETS))
    return [
        Problem(table.sheet, table.header.at + 1, "", "", reason, Effect.NOTE)
        for table in others
        if table and not table.header.missing(LEDGER)
    ]
