"""How much of a target is reached, against the time that is gone: exact fractions, unrounded."""

import math
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from models.campaigns.rates import Rate, half_up
from models.i18n import gettext as _
from models.words import TargetMeasure

POINTS = 100


@dataclass(frozen=True)
class Attainment:
    """What counts for a target by a day, and its goal.

    part: the projects that count: landed ones, or signed ones.
    whole: for a rate the whole cohort, including projects that exited; for projects to be landed
        those that landed in the campaign and those still open, which may land yet; else `part`.
    """

    measure: TargetMeasure
    goal: Decimal
    part: int
    whole: int

    @property
    def rate(self) -> Rate:
        return Rate(self.part, self.whole)

    @property
    def is_rate(self) -> bool:
        """Whether the goal is per cent of the whole, not a number of projects."""
        return self.measure is TargetMeasure.LANDING_RATE

    @property
    def has_nothing_to_reach(self) -> bool:
        """Whether a rate has an empty cohort: it is neither reached nor missed."""
        return self.is_rate and not self.whole

    @property
    def is_reached(self) -> bool:
        return not self.has_nothing_to_reach and not self.missing

    @property
    def missing(self) -> int:
        """How many more projects must count to reach the goal, if the cohort stays as it is."""
        return max(math.ceil(self._needed) - self.part, 0)

    @property
    def share(self) -> Fraction:
        """Share of the goal reached, capped at 1; 1 when the cohort of a rate is empty."""
        return min(Fraction(self.part) / self._needed, Fraction(1)) if self._needed else Fraction(1)

    @property
    def _needed(self) -> Fraction:
        """The goal in projects, not rounded: 80 % of 7 are 5.6."""
        goal = Fraction(self.goal)
        return goal * self.whole / POINTS if self.is_rate else goal

    def is_behind(self, time_gone: Rate | None) -> bool:
        """Whether the share reached is below the share of time gone; False without an end."""
        return self._behind(time_gone) > 0

    def points_behind(self, time_gone: Rate | None) -> Decimal:
        """Percentage points behind the time gone, rounded as rates are; 0 if not behind."""
        behind = self._behind(time_gone) * POINTS
        return half_up(Decimal(behind.numerator) / behind.denominator)

    def _behind(self, time_gone: Rate | None) -> Fraction:
        gone = Fraction(time_gone.part, time_gone.whole) if time_gone and time_gone.whole else Fraction(0)
        return max(gone - self.share, Fraction(0))

    def __add__(self, other: "Attainment") -> "Attainment":
        return Attainment(self.measure, self.goal, self.part + other.part, self.whole + other.whole)

    @property
    def text(self) -> str:
        return self.rate.text if self.is_rate else str(self.part)

    @property
    def goal_text(self) -> str:
        figure = f"{self.goal.normalize():f}"
        return _("%(percent)s%%") % {"percent": figure} if self.is_rate else figure
