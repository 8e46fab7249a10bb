"""The columns of the official ledger, in the order people read them; an import knows them."""

import re
from collections.abc import Iterable, Mapping

from models.i18n import current_locale
from models.i18n import gettext as _
from models.office_files.columns import LANDED_ON, LEDGER, OVERDUE_ITEMS, RUNNING_NUMBER, TRAFFIC_LIGHT
from models.office_files.columns import Column as LedgerColumn
from models.office_files.names import clean_name
from models.office_files.rows import CAPITAL_FIELDS, MILESTONE_FIELDS
from tasks.documents.table import Cell, Cells, Column, Kind

NUMBER, LIGHT, OVERDUE, LANDED = "no", "light", "overdue", "landed_on"
COMPUTED = {NUMBER: RUNNING_NUMBER, LIGHT: TRAFFIC_LIGHT, OVERDUE: OVERDUE_ITEMS, LANDED: LANDED_ON}
# These come first and fit a sheet of A3; the others, to their right, are for screen and import.
PRINTED = (
    *(NUMBER, "code", "name", "units", "sector", "investor", "amount", "signed_on", "officer", "leader", "claim"),
    *(LIGHT, OVERDUE, "progress", "problem", "category", "solution", "recipient", "due_on", "visit_due_on"),
)
OTHERS = ("registered_in", "squad", "is_sme", "origin_activity", LANDED, "exit_reason", "ended_on")
ORDER = (*PRINTED, *OTHERS, *MILESTONE_FIELDS, *CAPITAL_FIELDS, "evidence")
OF_ONE_UNIT = (  # fits a sheet of A4
    *(NUMBER, "code", "name", "sector", "investor", "amount", "signed_on", "officer", "leader", "claim"),
    *(LIGHT, OVERDUE, "progress", "problem", "visit_due_on"),
)
KINDS = {NUMBER: Kind.NUMBER, "amount": Kind.FIGURE, "claim": Kind.SHORT, "is_sme": Kind.SHORT}
DAY_WIDTH, OTHER_WIDTH = 11.5, 16  # characters of Excel
WIDTHS = {
    NUMBER: 5,
    "code": 13,
    "name": 22,
    "units": 12,
    "sector": 12,
    "investor": 20,
    "registered_in": 14,
    "amount": 14.5,
    "claim": 11,
    LIGHT: 9,
    OVERDUE: 26,
    "progress": 30,
    "problem": 30,
    "category": 11,
    "solution": 26,
    "recipient": 14,
    "is_sme": 7,
    "origin_activity": 18,
    "squad": 14,
    "exit_reason": 20,
}
OWN = "own "  # before an office's own column, which may be called like a field
REPEATED = re.compile(r"(.+) (\d+)")  # how an import names a column whose header stood there before


def columns_of(fields: Iterable[str]) -> list[Column[Cells]]:
    """The columns of fields, in the locale's language."""
    known = {column.field: column for column in LEDGER}
    return [_column(field, _(COMPUTED[field]) if field in COMPUTED else header(known[field])) for field in fields]


def register_columns(columns: Iterable[LedgerColumn]) -> list[Column[Cells]]:
    """The columns of a register, numbered."""
    return [*columns_of([NUMBER]), *(_column(column.field, header(column)) for column in columns)]


def _column(field: str, head: str) -> Column[Cells]:
    part = field.rpartition(".")[2]  # capital has amounts, too
    width = DAY_WIDTH if part.endswith("_on") else WIDTHS.get(part, OTHER_WIDTH)
    return Column(field, head, width, KINDS.get(part, Kind.TEXT), is_computed=field in COMPUTED)


def header(column: LedgerColumn) -> str:
    """How the official ledger calls a column; an import knows it by that."""
    is_english = current_locale() == "en"
    name = next((name for name in column.headers if name.isascii()), column.field) if is_english else column.headers[0]
    is_amount = column.field.rpartition(".")[2] == "amount"
    return _("%(amount)s (ten thousand yuan)") % {"amount": name} if is_amount else name


def own_columns(names: Iterable[str]) -> list[Column[Cells]]:
    """The offices' own columns, headed so that an import finds each under its name again.

    An import numbers a header that occurs twice (备注 2), but does not read such a name from a
    header: the columns before it must be there too, even empty ones.
    """
    wanted = dict.fromkeys(names)
    last: dict[str, int] = {}
    for name in wanted:
        if clean_name(name) != name and (repeated := REPEATED.fullmatch(name)):
            last[repeated[1]] = max(last.get(repeated[1], 0), int(repeated[2]))
    numbered = {name: [name, *(f"{name} {number}" for number in range(2, end + 1))] for name, end in last.items()}
    repeats = {repeat for group in numbered.values() for repeat in group}
    heads = [(name, name) for name in wanted if name not in repeats]
    heads += [(repeat, name) for name, group in numbered.items() for repeat in group]
    return [Column(OWN + name, head, OTHER_WIDTH, Kind.OWN) for name, head in heads]


def own_cells(extra: Mapping[str, Cell]) -> Cells:
    """The cells of a project's own columns."""
    return {OWN + name: value for name, value in extra.items()}
