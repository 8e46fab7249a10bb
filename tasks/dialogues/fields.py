"""Groups of fields that several forms share."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import ConfigDict, Field
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.i18n import in_any_locale, mark
from models.ledger.facts import CapitalReported, Facts, FoundBlocker, MilestoneReached
from models.ledger.organisation import Person
from models.office_files.amounts.amounts import AmountUnit, parse_amount
from models.office_files.amounts.currencies import money_in
from models.office_files.cells import BadCell, plain
from models.refusal import Refused
from models.words import BlockerCategory, CapitalKind, Currency, MilestoneKind, VisitOutcome
from tasks.ledger.lookups import people
from tasks.runs.forms import Day, Form, Optional, Part, Required, choice_of

NOBODY = mark("(nobody)")

PersonName = Annotated[Required, Field(json_schema_extra=choice_of("people"))]
UnitName = Annotated[Required, Field(json_schema_extra=choice_of("units"))]


def nobody() -> str:
    return _(NOBODY)


def chosen(session: Session, name: str) -> Person | None:
    """The person a choice names; None for nobody. `Refused` if the ledger knows no such person."""
    if name in in_any_locale(NOBODY):
        return None
    person = people(session).get(name)
    if person is None:
        raise Refused(_("The ledger knows nobody called “%(name)s”.") % {"name": name})
    return person


class MilestoneEntry(Part):
    model_config = ConfigDict(title=mark("Milestone"))

    kind: MilestoneKind = Field(title=mark("Milestone"))
    done_on: Day = Field(title=mark("Reached on"))
    evidence: Required = Field(
        title=mark("Evidence"), description=mark("Number of the licence, permit or photo, and where it is kept")
    )

    def reached(self) -> MilestoneReached:
        return MilestoneReached(self.kind, self.done_on, self.evidence)


class BlockerEntry(Part):
    """A problem that holds the project back."""

    model_config = ConfigDict(title=mark("Blocker"))

    category: BlockerCategory = Field(title=mark("Category"))
    recipient_unit: UnitName = Field(title=mark("Unit that must solve it"))
    description: Required = Field(title=mark("What the problem is"))
    proposed_solution: Optional = Field("", title=mark("Proposed solution"))
    due_on: Day = Field(title=mark("Solve by"))

    def reported(self) -> FoundBlocker:
        return FoundBlocker(self.category, self.recipient_unit, self.description, self.proposed_solution, self.due_on)


def amount_in(text: str, currency: Currency = Currency.CNY) -> tuple[Decimal, Currency]:
    """A sum in whole yuan, or of the currency that is written with it or given.

    `Refused` when it is no amount.
    """
    try:
        return parse_amount(text, AmountUnit(Decimal(1), money_in(plain(text)).currency or currency))
    except BadCell as problem:
        title = _("Amount")
        raise Refused(f"{title} “{text}”: {problem}") from problem


class CapitalEntry(Part):
    model_config = ConfigDict(title=mark("Capital"))

    kind: CapitalKind = Field(title=mark("Kind"))
    amount: Required = Field(
        title=mark("Sum"), description=mark("In whole yuan; 10亿, 5000万 and 300万美元 are understood")
    )
    happened_on: Day = Field(title=mark("Happened on"))
    evidence: Optional = Field("", title=mark("Evidence"))

    def reported(self) -> CapitalReported:
        """What is reported; `Refused` when the sum is no amount."""
        amount, currency = amount_in(self.amount)
        return CapitalReported(self.kind, amount, currency, self.happened_on, self.evidence)


class Topics(Part):
    """The six topics of the province's revisit register (2012)."""

    model_config = ConfigDict(title=mark("Six topics of the revisit"))

    policy: Optional = Field("", title=mark("Policies carried out"))
    promises: Optional = Field("", title=mark("Promises kept"))
    supplies: Optional = Field("", title=mark("Land, power, labour and funds secured"))
    environment: Optional = Field("", title=mark("Investment environment"))
    service: Optional = Field("", title=mark("Service"))
    difficulties: Optional = Field("", title=mark("Difficulties and problems"))

    def filled_in(self) -> dict[str, str]:
        return {name: text for name, text in self.model_dump().items() if text}


class FactsForm(Form):
    """What can be reported of a project, on a visit or without one."""

    outcome: VisitOutcome = Field(title=mark("Outcome"))
    milestones: list[MilestoneEntry] = Field(
        [],
        title=mark("Milestones reached"),
        description=mark("“The project has landed” needs the landing milestones with their evidence."),
    )
    blockers: list[BlockerEntry] = Field([], title=mark("New blockers"), description=mark("One entry for each problem"))
    reason: Optional = Field("", title=mark("Reason for the exit"), description=mark("Only when the project exits"))

    def facts(self, happened_on: date, progress: str) -> Facts:
        return Facts(
            happened_on=happened_on,
            reported_by=self.filled_in_by,
            outcome=self.outcome,
            progress=progress,
            reason=self.reason,
            milestones=tuple(entry.reached() for entry in self.milestones),
            blockers=tuple(entry.reported() for entry in self.blockers),
        )
