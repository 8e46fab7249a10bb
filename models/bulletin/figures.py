"""The figures of a weekly bulletin, frozen when it is issued: plain values, exact in JSON.

Issued bulletins hold them: a field that is added later needs a default, and none may be taken away.
"""

import operator
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from models.campaigns.attainment import Attainment
from models.campaigns.clock import CampaignClock
from models.campaigns.rates import Rate, half_up
from models.campaigns.slow_landing import Spent
from models.i18n import mark
from models.ledger.project import in_words
from models.words import BlockerCategory, Currency, ItemKind, MilestoneKind, Step, TargetMeasure, UnitKind, Word

T = TypeVar("T")


class Concern(Word):
    """Why the weekly meeting takes an item up, in the order of the agenda."""

    COORDINATION = "coordination", mark("The unit asks for coordination")
    AT_OFFICE = "at_office", mark("Raised to the inspection office")
    OVERDUE = "overdue", mark("Overdue")
    TO_VERIFY = "to_verify", mark("Reported done, waits for verification")


@dataclass(frozen=True)
class Sum:
    """An amount in whole units of a currency, to the cent; sums of two currencies do not add up."""

    currency: Currency
    amount: Decimal

    @property
    def text(self) -> str:
        """In the unit offices print it in, rounded half up to one decimal: 12.3亿元."""
        return in_words(self.amount, self.currency, half_up)


@dataclass(frozen=True)
class StepsFired:
    step: Step
    count: int


@dataclass(frozen=True)
class Counts:
    """What happened in the city in a stretch of days. An increase counts by its increment."""

    signed: int = 0
    contracted: tuple[Sum, ...] = ()  # as signed, by currency; increases are not in it
    increases: int = 0
    increased: tuple[Sum, ...] = ()
    visits: int = 0
    blockers_opened: int = 0
    blockers_resolved: int = 0
    started: int = 0
    completed: int = 0
    landed: int = 0
    exited: int = 0
    escalated: tuple[StepsFired, ...] = ()

    @property
    def steps(self) -> int:
        return sum(fired.count for fired in self.escalated)

    @property
    def amounts(self) -> dict[Currency, Decimal]:
        """What came in, by currency: contracts and increases together."""
        amounts = dict.fromkeys(Currency, Decimal(0))
        for total in (*self.contracted, *self.increased):
            amounts[total.currency] += total.amount
        return amounts


@dataclass(frozen=True)
class Steps:
    """How many projects of a unit took each step in a stretch of days."""

    signed: int = 0
    started: int = 0
    completed: int = 0
    landed: int = 0

    def __add__(self, other: "Steps") -> "Steps":
        return Steps(*map(operator.add, astuple(self), astuple(other)))


@dataclass(frozen=True)
class UnitLine:
    """A unit's projects, each counted with its responsible unit only."""

    name: str
    kind: UnitKind
    rank: int | None  # among counties and zones that have projects to land; equal ones share it
    cohort: Rate  # landed, of all the campaign's cohort, exited ones too
    week: Steps
    year: Steps
    open: int  # projects that have neither landed nor exited
    red: int
    yellow: int
    green: int


@dataclass(frozen=True)
class AgendaItem:
    """What somebody owes, in the words of the day the bulletin was issued."""

    kind: ItemKind
    category: BlockerCategory | None  # of a problem, or of the problem a verification is about
    milestone: MilestoneKind | None
    text: str  # the problem described; empty for anything else
    code: str
    project: str  # the project's name, or the investor's; empty if it is about a unit
    unit: str
    owner: str
    leader: str
    due_on: date  # the promised day, if there is one


@dataclass(frozen=True)
class Issue:
    concern: Concern
    matter: AgendaItem
    solution: str
    since: date  # asked for coordination, raised to the office, or overdue
    late: int  # working days after its due day
    notice_year: int | None
    notice_no: int | None  # of its last supervision notice, within the year
    request: str = ""  # what is to be coordinated


@dataclass(frozen=True)
class Beginning(Generic[T]):
    """The first of a list, and how many it has in all."""

    total: int
    shown: tuple[T, ...]


@dataclass(frozen=True)
class Share:
    """What one unit or leader has reached of a target: the projects that count, and the whole."""

    name: str  # empty for the whole city, and for projects without a leader
    part: int
    whole: int


@dataclass(frozen=True)
class Goal:
    """A target at the week's end: one line, or one per county, or also split over leaders."""

    name: str
    measure: TargetMeasure
    goal: Decimal  # percent for a rate, else a number of projects
    lines: tuple[Share, ...]
    leaders: tuple[Share, ...]

    def attained(self, share: Share) -> Attainment:
        return Attainment(self.measure, self.goal, share.part, share.whole)


@dataclass(frozen=True)
class Drive:
    """The campaign the bulletin is held against, and its clock at the week's end."""

    id: int
    name: str
    starts_on: date
    ends_on: date | None
    signed_from: date | None
    signed_until: date | None
    landing: tuple[MilestoneKind, ...]
    clock: CampaignClock | None  # at the week's end; None if the campaign has no end


@dataclass(frozen=True)
class Gone:
    """Working days that went by in one step, in somebody's hands, or with a kind of problem."""

    name: str  # the step, the hands or the category, by value
    spent: Spent


@dataclass(frozen=True)
class Slow:
    """The projects that land slowly, and where their days go, what took most first."""

    open: int  # projects of the campaign's cohort
    behind: int
    without_blocker: int  # those behind for which nobody has named a problem
    steps: tuple[Gone, ...]
    hands: tuple[Gone, ...]
    categories: tuple[Gone, ...]
    counts_weekdays: bool = False  # some were signed before days off were listed


@dataclass(frozen=True)
class Figures:
    """All of a bulletin. `before` is the week before; `year` and `campaign` end with the week."""

    week_from: date
    week_until: date
    issued_on: date
    issuers: tuple[str, ...]
    drive: Drive
    week: Counts
    before: Counts
    year: Counts
    campaign: Counts
    cohort: Rate
    units: tuple[UnitLine, ...]  # counties and zones by rank, then other units with projects
    targets: tuple[Goal, ...]
    slow: Slow
    work: Beginning[AgendaItem]  # what falls due next week
    agenda: Beginning[Issue]  # of the weekly meeting
    is_unreported: bool = False  # nothing was reported yet: lights would only show the age of contracts

    @property
    def counties(self) -> Sequence[UnitLine]:
        """The counties and zones, best first."""
        return [unit for unit in self.units if unit.kind is UnitKind.COUNTY]


_FIGURES = TypeAdapter(Figures)


def frozen(figures: Figures) -> dict[str, Any]:
    """As JSON holds them: amounts as text, days in ISO."""
    kept: dict[str, Any] = _FIGURES.dump_python(figures, mode="json")
    return kept


def thawed(kept: dict[str, Any]) -> Figures:
    return _FIGURES.validate_python(kept)
