"""A ledger file once it is read: typed rows, and what could not be taken."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple, TypeVar

from models.i18n import mark
from models.office_files.days.file_day import FileDay
from models.office_files.names.likeness import wording_key
from models.words import (
    BlockerCategory,
    CapitalKind,
    Clock,
    Currency,
    MilestoneKind,
    Role,
    Sector,
    UnitKind,
    VisitOutcome,
    Word,
)

LONGEST_SHOWN = 2000  # characters; enough for the names of thirty units

Kept = str | int | float | bool | None  # a cell as it is kept: what JSON can hold


class Effect(Word):
    TABLE_LEFT_OUT = "table_left_out", mark("The table was left out")
    ROW_LEFT_OUT = "row_left_out", mark("The row was left out")
    CELL_LEFT_OUT = "cell_left_out", mark("The cell was left out")
    TO_SETTLE = "to_settle", mark("Taken, and waiting for you")
    NOTE = "note", mark("For your information")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that was not taken as it stands; `row` is the number Excel shows."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str
    effect: Effect = Effect.CELL_LEFT_OUT
    suggestion: str = ""  # what was probably meant
    column_number: int = 0  # from 1; 0: the first column of that name

    def __post_init__(self) -> None:
        # Thousands of them are shown in one table: none may hold a cell of 32,767 characters.
        for name in ("column", "value", "reason", "suggestion"):
            text = getattr(self, name)
            if len(text) > LONGEST_SHOWN:
                object.__setattr__(self, name, f"{text[:LONGEST_SHOWN]}…")

    @property
    def is_fault(self) -> bool:
        return self.effect is not Effect.NOTE


@dataclass(frozen=True, slots=True)
class MilestoneCells:
    kind: MilestoneKind
    planned_on: date | None = None
    done_on: date | None = None
    evidence: str = ""


MILESTONE_PARTS = ("planned_on", "done_on", "evidence")
MILESTONE_FIELDS = tuple(f"{kind}.{part}" for kind in MilestoneKind for part in MILESTONE_PARTS)


@dataclass(frozen=True, slots=True)
class CapitalCells:
    """Capital in a row: of an increase the increment, of paid-in capital the total by that day."""

    kind: CapitalKind
    happened_on: date | None
    amount: Decimal
    currency: Currency
    evidence: str = ""

    @property
    def key(self) -> str:
        """What tells the entries of a row apart."""
        return f"{self.kind} {self.happened_on}"


CAPITAL_PARTS = ("amount", "happened_on", "evidence")
CAPITAL_FIELDS = tuple(f"{kind}.{part}" for kind in CapitalKind for part in CAPITAL_PARTS)


@dataclass(frozen=True, slots=True)
class BlockerCells:
    """A problem in a row (存在的主要问题); `recipient` as written, empty for the responsible
    unit.
    """

    description: str
    category: BlockerCategory | None = None
    recipient: str = ""
    solution: str = ""
    due_on: date | None = None


# Not frozen: frozen dataclasses are slower to build, and imports make 100,000 of these.
@dataclass(slots=True)
class LedgerRow:
    """One project as a row states it, `units` as written; what it leaves out is None or empty."""

    number: int
    code: str = ""
    name: str = ""
    investor: str = ""
    registered_in: str = ""
    sector: Sector | None = None
    units: str = ""
    amount: Decimal | None = None
    currency: Currency | None = None
    signed_on: date | None = None
    officer: str = ""
    leader: str = ""
    squad: str = ""
    is_sme: bool | None = None
    origin_activity: str = ""
    visit_due_on: date | None = None
    claim: VisitOutcome | None = None  # landed, terminated or lost
    claim_cell: str = ""  # what stands in the column of the claim, whatever it says
    clock: Clock | None = None  # it goes on, has stopped, or goes on again
    reached: MilestoneKind | None = None  # what its status says, without a day
    exit_reason: str = ""  # why it ended or stopped
    ended_on: date | None = None
    progress: tuple[str, ...] = ()
    stop: VisitOutcome | Clock | None = None  # the end or stop that is all its progress says
    milestones: tuple[MilestoneCells, ...] = ()
    capital: tuple[CapitalCells, ...] = ()
    blockers: tuple[BlockerCells, ...] = ()
    extra: dict[str, Kept] = field(default_factory=dict)  # cells Luodi has no field for, by header
    emptied: tuple[str, ...] = ()  # fields with a column but an empty cell, if `note_empty` was set
    dropped: tuple[str, ...] = ()  # the same for columns Luodi has no field for: their headers
    sheet: str = ""
    is_struck: bool = False  # struck through: the row goes in nowhere


Placed = tuple[LedgerRow, list[int]]  # a row and its units, the responsible one first


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A line of the sheet of units; `kind` is a guess from the name unless `is_kind_given`."""

    number: int
    name: str
    kind: UnitKind
    is_kind_given: bool
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A line of the sheet of people; `unit` as written."""

    number: int
    name: str
    role: Role
    unit: str
    # Names of the Prefect blocks that carry their notices, in order; empty changes nothing
    channels: tuple[str, ...] = ()
    # The units an inspector looks after, as written; None: the cell is empty and changes nothing
    looks_after: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    row: int  # its last row, as Excel numbers them
    texts: tuple[str, ...]  # from column A on
    by_field: Mapping[str, str] = field(default_factory=dict)
    top: int = 1  # the first row of its titles


class UsedColumn(NamedTuple):
    """A column of a file: where it stands, its header, and what it was taken for."""

    sheets: str  # those with its header
    letter: str
    header: str
    field: str  # "extra" if it is only kept, "" if nothing is taken from it
    unit: str  # of amounts, as a mapping writes it
    value: str  # what a mapping says to the same effect; without a unit that only the file gives
    remark: str


class MappedHeader(NamedTuple):
    """What a person said of a header, to be remembered for files with the same one."""

    digest: str
    texts: tuple[str, ...]
    mapping: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LedgerFile:
    name: str
    headers: Mapping[str, Mapping[str, str]]  # of the ledger's sheets in order, by sheet and field
    rows: tuple[LedgerRow, ...]
    row_count: int  # rows about a project, including those left out
    units: tuple[UnitRow, ...] = ()
    people: tuple[PersonRow, ...] = ()
    squads: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    unread: tuple[str, ...] = ()  # names of the sheets with data that were not read
    headings: Mapping[str, Heading] = field(default_factory=dict)  # of every sheet that was read
    rejected: tuple[LedgerRow, ...] = ()  # what can be read of rows left out: it is checked as well
    columns: tuple[UsedColumn, ...] = ()
    mapped: tuple[MappedHeader, ...] = ()
    lower: Mapping[str, Sequence[Heading]] = field(default_factory=dict)  # of further tables, by sheet, from above
    days: tuple[FileDay, ...] = ()  # as of which it may speak, what is most reliable first

    def problem(
        self, row: LedgerRow, name: str, value: object, reason: str, effect: Effect, suggestion: str = ""
    ) -> Problem:
        header = self.headers_of(row).get(name, "")
        return Problem(row.sheet, row.number, header, str(value), reason, effect, suggestion)

    def headers_of(self, row: LedgerRow) -> Mapping[str, str]:
        """The headers of the row's table, by field."""
        lower = self._lower(row.sheet, row.number) if self.lower else None
        return lower.by_field if lower else self.headers.get(row.sheet, {})

    def heading(self, sheet: str, row: int) -> Heading:
        """The heading of the table that a row of a sheet belongs to."""
        return self._lower(sheet, row) or self.headings[sheet]

    def _lower(self, sheet: str, row: int) -> Heading | None:
        lower = self.lower.get(sheet, ())
        index = bisect_right(lower, row, key=attrgetter("top"))
        return lower[index - 1] if index else None

    def header(self, sheet: str, name: str, otherwise: str) -> str:
        """The header of a field's column on a sheet, or `otherwise`."""
        return self.headings[sheet].by_field.get(name, otherwise) if sheet in self.headings else otherwise


def merged(earlier: LedgerRow, later: LedgerRow) -> LedgerRow:
    """Two rows about one project as one: the later wins unless its cell is empty."""
    whole = _overwritten(earlier, later)
    whole.stop = later.stop if later.progress else earlier.stop
    whole.progress = tuple(dict.fromkeys((*earlier.progress, *later.progress)))
    whole.milestones = _merged((cells.kind, cells) for cells in (*earlier.milestones, *later.milestones))
    whole.capital = _merged((cells.key, cells) for cells in (*earlier.capital, *later.capital))
    whole.blockers = _merged((wording_key(cells.description), cells) for cells in (*earlier.blockers, *later.blockers))
    whole.extra = earlier.extra | later.extra
    whole.emptied = tuple(dict.fromkeys((*earlier.emptied, *later.emptied)))
    whole.dropped = tuple(dict.fromkeys((*earlier.dropped, *later.dropped)))
    return whole


Cells = TypeVar("Cells", LedgerRow, MilestoneCells, CapitalCells, BlockerCells)


def _overwritten(earlier: Cells, later: Cells) -> Cells:
    values = {part.name: getattr(later, part.name) for part in fields(later)}
    return replace(earlier, **{name: value for name, value in values.items() if value not in ("", None, ())})


def _merged(by_key: Iterable[tuple[str, Cells]]) -> tuple[Cells, ...]:
    kept: dict[str, Cells] = {}
    for key, cells in by_key:
        kept[key] = _overwritten(kept[key], cells) if key in kept else cells
    return tuple(kept.values())
