"""What a person says of columns that Luodi does not know, or does not know well enough.

A mapping gives by header a field, and of amounts the unit if it is not in the header:
`{"投资额": "amount 万元"}`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from openpyxl.utils import get_column_letter

from models.i18n import enumerated
from models.i18n import gettext as _
from models.office_files.amounts.amounts import AmountUnit, amount_unit_of
from models.office_files.columns import EXTRA, LEDGER, LONGEST_HEADER, Column, bare, is_ignored, official_name
from models.office_files.rows import UsedColumn
from models.office_files.sheets.find_table import TITLE_ROWS
from models.office_files.sheets.header import Headers, Mapped, header_text
from models.office_files.sheets.named_units import UNITS, unit_word
from models.office_files.sheets.sheet import Sheet
from models.office_files.sheets.table import LedgerSheet

FIELDS = {column.field: column for column in LEDGER}


class GivenMapping(NamedTuple):
    """What a person said of a header: with which file, and on which day."""

    mapping: Mapping[str, str]
    file: str
    set_on: str


class WrongMapping(ValueError):
    """The mapping of columns names a field or a unit that there is not; its text says which."""


def columns_of(mapping: Mapping[str, str]) -> Mapped:
    """The columns of a mapping, by header as written and by bare header.

    Raises:
        WrongMapping: if there is no such field or unit.
    """
    columns = {header_text(header): _column(header, value) for header, value in mapping.items()}
    by_bare: dict[str, Column | None] = {}
    for header, column in columns.items():
        by_bare.setdefault(bare(header), column)
    return by_bare | columns


def _column(header: str, value: str) -> Column | None:
    field, _space, unit = value.strip().partition(" ")
    if field not in FIELDS and field != EXTRA:
        reason = _("`mapping` gives “%(header)s” the unknown field “%(field)s”. Fields are: %(fields)s.")
        shown = {"header": header[:LONGEST_HEADER], "field": field[:LONGEST_HEADER]}
        raise WrongMapping(reason % (shown | {"fields": enumerated([*FIELDS, EXTRA])}))
    if not unit.strip():
        return FIELDS.get(field)
    size = amount_unit_of(unit[:LONGEST_HEADER])
    if field == EXTRA or not FIELDS[field].has_unit or size.size is None:
        reason = _("`mapping` gives “%(header)s” the unit “%(unit)s”. Amounts may have the units %(units)s.")
        shown = {"header": header[:LONGEST_HEADER], "unit": unit[:LONGEST_HEADER]}
        raise WrongMapping(reason % (shown | {"units": enumerated(UNITS)}))
    return replace(FIELDS[field], unit=size, given_for=header_text(header))


def field_label(field: str) -> str:
    """How people call a field; of one that is only kept, what that means."""
    if field in FIELDS:
        return official_name(FIELDS[field])
    return _("only kept") if field == EXTRA else _("not read")


def mapping_of(table: LedgerSheet, mapping: Mapping[str, str]) -> dict[str, str]:
    """The part of a mapping that is about a table, by its headers as they stand there."""
    values = {header_text(header): value for header, value in mapping.items()}
    values = {bare(header): value for header, value in reversed(values.items())} | values
    texts = [text for text in table.header.texts if text and len(text) <= LONGEST_HEADER]
    return {text: values[key] for text in texts for key in [text if text in values else bare(text)] if key in values}


def used_columns(
    tables: Iterable[tuple[LedgerSheet, AmountUnit]], mapping: Mapping[str, str]
) -> tuple[UsedColumn, ...]:
    """What each column was taken for, sheets with the same header as one.

    With each table comes the unit of amounts whose header names none.
    """
    known = Headers(LEDGER, columns_of(mapping))
    sheets: dict[tuple[UsedColumn, ...], list[str]] = {}
    for table, unit in tables:
        columns = tuple(_columns(table, unit, known))
        sheets.setdefault(columns, []).append(table.sheet.name)
    return tuple(
        column._replace(sheets=enumerated(names)[:LONGEST_HEADER])
        for columns, names in sheets.items()
        for column in columns
    )


def likely_columns(sheets: Iterable[Sheet]) -> tuple[UsedColumn, ...]:
    """The columns of the row that is most likely a header on a sheet where none was found."""
    columns: list[UsedColumn] = []
    for sheet in sheets:
        rows = [[header_text(cell) if isinstance(cell, str) else "" for cell in row] for row in sheet.rows[:TITLE_ROWS]]
        row = max(rows, key=lambda texts: sum(map(bool, texts)), default=[])
        remark = _("not known: kept as it is")
        columns += (
            UsedColumn(sheet.name, get_column_letter(number), text, EXTRA, "", EXTRA, remark)
            for number, text in enumerate(row, 1)
            if text
        )
    return tuple(columns)


def _columns(table: LedgerSheet, unit: AmountUnit, known: Headers) -> Iterator[UsedColumn]:
    letters = {
        column.field: (get_column_letter(number), text)
        for number, (text, column) in enumerate(zip(table.header.texts, table.header.columns, strict=True), 1)
        if column
    }
    for number, (text, column) in enumerate(zip(table.header.texts, table.header.columns, strict=True), 1):
        if not text:
            continue
        word = unit_word(table.unit_of_column(number - 1, unit)) if column and column.has_unit else ""
        other = None if column or known.is_mapped(text) else known.column(text)
        if column and table.header.is_remembered:
            remark = _("as you said of an earlier file")
        elif column:
            remark = _("as was chosen for it") if known.is_mapped(text) else ""
        elif is_ignored(text):
            remark = _("nothing is taken from it")
        elif other and other.field in letters:
            letter, head = letters[other.field]
            remark = _("kept beside: “%(header)s” in column %(column)s is this field already")
            remark %= {"header": head[:LONGEST_HEADER], "column": letter}
        else:
            remark = _("not known: kept as it is")
        field = column.field if column else "" if is_ignored(text) else EXTRA
        own = unit_word(column.unit) if column and column.unit else ""
        value = f"{field} {own}".strip()
        yield UsedColumn("", get_column_letter(number), text, field, word, value, remark)
