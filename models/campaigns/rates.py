"""Rates as they are printed: with part and whole, rounded half up to one decimal."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from models.i18n import gettext as _

TENTH = Decimal("0.1")


def half_up(figure: Decimal) -> Decimal:
    """Round half up to one decimal: the one rounding rule of bulletins and reports."""
    return figure.quantize(TENTH, ROUND_HALF_UP)


@dataclass(frozen=True)
class Rate:
    """A part and its whole; 海南 once printed a "51 %" that fitted neither of two possible
    wholes.
    """

    part: int
    whole: int

    @property
    def percent(self) -> Decimal | None:
        """Per cent, rounded half up to one decimal; None if the whole is 0."""
        return half_up(Decimal(100 * self.part) / self.whole) if self.whole else None

    def reaches(self, goal: Decimal) -> bool:
        """Whether it is at least `goal` per cent, by the exact fraction, not the rounded one."""
        return self.whole > 0 and 100 * self.part >= goal * self.whole

    @property
    def text(self) -> str:
        """As people read it: 42.9 % (3/7); a dash if the whole is 0."""
        if self.percent is None:
            return _("– (0/0)")
        figures = {"percent": self.percent, "part": self.part, "whole": self.whole}
        return _("%(percent)s%% (%(part)s/%(whole)s)") % figures
