"""Slow landing (落地慢): which projects are behind their cohort, and where their days go. Plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from models.campaigns.rates import half_up
from models.i18n import gettext as _
from models.i18n import mark
from models.words import BlockerCategory, MilestoneKind, Word

FIRST_VISIT = "first_visit"
"""The step from the signing to the first visit; every other step is named by the milestone it leads to."""


@dataclass(frozen=True)
class SlowRule:
    """When a project is behind its cohort: it is open, and was signed longer ago than half of the landed ones took.

    Where fewer than `fewest` of the cohort have landed, half of them says little: then it is behind when it was signed
    more than `months` months ago (邯郸 takes projects without progress out of the pool after six).
    """

    fewest: int = 5
    months: int = 6


@dataclass(frozen=True)
class Limit:
    """How long a project of the cohort may take before it is behind."""

    landed: int
    """So many of the cohort have landed."""
    working_days: int | None
    """Half of them took no longer from signing to landing; None: too few have landed to say."""
    signed_before: date | None
    """Then those signed before this day are behind."""


@dataclass(frozen=True)
class Cohort:
    """A campaign's projects by the end of a day, and which of them are behind."""

    day: date
    ordinal: int
    """The day's number among working days."""
    known_at: datetime | None
    definition: Sequence[MilestoneKind]
    limit: Limit
    count: int
    open: int
    """Those that neither landed nor exited."""
    ids: Sequence[int]
    """Those behind, the longest first."""
    days: int
    """Their working days since signing, all together."""


class Hands(Word):
    """With whom a project's days go by."""

    OWNER = "owner", mark("With the assigned officer")
    LEADER = "leader", mark("With the responsible leader")
    OFFICE = "office", mark("With the inspection office")
    HOLD = "hold", mark("On hold")


def step_label(step: str) -> str:
    """What a step leads to, as people read it."""
    return _(mark("First visit")) if step == FIRST_VISIT else MilestoneKind(step).label


@dataclass(frozen=True)
class Spent:
    """Working days that went by in something, over some projects or blockers."""

    count: int
    total: int
    now: int
    """How many of them are in it now."""

    @property
    def mean(self) -> Decimal | None:
        """Working days each, rounded half up to one decimal; None of nothing."""
        return half_up(Decimal(self.total) / self.count) if self.count else None


@dataclass(frozen=True)
class Piece:
    """The working days from one thing reached to the next; the last of them has not reached its own yet."""

    step: str
    days: int
    since: date
    is_pending: bool


@dataclass(frozen=True)
class Held:
    """An open blocker: what it is, in whose court it lies, what is proposed, by when."""

    category: BlockerCategory
    opened_on: date
    recipient: str
    description: str
    solution: str
    due_on: date
    """The promised day, where there is one."""


@dataclass(frozen=True)
class SlowProject:
    """A project behind its cohort, and what is known of why."""

    id: int
    code: str
    name: str
    unit: str
    officer: str
    leader: str
    signed_on: date
    days: int
    """Working days since it was signed; its steps add up to them, and so do the hands it lay in."""
    steps: Sequence[Piece]
    hands: Mapping[Hands, int]
    blockers: Sequence[Held]
    due_on: date | None
    """The earliest day something is owed on it."""

    @property
    def waits_for(self) -> Piece:
        """The step it is in."""
        return self.steps[-1]

    @property
    def court(self) -> Sequence[str]:
        """In whose court it lies: the units that must solve its blockers; without any its own unit."""
        return list(dict.fromkeys(held.recipient for held in self.blockers)) or [self.unit]


@dataclass(frozen=True)
class SlowLanding:
    """All that is behind on a day, and where the days went."""

    campaign: str
    cohort: Cohort
    projects: Sequence[SlowProject]
    """The first of those that are behind."""
    by_step: Mapping[str, Spent]
    by_hands: Mapping[Hands, Spent]
    by_category: Mapping[BlockerCategory, Spent]
    """Each blocker's working days, from the day it was opened; several may run at once."""
    by_recipient: Mapping[str, Spent]
    """Of open blockers only, by the unit that must solve them."""
    without_blocker: int
    """Projects that are behind though nobody has named a problem."""
