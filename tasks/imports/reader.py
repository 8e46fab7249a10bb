"""Reads a ledger workbook into typed rows, with a problem for each cell it cannot take."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from models.i18n import gettext as _
from models.office_files.cells import plain
from models.office_files.columns import EXTRA, LEDGER, LONGEST_HEADER, SIDE_SHEETS, Column, bare, is_ignored
from models.office_files.file_day import FileDay, day_in_name, day_saved, days_in_rows, most_reliable_first
from models.office_files.header import TITLE_ROWS, LedgerSheet, find_table, nameless
from models.office_files.names import clean_name, split_names
from models.office_files.reading import Lines, ledger_rows, person_row, read_lines, unit_row
from models.office_files.rows import Effect, LedgerFile, Problem
from models.office_files.sheet import Sheet
from tasks.documents.text import MAX_LISTED, listed
from tasks.imports.errors import MissingColumns, NoHeader, NoSuchSheet, UnknownField
from tasks.imports.garbage import rare_searches_for_cycles
from tasks.imports.other_sheets import is_for_reading, notes_on_ledgers, sheets_with_data
from tasks.imports.workbook.read import Workbook, read_workbook

Sheets = Mapping[str, Sheet]


@rare_searches_for_cycles()
def read_ledger(
    path: Path, sheet: str = "", mapping: Mapping[str, str] | None = None, *, note_empty: bool = False
) -> LedgerFile:
    """A workbook's rows, typed, with a `Problem` for each cell that cannot be taken.

    `sheet` names one or several; empty: the one whose header fits best, and those like it.
    `mapping` gives fields by headers Luodi does not know. With `note_empty` rows list empty cells.

    Raises:
        LedgerFileError: if the whole file is unreadable; its subclasses say why.
    """
    sheets = read_workbook(path)
    tables, notes = _ledger_tables(path, sheets, sheet, mapping or {})
    ledgers = [read_lines(table) for table in tables]
    units, people, squads = (_side_lines(path, sheets, title) for title in SIDE_SHEETS)
    read = [lines for lines in (units, people, squads) if lines]
    return LedgerFile(
        name=path.name,
        headers={table.sheet.name: table.header.by_field for table in tables},
        rows=tuple(row for lines in ledgers for row in ledger_rows(lines, note_empty=note_empty)),
        row_count=sum(len(lines.numbers) for lines in ledgers),
        units=tuple(unit_row(*line) for line in units.rows()) if units else (),
        people=tuple(person_row(*line) for line in people.rows()) if people else (),
        squads=tuple(values["name"] for _number, values in squads.rows()) if squads else (),
        problems=(*(problem for lines in (*read, *ledgers) for problem in lines.problems), *notes),
        unread=() if sheet else sheets_with_data(sheets, {*SIDE_SHEETS, *(table.sheet.name for table in tables)}),
        headings={lines.table.sheet.name: lines.table.heading for lines in (*read, *ledgers)},
        days=tuple(_days(path, sheets, ledgers)),
    )


def _days(path: Path, sheets: Workbook, ledgers: Sequence[Lines]) -> Iterator[FileDay]:
    """The days as of which the file may speak, what is most reliable first."""
    yield from most_reliable_first([_days_on_sheet(lines) for lines in ledgers])
    names = [lines.table.sheet.name for lines in ledgers if lines.table.sheet.name != path.stem]
    yield from most_reliable_first([day_in_name(name, _("the name of the sheet")) for name in names])
    yield from day_in_name(path.stem, _("its name"))
    yield from day_saved(sheets.saved_on)


def _days_on_sheet(lines: Lines) -> list[FileDay]:
    """What the titles above the table say, and the remarks below it."""
    sheet, top = lines.table.sheet, lines.table.header.row_index
    remarks = [problem.row for problem in lines.problems if problem.effect is Effect.NOTE and not problem.column]
    places = [*range(top), *(bisect_left(sheet.numbers, number) for number in dict.fromkeys(remarks))]
    return days_in_rows(sheet.name, [sheet.numbers[place] for place in places], [sheet.rows[place] for place in places])


def _ledger_tables(
    path: Path, sheets: Sheets, wanted: str, mapping: Mapping[str, str]
) -> tuple[list[LedgerSheet], list[Problem]]:
    columns = _mapped_columns(mapping)
    names = _named_sheets(path, sheets, wanted)
    tables = [table for name in names if (table := find_table(sheets[name], LEDGER, columns))]
    if not wanted:
        tables = _of_one_form([table for table in tables if not is_for_reading(table.titles)])
    if not tables:
        reason = _(
            "%(file)s: none of the first %(rows)s rows of %(sheets)s names the columns of a ledger "
            "(%(wanted)s …). Check the header, or name the columns by `mapping`."
        )
        where = {"file": path.name, "rows": TITLE_ROWS, "sheets": listed(names)}
        raise NoHeader(reason % (where | {"wanted": _required(LEDGER)}))
    for table in tables:
        _check_columns(path, table, mapping)
    read = [table.sheet.name for table in tables]
    return tables, [*_absent_columns(tables), *notes_on_ledgers(sheets, {*read, *SIDE_SHEETS})]


def _absent_columns(tables: Sequence[LedgerSheet]) -> Iterator[Problem]:
    reason = _(
        "No column gives %(absent)s: projects that are new to the ledger will be left out. "
        "If one of these columns gives it, say so by `mapping`: %(there)s."
    )
    for table in tables:
        if absent := [column.headers[0] for column in table.header.missing(LEDGER)]:
            pairs = zip(table.header.texts, table.header.columns, strict=True)
            unknown = [text for text, column in pairs if text and column is None and not is_ignored(text)]
            note = reason % {"absent": ", ".join(absent), "there": listed(unknown) or "—"}
            yield Problem(table.sheet.name, table.sheet.numbers[table.header.row_index], "", "", note, Effect.NOTE)


def _of_one_form(tables: Sequence[LedgerSheet]) -> list[LedgerSheet]:
    """The best table, those with its columns, and complete ones that repeat no project of them."""
    best = max(tables, key=lambda table: len(table.header.by_field), default=None)
    if best is None or nameless(best):
        return [best] if best else []
    same_columns = [table for table in tables if table.header.by_field.keys() == best.header.by_field.keys()]
    read = {table.sheet.name for table in same_columns}
    others = [table for table in tables if table.sheet.name not in read and not table.header.missing(LEDGER)]
    seen = {name for table in same_columns for name in _projects(table)} if others else set()
    for table in others:
        if seen.isdisjoint(names := _projects(table)):
            read.add(table.sheet.name)
            seen |= names
    return [table for table in tables if table.sheet.name in read]


def _projects(table: LedgerSheet) -> set[str]:
    fields = [column.field if column else "" for column in table.header.columns]
    if "name" not in fields:
        return set()
    index = fields.index("name")
    return {clean_name(row[index]) for row in table.body().rows} - {""}


def _named_sheets(path: Path, sheets: Sheets, wanted: str) -> list[str]:
    if not wanted:
        return [title for title, sheet in sheets.items() if title not in SIDE_SHEETS and not sheet.is_hidden]
    names = [wanted] if wanted in sheets else split_names(wanted)
    absent = [name for name in names if name not in sheets]
    if absent:
        reason = _("%(file)s has no sheet “%(sheet)s”; it has: %(sheets)s.")
        raise NoSuchSheet(reason % {"file": path.name, "sheet": listed(absent), "sheets": listed(sheets)})
    return names


def _mapped_columns(mapping: Mapping[str, str]) -> dict[str, Column | None]:
    fields: dict[str, Column | None] = {column.field: column for column in LEDGER} | {EXTRA: None}
    for header, field in mapping.items():
        if field not in fields:
            reason = _("`mapping` gives “%(header)s” the unknown field “%(field)s”. Fields are: %(fields)s.")
            shown = {"header": header[:LONGEST_HEADER], "field": field[:LONGEST_HEADER]}
            raise UnknownField(reason % (shown | {"fields": ", ".join(fields)}))
    return {bare(header): fields[field] for header, field in mapping.items()}


def _check_columns(path: Path, table: LedgerSheet, mapping: Mapping[str, str]) -> None:
    known = {bare(text) for text in table.header.texts}
    absent = [header for header in mapping if bare(header) not in known]
    absent += [" / ".join(column.headers[:2]) for column in nameless(table)]
    if absent:
        reason = _(
            "%(file)s, sheet “%(sheet)s”, header in row %(row)s: missing are %(absent)s; "
            "there are %(there)s. Add the columns, or name them by `mapping`."
        )
        row = table.sheet.numbers[table.header.row_index]
        shown = "; ".join(header[:LONGEST_HEADER] for header in absent[:MAX_LISTED])
        words = {"file": path.name, "sheet": table.sheet.name, "row": row, "absent": shown}
        raise MissingColumns(reason % (words | {"there": listed(filter(None, table.header.texts))}))


def _side_lines(path: Path, sheets: Sheets, title: str) -> Lines | None:
    """The lines of the sheet of units, people or squads; None without such a sheet."""
    columns = SIDE_SHEETS[title]
    if title not in sheets or not sheets[title].rows:
        return None
    table = find_table(sheets[title], columns, {})
    if table is None or table.header.missing(columns):
        reason = _("%(file)s, sheet “%(sheet)s”: its header must name these columns: %(wanted)s.")
        raise MissingColumns(reason % {"file": path.name, "sheet": title, "wanted": _required(columns)})
    lines = read_lines(table)
    lines.problems += _empty_cells(columns, table, lines)
    return lines


def _required(columns: Iterable[Column]) -> str:
    return ", ".join(column.headers[0] for column in columns if column.is_required)


def _empty_cells(columns: Sequence[Column], table: LedgerSheet, lines: Lines) -> list[Problem]:
    reason = _("This cell must not be empty.")
    return [
        Problem(table.sheet.name, number, table.header.by_field[name], "", reason, Effect.ROW_LEFT_OUT)
        for name in (column.field for column in columns if column.is_required)
        for number, cell in zip(lines.numbers, lines.cells.get(name, ()), strict=True)
        if plain(cell) == ""
    ]
