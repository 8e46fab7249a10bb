"""Slow landing (落地慢): which projects are behind their cohort, and where their days go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from models.campaigns.rates import half_up
from models.i18n import gettext as _
from models.i18n import mark
from models.words import BlockerCategory, MilestoneKind, Word

FIRST_VISIT = "first_visit"  # the step after signing; other steps are called by their milestone


@dataclass(frozen=True)
class SlowRule:
    """An open project is behind if it was signed longer ago than half of the landed ones took.

    If fewer than `fewest` of the cohort have landed, it is behind if it was signed more than
    `months` months ago (邯郸 takes projects without progress out of the pool after six).
    """

    fewest: int = 5
    months: int = 6


@dataclass(frozen=True)
class Limit:
    """How long a project of the cohort may take before it is behind."""

    landed: int  # projects of the cohort
    working_days: int | None  # median from signing to landing; None: too few have landed
    signed_before: date | None  # the rule if too few have landed


@dataclass(frozen=True)
class Cohort:
    """A campaign's projects by the end of a day, and which of them are behind."""

    day: date
    ordinal: int  # the day's number among working days
    known_at: datetime | None
    definition: Sequence[MilestoneKind]
    limit: Limit
    count: int
    open: int  # neither landed nor exited
    ids: Sequence[int]  # of projects behind, the earliest signed first
    days: int  # working days since signing, summed over the projects behind
    counts_weekdays: bool  # some were signed before there were official lists of days off


class Hands(Word):
    """Who a project is with while its days go by."""

    OWNER = "owner", mark("With the assigned officer")
    LEADER = "leader", mark("With the responsible leader")
    OFFICE = "office", mark("With the inspection office")
    HOLD = "hold", mark("On hold")


def step_label(step: str) -> str:
    return _(mark("First visit")) if step == FIRST_VISIT else MilestoneKind(step).label


@dataclass(frozen=True)
class Spent:
    """Working days in one step, hand or category, over several projects or blockers."""

    count: int  # projects or blockers
    total: int  # working days
    now: int  # how many of `count` are in it now

    @property
    def mean(self) -> Decimal | None:
        """Mean working days, rounded half up to one decimal; None if `count` is 0."""
        return half_up(Decimal(self.total) / self.count) if self.count else None


@dataclass(frozen=True)
class Piece:
    """The working days a project spent on the way to a step; the last one is still pending."""

    step: str
    days: int
    since: date
    is_pending: bool


@dataclass(frozen=True)
class Held:
    category: BlockerCategory
    opened_on: date
    recipient: str
    description: str
    solution: str
    due_on: date  # the promised day, if there is one


@dataclass(frozen=True)
class SlowProject:
    id: int
    code: str
    name: str
    unit: str
    officer: str
    leader: str
    signed_on: date
    days: int  # working days since signing; `steps` and `hands` each add up to them
    steps: Sequence[Piece]
    hands: Mapping[Hands, int]
    blockers: Sequence[Held]
    due_on: date | None  # of its open item that is due first

    @property
    def waits_for(self) -> Piece:
        return self.steps[-1]

    @property
    def court(self) -> Sequence[str]:
        """The units that must solve its blockers; its own unit if it has none."""
        return list(dict.fromkeys(held.recipient for held in self.blockers)) or [self.unit]


@dataclass(frozen=True)
class SlowLanding:
    campaign: str
    cohort: Cohort
    projects: Sequence[SlowProject]  # only the first; `cohort.ids` has all
    by_step: Mapping[str, Spent]
    by_hands: Mapping[Hands, Spent]
    by_category: Mapping[BlockerCategory, Spent]  # days of blockers, of which several may overlap
    by_recipient: Mapping[str, Spent]  # open blockers only, by the unit that must solve them
    without_blocker: int  # projects behind that have no open blocker
