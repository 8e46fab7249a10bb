"""A project of the ledger, or a new one, with the rows of a file about it."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from models.i18n import clauses, enumerated
from models.i18n import gettext as _
from models.office_files.rows import LedgerRow, Placed, merged


def row_words() -> str:
    return _("row %(rows)s")


@dataclass
class Former:
    """What a project was called before, whose it was, who invested in it, when it was signed."""

    codes: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    units: set[int] = field(default_factory=set)
    investors: set[str] = field(default_factory=set)
    days: set[str] = field(default_factory=set)

    def add(self, column: str, value: str) -> None:
        """Add the former value of one of the project's columns, an investor by name."""
        if column == "unit_id":
            self.units.add(int(value))
        else:
            texts = {"code": self.codes, "name": self.names, "investor_id": self.investors, "signed_on": self.days}
            texts[column].add(value or "")


@dataclass(eq=False)
class MatchedProject:
    """A project the ledger knows, or a new one, with the rows of the file about it."""

    code: str
    name: str
    unit_id: int | None
    investor: str
    signed_on: date | None = None
    ledger_id: int | None = None  # None: the ledger does not have it
    rows: list[Placed] = field(default_factory=list)  # in the file's order
    former_code: str = ""  # the code that the file's replaces
    former: Former | None = None
    project_id: int = 0  # the `ledger_id`, or the id that a new project gets; 0 until it is staged

    @property
    def is_new(self) -> bool:
        return self.ledger_id is None

    @cached_property
    def row(self) -> LedgerRow:
        """Its rows merged; cached, so read it when they are complete."""
        whole = self.rows[0][0]
        for row, _units in self.rows[1:]:
            whole = merged(whole, row)
        return whole

    @cached_property
    def units(self) -> list[int]:
        """The units of its last row that names any; cached, too."""
        return next((units for _row, units in reversed(self.rows) if units), [])

    def is_called(self, name: str) -> bool:
        """Whether it has that name, or gets it from this file."""
        return name == self.name or any(name == row.name for row, _units in self.rows)

    def was_called(self, name: str) -> bool:
        return bool(self.former and name in self.former.names)

    def had_code(self, code: str) -> bool:
        return bool(self.former and code in self.former.codes)

    def may_be_signed_on(self, day: date | None) -> bool:
        """Whether a day is that of its signing, or was, or one of the two is unknown."""
        is_now = day is None or self.signed_on in (None, day)
        return is_now or bool(self.former and str(day) in self.former.days)

    def is_another(self, row: LedgerRow, unit_id: int | None) -> bool:
        """Whether unit or investor of a row differ from all it has and had."""
        former = self.former or Former()
        units, investors = {self.unit_id, *former.units}, {self.investor, *former.investors}
        is_elsewhere = unit_id is not None and self.unit_id is not None and unit_id not in units
        return is_elsewhere or bool(row.investor and self.investor and row.investor not in investors)

    def places(self, words: str = "") -> str:
        """Sheets and rows, as history shows them; give the `row_words` if it is called often."""
        words = words or row_words()
        if len(self.rows) == 1:  # as most have
            ((row, _units),) = self.rows
            return f"{row.sheet} · {words % {'rows': row.number}}"
        sheets: dict[str, list[str]] = {}
        for row, _units in self.rows:
            sheets.setdefault(row.sheet, []).append(str(row.number))
        return clauses(f"{sheet} · {words % {'rows': enumerated(rows)}}" for sheet, rows in sheets.items())
