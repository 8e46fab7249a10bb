"""Which tables of a workbook are the ledger, and what is to say of the others."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from models.i18n import clauses, enumerated
from models.i18n import gettext as _
from models.office_files.amounts.amounts import UNKNOWN_UNIT
from models.office_files.columns import LEDGER, LONGEST_HEADER, SIDE_SHEETS, Column, bare, is_ignored
from models.office_files.names.names import clean_name, split_names, unit_of_sheet
from models.office_files.rows import Effect, Problem
from models.office_files.sheets.find_table import TITLE_ROWS
from models.office_files.sheets.header import Headers
from models.office_files.sheets.mapping import (
    likely_columns,
    used_columns,
)
from models.office_files.sheets.sheet import Sheet
from models.office_files.sheets.table import LedgerSheet, nameless
from models.office_files.sheets.tables import FIGURE, column_beside, find_tables
from tasks.documents.text import MAX_LISTED, listed
from tasks.imports.errors import MissingColumns, NoHeader, NoSuchSheet
from tasks.imports.other_sheets import is_for_reading, notes_on_ledgers, sheets_with_data

COUNTED = re.compile(r"(?:签约|落地|开工|合同|项目)*(?:个数|项目数|数量)")  # a column of a summary
Sheets = Mapping[str, Sheet]


def ledger_tables(
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
        refusal = NoHeader(reason % (where | {"wanted": required_columns(LEDGER)}))
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
    seen = [(table, _projects(table)) for table in same_columns] if others else []
    for table in others:
        names = _projects(table)
        if all(names.isdisjoint(known) for other, known in seen if _may_be_of_one_unit(table, other)):
            read.add(table.sheet.name)
            seen.append((table, names))
    return [tables for tables in groups if tables[0].sheet.name in read]


def _may_be_of_one_unit(table: LedgerSheet, other: LedgerSheet) -> bool:
    return not table.unit_name or not other.unit_name or table.unit_name == other.unit_name


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


def required_columns(columns: Iterable[Column]) -> str:
    return enumerated(column.headers[0] for column in columns if column.is_required)
