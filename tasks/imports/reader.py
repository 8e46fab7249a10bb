"""Reads a ledger workbook into typed rows, with a problem for each cell it cannot take."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from models.i18n import clauses, enumerated
from models.i18n import gettext as _
from models.office_files.amounts.amounts import UNKNOWN_UNIT
from models.office_files.cells import plain
from models.office_files.columns import LEDGER, LONGEST_HEADER, SIDE_SHEETS, Column, bare, is_ignored
from models.office_files.days.file_day import FileDay, day_in_name, day_saved, days_in_rows, most_reliable_first
from models.office_files.names.names import clean_name, split_names, unit_of_sheet
from models.office_files.reading import Lines, ledger_rows, person_row, read_lines, unit_row
from models.office_files.rows import Effect, Heading, LedgerFile, MappedHeader, Problem
from models.office_files.sheets.header import TITLE_ROWS, Headers, LedgerSheet, Mapped, find_table, nameless
from models.office_files.sheets.mapping import (
    GivenMapping,
    WrongMapping,
    columns_of,
    likely_columns,
    mapping_of,
    used_columns,
)
from models.office_files.sheets.sheet import Sheet
from models.office_files.sheets.tables import FIGURE, column_beside, find_tables
from tasks.documents.text import MAX_LISTED, listed
from tasks.imports.errors import MissingColumns, NoHeader, NoSuchSheet, UnknownField
from tasks.imports.garbage import rare_searches_for_cycles
from tasks.imports.other_sheets import is_for_reading, notes_on_ledgers, sheets_with_data
from tasks.imports.workbook.read import Workbook, read_workbook

COUNTED = re.compile(r"(?:签约|落地|开工|合同|项目)*(?:个数|项目数|数量)")  # a column of a summary
Sheets = Mapping[str, Sheet]


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
    tables, notes = _ledger_tables(path, sheets, sheet, known, mapping or {}, names, is_optional=bool(read))
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


def _ledger_tables(
    path: Path,
    sheets: Sheets,
    wanted: str,
    known: Headers,
    mapping: Mapping[str, str],
    units: Collection[str],
    *,
    is_optional: bool,
) -> tuple[list[LedgerSheet], list[Problem]]:
    """The ledger's tables; none if that `is_optional` and no other sheet holds data."""
    names = _named_sheets(path, sheets, wanted)
    groups = [tables for name in names if (tables := _tables(sheets[name], known, units))]
    if not wanted:
        groups = _of_one_form([tables for tables in groups if not is_for_reading(tables[0].titles)])
    if not groups and is_optional and not wanted and not sheets_with_data(sheets, SIDE_SHEETS):
        return [], []
    if not groups:
        reason = _(
            "%(file)s: none of the first %(rows)s rows of %(sheets)s names the columns of a ledger "
            "(%(wanted)s …). Check the header, or name the columns by `mapping`."
        )
        where = {"file": path.name, "rows": TITLE_ROWS, "sheets": listed(names)}
        refusal = NoHeader(reason % (where | {"wanted": _required(LEDGER)}))
        refusal.columns = likely_columns([sheets[name] for name in names])
        raise refusal
    every = [table for tables in groups for table in tables]
    try:
        _check_mapping(path, every, mapping)
        for tables in groups:
            _check_columns(path, tables[0])
    except MissingColumns as refusal:
        refusal.columns = used_columns([(table, UNKNOWN_UNIT) for table in every], mapping)
        raise
    read = [table for table in every if not nameless(table)]
    notes = [*_lower_tables(groups), *_tables_beside(read), *_absent_columns(read)]
    return every, [*notes, *notes_on_ledgers(sheets, {*SIDE_SHEETS, *(tables[0].sheet.name for tables in groups)})]


def _tables(sheet: Sheet, known: Headers, units: Collection[str]) -> list[LedgerSheet]:
    """The tables of a sheet that have rows, the first one that names projects before all others."""
    unit = unit_of_sheet(sheet.name, units)
    tables = [replace(table, unit_name=unit) for table in find_tables(sheet, LEDGER, known)]
    filled = [table for table in tables if table.body().rows] if len(tables) > 1 else tables
    return sorted(filled or tables[:1], key=lambda table: bool(nameless(table)))


def _lower_tables(groups: Iterable[Sequence[LedgerSheet]]) -> Iterator[Problem]:
    """What is said of the sheets that hold several tables."""
    apart = _("Another table begins here: it was read by its own header and unit.")
    absent = _(
        "Another table begins here; its header names no %(absent)s, so none of its rows were read. If they are "
        "projects, name the columns in its header or by `mapping`; there are %(there)s."
    )
    for table in (table for _first, *others in groups for table in others):
        words = {
            "absent": " / ".join(column.headers[0] for column in nameless(table)),
            "there": listed(filter(None, table.header.texts)),
        }
        effect = Effect.TABLE_LEFT_OUT if nameless(table) and _may_be_projects(table) else Effect.NOTE
        reason = absent % words if nameless(table) else apart
        yield Problem(table.sheet.name, table.heading.row, "", " · ".join(table.titles), reason, effect)


def _tables_beside(tables: Iterable[LedgerSheet]) -> Iterator[Problem]:
    reason = _(
        "A second table stands beside the first one: its rows were not read. Move it below, or to its own sheet."
    )
    for table in tables:
        if (index := column_beside(table.header)) is not None:
            place = Problem(table.sheet.name, table.heading.row, table.header.texts[index], "", reason)
            yield replace(place, effect=Effect.TABLE_LEFT_OUT, column_number=index + 1)


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


def _may_be_projects(table: LedgerSheet) -> bool:
    """Whether a table has texts in a column that names projects, or may do so.

    In a summary by county all columns that Luodi does not know are figures, or it counts projects.
    """
    if any(map(COUNTED.fullmatch, map(bare, table.header.texts))):
        return False
    columns = enumerate(table.header.columns)
    unknown = [index for index, column in columns if column is None or column.field == "name"]
    cells = (row[index] for row in table.body().rows for index in unknown if not is_ignored(table.header.texts[index]))
    return any(isinstance(cell, str) and cell != "" and not FIGURE.fullmatch(cell) for cell in cells)


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


def _absent_columns(tables: Sequence[LedgerSheet]) -> Iterator[Problem]:
    reason = _(
        "No column gives %(absent)s: projects that are new to the ledger will be left out. "
        "If one of these columns gives it, say so by `mapping`: %(there)s."
    )
    for table in tables:
        if absent := [column.headers[0] for column in _missing(table)]:
            pairs = zip(table.header.texts, table.header.columns, strict=True)
            unknown = [text for text, column in pairs if text and column is None and not is_ignored(text)]
            note = reason % {"absent": enumerated(absent), "there": listed(unknown) or "—"}
            yield Problem(table.sheet.name, table.sheet.numbers[table.header.row_index], "", "", note, Effect.NOTE)


def _missing(table: LedgerSheet) -> list[Column]:
    """The required columns that a table lacks; a sheet called after a unit says it by its name."""
    return [column for column in table.header.missing(LEDGER) if column.field != "units" or not table.unit_name]


def _of_one_form(groups: Sequence[list[LedgerSheet]]) -> list[list[LedgerSheet]]:
    """The sheet with the best table, those with its columns, and complete ones that repeat no
    project of them.
    """
    tables = [tables[0] for tables in groups]
    best = max(tables, key=lambda table: len(table.header.by_field), default=None)
    if best is None or nameless(best):
        return [tables for tables in groups if tables[0] is best]
    same_columns = [table for table in tables if table.header.by_field.keys() == best.header.by_field.keys()]
    read = {table.sheet.name for table in same_columns}
    others = [table for table in tables if table.sheet.name not in read and not _missing(table)]
    seen = {name for table in same_columns for name in _projects(table)} if others else set()
    for table in others:
        if seen.isdisjoint(names := _projects(table)):
            read.add(table.sheet.name)
            seen |= names
    return [tables for tables in groups if tables[0].sheet.name in read]


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


def _headers(mapping: Mapping[str, str], remembered: Mapping[str, GivenMapping]) -> Headers:
    known: dict[str, Mapped] = {}
    for digest, former in remembered.items():
        with suppress(WrongMapping):  # of a field that Luodi once had
            known[digest] = columns_of(former.mapping)
    try:
        return Headers(LEDGER, columns_of(mapping), known)
    except WrongMapping as problem:
        raise UnknownField(str(problem)) from None


def _check_mapping(path: Path, tables: Sequence[LedgerSheet], mapping: Mapping[str, str]) -> None:
    """Each header of the mapping must be one of these tables'."""
    there = {bare(text) for table in tables for text in table.header.texts}
    if absent := [header for header in mapping if bare(header) not in there]:
        _refuse(path, tables[0], absent)


def _check_columns(path: Path, table: LedgerSheet) -> None:
    if absent := [" / ".join(column.headers[:2]) for column in nameless(table)]:
        _refuse(path, table, absent)


def _refuse(path: Path, table: LedgerSheet, absent: Sequence[str]) -> NoReturn:
    reason = _(
        "%(file)s, sheet “%(sheet)s”, header in row %(row)s: missing are %(absent)s; "
        "there are %(there)s. Add the columns, or name them by `mapping`."
    )
    row = table.sheet.numbers[table.header.row_index]
    shown = clauses(header[:LONGEST_HEADER] for header in absent[:MAX_LISTED])
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
    return enumerated(column.headers[0] for column in columns if column.is_required)


def _empty_cells(columns: Sequence[Column], table: LedgerSheet, lines: Lines) -> list[Problem]:
    reason = _("This cell must not be empty.")
    return [
        Problem(table.sheet.name, number, table.header.by_field[name], "", reason, Effect.ROW_LEFT_OUT)
        for name in (column.field for column in columns if column.is_required)
        for number, cell in zip(lines.numbers, lines.cells.get(name, ()), strict=True)
        if plain(cell) == ""
    ]
