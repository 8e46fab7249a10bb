"""The columns of the official ledger: those an import knows, in the order people read them, and what goes with each."""

import re
from collections.abc import Iterable

from models.i18n import current_locale
from models.i18n import gettext as _
from models.office_files.columns import LEDGER, Column
from models.office_files.names import clean_name
from models.office_files.rows import CAPITAL_FIELDS, MILESTONE_FIELDS
from tasks.documents.excel import AUTOMATIC, LANDED, LIGHT, NUMBER, OVERDUE, Head

PRINTED = (
    *(NUMBER, "code", "name", "units", "sector", "investor", "amount", "signed_on", "officer", "leader", "claim"),
    *(LIGHT, OVERDUE, "progress", "problem", "category", "solution", "recipient", "due_on", "visit_due_on"),
)
"""These come first and fit a sheet of A3; the others stand to their right, for the screen and for an import."""
OTHERS = ("registered_in", "squad", "is_sme", "origin_activity", LANDED, "exit_reason", "ended_on")
ORDER = (*PRINTED, *OTHERS, *MILESTONE_FIELDS, *CAPITAL_FIELDS, "evidence")
OF_ONE_UNIT = (
    *(NUMBER, "code", "name", "sector", "investor", "amount", "signed_on", "officer", "leader", "claim"),
    *(LIGHT, OVERDUE, "progress", "problem", "visit_due_on"),
)
"""What a sheet of one unit shows; it fits a sheet of A4."""
REPEATED = re.compile(r"(.+) (\d+)")
"""How an import names a column that is only kept and whose header stood there before."""


def heads(fields: Iterable[str]) -> list[Head]:
    """The headers of fields, in the locale's language."""
    columns = {column.field: column for column in LEDGER}
    return [Head(field, _(AUTOMATIC[field]) if field in AUTOMATIC else header(columns[field])) for field in fields]


def header(column: Column) -> str:
    """How the official ledger calls a column; an import knows it by that."""
    is_english = current_locale() == "en"
    name = next((name for name in column.headers if name.isascii()), column.field) if is_english else column.headers[0]
    is_amount = column.field.rpartition(".")[2] == "amount"
    return _("%(amount)s (ten thousand yuan)") % {"amount": name} if is_amount else name


def extra_heads(names: Iterable[str]) -> list[Head]:
    """The offices' own columns, headed so that an import finds each under its name again.

    An import gives a header that is there twice a number (备注 2), but reads no such name from a header: the
    columns before it must be there too, even without a cell in them.
    """
    wanted = dict.fromkeys(names)
    last: dict[str, int] = {}
    for name in wanted:
        if clean_name(name) != name and (found := REPEATED.fullmatch(name)):
            last[found[1]] = max(last.get(found[1], 0), int(found[2]))
    numbered = {name: [name, *(f"{name} {number}" for number in range(2, end + 1))] for name, end in last.items()}
    repeats = {each for group in numbered.values() for each in group}
    plain = [Head(name, name, is_extra=True) for name in wanted if name not in repeats]
    return plain + [Head(each, name, is_extra=True) for name, group in numbered.items() for each in group]
