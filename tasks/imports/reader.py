"""Reads a ledger workbook into typed rows, with a problem for each cell it cannot take."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from models.i18n import gettext as _
from models.office_files.cells import plain
from models.office_files.cells_read import Lines, read_lines
from models.office_files.columns import LEDGER, LONGEST_HEADER, SIDE_SHEETS, Column
from models.office_files.days.file_day import FileDay, day_in_name, day_saved, days_in_rows, most_reliable_first
from models.office_files.row_building import ledger_rows, person_row, unit_row
from models.office_files.rows import Effect, Heading, LedgerFile, MappedHeader, Problem
from models.office_files.sheets.find_table import find_table
from models.office_files.sheets.header import Headers, Mapped
from models.office_files.sheets.mapping import (
    GivenMapping,
    WrongMapping,
    columns_of,
    mapping_of,
    used_columns,
)
from models.office_files.sheets.table import LedgerSheet, nameless
from tasks.documents.text import listed
from tasks.imports.errors import MissingColumns, UnknownField
from tasks.imports.garbage import rare_searches_for_cycles
from tasks.imports.ledger_tables import Sheets, ledger_tables, required_columns
from tasks.imports.other_sheets import sheets_with_data
from tasks.imports.workbook.read import Workbook, read_workbook


@rare_searches_for_cycles()
def read_ledger(
    path: Path,
    sheet: str = "",
    mapping: Mapping[str, str] | None = None,
    *,
    note_empty: bool = False,
    remembered: Mapping[str, GivenMapping] | None = None,
    units: Collection[str] = (),
) -> LedgerFile:
    """A workbook's rows, typed, with a `Problem` for each cell that cannot be taken.

    `sheet` names one or several; empty: the one whose header fits best, and those like it.
    `mapping` gives fields by headers Luodi does not know; `remembered` holds those of earlier files
    by the digest of their header. With `note_empty` rows list empty cells. `units` are those of the
    ledger: a sheet called after one gives it to rows that name none.

    Raises:
        LedgerFileError: if the whole file is unreadable; its subclasses say why.
    """
    sheets = read_workbook(path)
    known = _headers(mapping or {}, remembered or {})
    unit_lines, people, squads = (_side_lines(path, sheets, title) for title in SIDE_SHEETS)
    unit_rows = tuple(unit_row(*line) for line in unit_lines.rows()) if unit_lines else ()
    names = {*units, *(name for unit in unit_rows for name in (unit.name, *unit.aliases))}
    read = [lines for lines in (unit_lines, people, squads) if lines]
    tables, notes = ledger_tables(path, sheets, sheet, known, mapping or {}, names, is_optional=bool(read))
    named = [table for table in tables if not nameless(table)]
    headings = _by_sheet(named)
    ledgers = [read_lines(table) for table in named]
    rows = [
        (row, row.number in lines.left_out) for lines in ledgers for row in ledger_rows(lines, note_empty=note_empty)
    ]
    notes += [note for lines in ledgers for note in _unit_of_sheet(lines)]
    notes += _remembered_mappings(tables, remembered or {})
    units_by_table = [(lines.table, lines.unit) for lines in ledgers]
    units_by_table += [(table, table.unit(table.body())) for table in tables if nameless(table)]
    return LedgerFile(
        name=path.name,
        headers={name: of_sheet[0].by_field for name, of_sheet in headings.items()},
        rows=tuple(row for row, is_left_out in rows if not is_left_out),
        rejected=tuple(row for row, is_left_out in rows if is_left_out),
        row_count=sum(len(lines.numbers) for lines in ledgers),
        units=unit_rows,
        people=tuple(person_row(*line) for line in people.rows()) if people else (),
        squads=tuple(values["name"] for _number, values in squads.rows()) if squads else (),
        problems=(*(problem for lines in (*read, *ledgers) for problem in lines.problems), *notes),
        unread=() if sheet else sheets_with_data(sheets, {*SIDE_SHEETS, *(table.sheet.name for table in tables)}),
        headings={
            **{lines.table.sheet.name: lines.table.heading for lines in read},
            **{name: of_sheet[0] for name, of_sheet in headings.items()},
        },
        columns=used_columns(units_by_table, mapping or {}),
        mapped=tuple(_mapped_headers(named, mapping or {})),
        lower={name: of_sheet[1:] for name, of_sheet in headings.items() if len(of_sheet) > 1},
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


def _remembered_mappings(tables: Iterable[LedgerSheet], remembered: Mapping[str, GivenMapping]) -> Iterator[Problem]:
    reason = _(
        "This header was read by the mapping that came with %(file)s on %(day)s: %(mapping)s. It can be changed or "
        "forgotten at the desk."
    )
    for table in tables:
        if table.header.is_remembered:
            given = remembered[table.digest]
            pairs = (f"{header} → {field}" for header, field in given.mapping.items())
            words = {"file": given.file, "day": given.set_on, "mapping": listed(pairs)}
            yield Problem(table.sheet.name, table.heading.row, "", "", reason % words, Effect.NOTE)


def _unit_of_sheet(lines: Lines) -> Iterator[Problem]:
    """What is said of rows that belong to the unit which their sheet is called after."""
    table = lines.table
    count = sum(not text for text in lines.texts("units")) if table.unit_name else 0
    if count:
        reason = _("%(count)s rows name no responsible unit: they are taken for projects of %(unit)s, as the sheet is.")
        words = {"count": count, "unit": table.unit_name}
        yield Problem(table.sheet.name, table.heading.row, "", "", reason % words, Effect.NOTE)


def _mapped_headers(tables: Iterable[LedgerSheet], mapping: Mapping[str, str]) -> Iterator[MappedHeader]:
    for table in tables:
        if own := mapping_of(table, mapping):
            texts = tuple(text[:LONGEST_HEADER] for text in table.header.texts)
            yield MappedHeader(table.digest, texts, own)


def _by_sheet(tables: Iterable[LedgerSheet]) -> dict[str, list[Heading]]:
    """The headings of the tables of each sheet, from above."""
    headings: dict[str, list[Heading]] = {}
    for table in tables:
        headings.setdefault(table.sheet.name, []).append(table.heading)
    return headings


def _headers(mapping: Mapping[str, str], remembered: Mapping[str, GivenMapping]) -> Headers:
    known: dict[str, Mapped] = {}
    for digest, former in remembered.items():
        with suppress(WrongMapping):  # of a field that Luodi once had
            known[digest] = columns_of(former.mapping)
    try:
        return Headers(LEDGER, columns_of(mapping), known)
    except WrongMapping as problem:
        raise UnknownField(str(problem)) from None


def _side_lines(path: Path, sheets: Sheets, title: str) -> Lines | None:
    """The lines of the sheet of units, people or squads; None without such a sheet."""
    columns = SIDE_SHEETS[title]
    if title not in sheets or not sheets[title].rows:
        return None
    table = find_table(sheets[title], columns, {})
    if table is None or table.header.missing(columns):
        reason = _("%(file)s, sheet “%(sheet)s”: its header must name these columns: %(wanted)s.")
        raise MissingColumns(reason % {"file": path.name, "sheet": title, "wanted": required_columns(columns)})
    lines = read_lines(table)
    lines.problems += _empty_cells(columns, table, lines)
    return lines


def _empty_cells(columns: Sequence[Column], table: LedgerSheet, lines: Lines) -> list[Problem]:
    reason = _("This cell must not be empty.")
    return [
        Problem(table.sheet.name, number, table.header.by_field[name], "", reason, Effect.ROW_LEFT_OUT)
        for name in (column.field for column in columns if column.is_required)
        for number, cell in zip(lines.numbers, lines.cells.get(name, ()), strict=True)
        if plain(cell) == ""
    ]
