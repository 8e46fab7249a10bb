"""A campaign as it is planned, and what makes it one that can be counted. Plain values."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.i18n import gettext as _
from models.refusal import Refused
from models.words import MilestoneKind, Sector, TargetMeasure

MOST_TARGETS = 100
LARGEST_GOAL = 10**6  # projects; a larger number is a slip


@dataclass(frozen=True)
class PlannedTarget:
    """A target in the operator's words; `models.campaigns.target.Target` explains the fields."""

    name: str
    measure: TargetMeasure
    goal: Decimal
    signed_from: date | None = None
    signed_until: date | None = None
    amount_from: Decimal | None = None  # yuan
    sector: Sector | None = None
    unit: str = ""
    each_county: bool = False
    by_leader: bool = False

    def check(self) -> None:
        """Raise `Refused`, naming the target and what is wrong with it."""
        if not self.name:
            raise Refused(_("Give every target a name."))
        if wrong := self._fault():
            raise Refused(_("Target “%(name)s”: %(wrong)s") % {"name": self.name, "wrong": wrong})

    def _fault(self) -> str:
        is_rate = self.measure is TargetMeasure.LANDING_RATE
        if not 0 < self.goal <= (100 if is_rate else LARGEST_GOAL):
            return (
                _("a landing rate is more than 0 and at most 100 per cent.")
                if is_rate
                else _("the goal must be a number of projects, at least 1.")
            )
        if self.goal != round(self.goal, 2 if is_rate else 0):
            return _("a rate has two decimals at most.") if is_rate else _("projects are counted in whole numbers.")
        if self.signed_from and self.signed_until and self.signed_from > self.signed_until:
            days = {"first": self.signed_from, "last": self.signed_until}
            return _("signed from %(first)s until %(last)s: the first day must come first.") % days
        if self.amount_from is not None and not 0 < self.amount_from < 10**17:
            return _("the amount must be more than 0; leave it at 0 for projects of any amount.")
        return ""


@dataclass(frozen=True)
class Plan:
    name: str
    starts_on: date
    ends_on: date
    landing: tuple[MilestoneKind, ...]
    targets: tuple[PlannedTarget, ...] = ()
    signed_from: date | None = None
    signed_until: date | None = None

    def check(self) -> None:
        """Raise `Refused` if name, days, definition of landing or targets are wrong."""
        if not self.name:
            raise Refused(_("Give the campaign a name."))
        if self.ends_on < self.starts_on:
            days = {"first": self.starts_on, "last": self.ends_on}
            raise Refused(_("The campaign would end on %(last)s, before it begins on %(first)s.") % days)
        if self.signed_from and self.signed_until and self.signed_from > self.signed_until:
            days = {"first": self.signed_from, "last": self.signed_until}
            raise Refused(
                _("The campaign's projects, signed from %(first)s until %(last)s: the first day must come first.")
                % days
            )
        if not self.landing:
            raise Refused(_("Choose at least one milestone that counts as landed."))
        if len(self.targets) > MOST_TARGETS:
            raise Refused(_("A campaign has at most %(count)s targets.") % {"count": MOST_TARGETS})
        for target in self.targets:
            target.check()
        self._check_target_names()

    def _check_target_names(self) -> None:
        names = [target.name for target in self.targets]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise Refused(_("Two targets are called “%(name)s”: give each a name of its own.") % {"name": twice[0]})
