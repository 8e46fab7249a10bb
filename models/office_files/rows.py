"""What a ledger file holds once it is read: typed rows, and what could not be taken."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any

from models.i18n import mark
from models.words import BlockerCategory, Currency, MilestoneKind, Role, Sector, UnitKind, VisitOutcome, Word

LONGEST_SHOWN = 2000
"""Characters; enough for the names of thirty units."""


class Effect(Word):
    """What a problem in a file does to the import."""

    ROW_LEFT_OUT = "row_left_out", mark("The row was left out")
    CELL_LEFT_OUT = "cell_left_out", mark("The cell was left out")
    NOTE = "note", mark("For your information")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a file that was not taken as it stands. `row` is the number Excel shows."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str
    effect: Effect = Effect.CELL_LEFT_OUT
    suggestion: str = ""
    """What probably was meant; empty when nothing can be guessed."""
    place: int = 0
    """Which column of the sheet it is, from 1; 0: the first one of that name."""

    def __post_init__(self) -> None:
        """Thousands of them are shown in one table: none holds a cell of 32,767 characters."""
        for name in ("column", "value", "reason", "suggestion"):
            text = getattr(self, name)
            if len(text) > LONGEST_SHOWN:
                object.__setattr__(self, name, f"{text[:LONGEST_SHOWN]}…")

    @property
    def is_fault(self) -> bool:
        """Whether somebody has to correct something."""
        return self.effect is not Effect.NOTE


@dataclass(frozen=True, slots=True)
class MilestoneCells:
    """What a row says of one milestone."""

    kind: MilestoneKind
    planned_on: date | None = None
    done_on: date | None = None
    evidence: str = ""


MILESTONE_PARTS = ("planned_on", "done_on", "evidence")
"""What a row may say of each milestone."""
MILESTONE_FIELDS = tuple(f"{kind}.{part}" for kind in MilestoneKind for part in MILESTONE_PARTS)


@dataclass(frozen=True, slots=True)
class BlockerCells:
    """A problem a row names (存在的主要问题); `recipient` as written; empty: the responsible unit."""

    description: str
    category: BlockerCategory | None = None
    recipient: str = ""
    solution: str = ""
    due_on: date | None = None


@dataclass(slots=True)
class LedgerRow:
    """One project as a row tells it; what it does not say is None or empty. `units` is as written.

    Nobody changes a row; it is not frozen only because a hundred thousand are made faster so.
    """

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
    claim: VisitOutcome | None = None
    """Landed, terminated or lost, if the row says so."""
    claim_cell: str = ""
    exit_reason: str = ""
    ended_on: date | None = None
    progress: tuple[str, ...] = ()
    milestones: tuple[MilestoneCells, ...] = ()
    blockers: tuple[BlockerCells, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    """Cells Luodi has no field for, by header."""
    emptied: tuple[str, ...] = ()
    """Fields whose column is there and whose cell is empty, where that was asked for."""
    dropped: tuple[str, ...] = ()
    """Headers of such columns that Luodi has no field for."""
    sheet: str = ""


Placed = tuple[LedgerRow, list[int]]
"""A row and its units, the responsible one first."""


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as the sheet of units names it; without a type, `kind` is a guess from the name."""

    number: int
    name: str
    kind: UnitKind
    is_kind_said: bool
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as the sheet of people names them; `unit` as written."""

    number: int
    name: str
    role: Role
    unit: str
    channels: tuple[str, ...] = ()
    """Names of the blocks that carry their notices, the first one first; empty says nothing."""


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the header of a sheet ends, as Excel numbers rows; what its columns are called, from A on and by field."""

    row: int
    texts: tuple[str, ...]
    by_field: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LedgerFile:
    """Everything read from a file. `headers` gives the columns' headers by sheet and field."""

    name: str
    headers: Mapping[str, Mapping[str, str]]
    """Of the ledger's sheets, in the file's order."""
    rows: tuple[LedgerRow, ...]
    row_count: int
    """How many rows speak of a project, those left out included."""
    units: tuple[UnitRow, ...] = ()
    people: tuple[PersonRow, ...] = ()
    squads: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    unread: tuple[str, ...] = ()
    """Sheets with data that are no part of all this."""
    headings: Mapping[str, Heading] = field(default_factory=dict)
    """Of every sheet that was read."""

    def problem(
        self, row: LedgerRow, name: str, value: object, reason: str, effect: Effect, suggestion: str = ""
    ) -> Problem:
        """A problem with the cell that holds field `name` in a row of the ledger."""
        header = self.headers.get(row.sheet, {}).get(name, "")
        return Problem(row.sheet, row.number, header, str(value), reason, effect, suggestion)

    def header(self, sheet: str, name: str, otherwise: str) -> str:
        """What a sheet calls the column of a field; `otherwise` where that is not known."""
        return self.headings[sheet].by_field.get(name, otherwise) if sheet in self.headings else otherwise


def merged(earlier: LedgerRow, later: LedgerRow) -> LedgerRow:
    """Two rows about one project as one: the later wins where it says something."""
    said = {each.name: getattr(later, each.name) for each in fields(later)}
    said = {name: value for name, value in said.items() if value not in ("", None, ())}
    return replace(
        earlier,
        **said
        | {
            "progress": tuple(dict.fromkeys((*earlier.progress, *later.progress))),
            "milestones": _merged((each.kind, each) for each in (*earlier.milestones, *later.milestones)),
            "blockers": _merged((each.description, each) for each in (*earlier.blockers, *later.blockers)),
            "extra": earlier.extra | later.extra,
            "emptied": tuple(dict.fromkeys((*earlier.emptied, *later.emptied))),
            "dropped": tuple(dict.fromkeys((*earlier.dropped, *later.dropped))),
        },
    )


def _merged(named: Iterable[tuple[str, Any]]) -> tuple[Any, ...]:
    kept: dict[str, Any] = {}
    for name, each in named:
        said = {part.name: getattr(each, part.name) for part in fields(each)}
        said = {part: value for part, value in said.items() if value not in ("", None)}
        kept[name] = replace(kept[name], **said) if name in kept else each
    return tuple(kept.values())
