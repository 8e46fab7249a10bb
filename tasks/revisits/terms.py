"""The terms of a revisit campaign: whom it asks, and until when."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from models.campaigns.revisit import CampaignFilters
from models.i18n import gettext as _
from models.i18n import mark
from models.refusal import Refused
from models.words import Sector, Stage
from tasks.ledger.lookups import unit_named
from tasks.ledger.selection import Selection
from tasks.ledger.workdays import calendar_around

LONGEST_NAME = 60  # characters; it heads forms, runs and files
TITLES = {  # of the filters, in the form
    "units": mark("Units"),
    "sectors": mark("Sectors"),
    "stages": mark("Stages"),
    "signed_from": mark("Signed from"),
    "signed_until": mark("Signed until"),
    "amount_from": mark("Amount from (ten thousand yuan)"),
    "amount_until": mark("Amount up to (ten thousand yuan)"),
    "deadline": mark("Deadline"),
    "working_days": mark("Working days"),
}


@dataclass(frozen=True)
class Terms:
    """A campaign's name, whom it asks, and until when: a day, or working days after it opens."""

    name: str
    selection: Selection
    deadline: date | None = None
    working_days: int = 0
    squad: str = ""
    visits_projects: bool = True
    visits_investors: bool = True

    def check(self) -> None:
        """Raise `Refused` unless it has a name, one kind of deadline, and somebody to visit."""
        if not self.name:
            raise Refused(_("Give the campaign a name."))
        if len(self.name) > LONGEST_NAME:
            raise Refused(_("The name is too long: %(count)s characters at most.") % {"count": LONGEST_NAME})
        if bool(self.deadline) == bool(self.working_days):
            raise Refused(_("Say until when: either a deadline or a number of working days."))
        if not (self.visits_projects or self.visits_investors):
            raise Refused(_("Nobody would be visited: choose visits to projects, to investors, or both."))

    def due_on(self, session: Session, as_of: date) -> date:
        """The working day the visits are due; `Refused` when the deadline is over already."""
        if not self.deadline:
            return calendar_around(session, as_of).add(as_of, self.working_days)
        if self.deadline < as_of:
            raise Refused(_("The deadline %(day)s is over already.") % {"day": self.deadline})
        return calendar_around(session, as_of, self.deadline).add(self.deadline, 0)

    def filters(self, session: Session) -> CampaignFilters:
        """Whom it asks and until when, normalised: the same terms give the same filters.

        `Refused` when a unit is unknown.
        """
        chosen = self.selection
        return {
            "units": sorted({unit_named(session, name).name for name in chosen.units}),
            "sectors": sorted({word.value for word in chosen.sectors}),
            "stages": sorted({word.value for word in chosen.stages}),
            "signed_from": str(chosen.signed_from or ""),
            "signed_until": str(chosen.signed_until or ""),
            "amount_from": _figure(chosen.amount_from),
            "amount_until": _figure(chosen.amount_until),
            "deadline": str(self.deadline or ""),
            "working_days": self.working_days,
        }


def selected(filters: CampaignFilters) -> Selection:
    signed_from, signed_until = filters["signed_from"], filters["signed_until"]
    amount_from, amount_until = filters["amount_from"], filters["amount_until"]
    return Selection(
        units=tuple(filters["units"]),
        sectors=tuple(map(Sector, filters["sectors"])),
        stages=tuple(map(Stage, filters["stages"])),
        signed_from=date.fromisoformat(signed_from) if signed_from else None,
        signed_until=date.fromisoformat(signed_until) if signed_until else None,
        amount_from=Decimal(amount_from) if amount_from else None,
        amount_until=Decimal(amount_until) if amount_until else None,
    )


def _figure(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount.normalize():f}"
