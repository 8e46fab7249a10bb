"""The columns of the official ledger, in the order people read them; an import knows them."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from models.i18n import gettext as _
from models.office_files.columns import (
    LANDED_ON,
    LEDGER,
    OVERDUE_ITEMS,
    PEOPLE,
    RUNNING_NUMBER,
    TRAFFIC_LIGHT,
    UNITS,
    official_name,
)
from models.office_files.columns import Column as LedgerColumn
from models.office_files.names.names import clean_name
from models.office_files.rows import CAPITAL_FIELDS, MILESTONE_FIELDS
from tasks.documents.table import Cells, Column, Kind

NUMBER, LIGHT, OVERDUE, LANDED = "no", "light", "overdue", "landed_on"
COMPUTED = {NUMBER: RUNNING_NUMBER, LIGHT: TRAFFIC_LIGHT, OVERDUE: OVERDUE_ITEMS, LANDED: LANDED_ON}
SHAPES = tomllib.loads(Path(__file__).with_name("columns.toml").read_text("utf-8"))
PRINTED, OF_ONE_UNIT = tuple(SHAPES["printed"]), tuple(SHAPES["of_one_unit"])
ORDER = (*PRINTED, *SHAPES["others"], *MILESTONE_FIELDS, *CAPITAL_FIELDS, "evidence")
KINDS = {NUMBER: Kind.NUMBER, "amount": Kind.FIGURE, "claim": Kind.SHORT, "is_sme": Kind.SHORT}
DAY_WIDTH, OTHER_WIDTH = 11.5, 16  # characters of Excel
PARTS = {column.field.rpartition(".")[2] for column in (*LEDGER, *UNITS, *PEOPLE)}  # capital has amounts, too
if unknown := SHAPES["widths"].keys() - PARTS - COMPUTED.keys():
    raise ValueError(f"columns.toml gives widths to unknown columns: {', '.join(sorted(unknown))}")
OWN = "own "  # before an office's own column, which may be called like a field
REPEATED = re.compile(r"(.+) (\d+)")  # how an import names a column whose header stood there before


def columns_of(fields: Iterable[str]) -> list[Column[Cells]]:
    known = {column.field: column for column in LEDGER}
    return [_column(field, _(COMPUTED[field]) if field in COMPUTED else header(known[field])) for field in fields]


def register_columns(columns: Iterable[LedgerColumn]) -> list[Column[Cells]]:
    return [*columns_of([NUMBER]), *(_column(column.field, header(column)) for column in columns)]


def _column(field: str, head: str) -> Column[Cells]:
    part = field.rpartition(".")[2]
    width = SHAPES["widths"].get(part, DAY_WIDTH if part.endswith("_on") else OTHER_WIDTH)
    return Column(field, head, width, KINDS.get(part, Kind.TEXT), is_computed=field in COMPUTED)


def header(column: LedgerColumn) -> str:
    """How the official ledger calls a column; an import knows it by that."""
    name = official_name(column)
    is_amount = column.field.rpartition(".")[2] == "amount"
    return _("%(amount)s (ten thousand yuan)") % {"amount": name} if is_amount else name


def own_columns(names: Iterable[str]) -> list[Column[Cells]]:
    """The offices' own columns, headed so that an import finds each under its name again.

    An import numbers repeated headers (备注 2) itself: the columns before must be there, too.
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
