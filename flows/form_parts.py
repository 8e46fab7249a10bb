"""Groups of fields that several forms share."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from models.i18n import gettext, in_any_locale
from models.i18n import mark as _
from models.ledger.facts import Facts, FoundBlocker, MilestoneReached
from models.ledger.organisation import Person
from models.refusal import Refused
from models.words import BlockerCategory, MilestoneKind, VisitOutcome
from tasks.ledger.lookups import people
from tasks.runs.forms import Form, Optional, Required, choice_of

NOBODY = _("(nobody)")


def nobody() -> str:
    """The choice for nobody."""
    return gettext(NOBODY)


def chosen(session: Session, name: str) -> Person | None:
    """The person a choice names; None for nobody.

    Raises:
        Refused: when the ledger knows no such person.
    """
    if name in in_any_locale(NOBODY):
        return None
    found = people(session).get(name)
    if found is None:
        raise Refused(gettext("The ledger knows nobody called “%(name)s”.") % {"name": name})
    return found


class MilestoneEntry(BaseModel):
    """A milestone that was reached."""

    model_config = ConfigDict(title=_("Milestone"))

    kind: MilestoneKind = Field(title=_("Milestone"))
    done_on: date = Field(title=_("Reached on"))
    evidence: Required = Field(
        title=_("Evidence"), description=_("Number of the licence, permit or photo, and where it is kept")
    )

    def reached(self) -> MilestoneReached:
        """As a fact."""
        return MilestoneReached(self.kind, self.done_on, self.evidence)


class BlockerEntry(BaseModel):
    """A problem that holds the project back."""

    model_config = ConfigDict(title=_("Blocker"))

    category: BlockerCategory = Field(title=_("Category"))
    recipient_unit: Required = Field(title=_("Unit that must solve it"), json_schema_extra=choice_of("units"))
    description: Required = Field(title=_("What the problem is"))
    proposed_solution: Optional = Field("", title=_("Proposed solution"))
    due_on: date = Field(title=_("Solve by"))

    def found(self) -> FoundBlocker:
        """As a fact."""
        return FoundBlocker(self.category, self.recipient_unit, self.description, self.proposed_solution, self.due_on)


class Topics(BaseModel):
    """The six topics of the province's revisit register (2012)."""

    model_config = ConfigDict(title=_("Six topics of the revisit"))

    policy: Optional = Field("", title=_("Policies carried out"))
    promises: Optional = Field("", title=_("Promises kept"))
    supplies: Optional = Field("", title=_("Land, power, labour and funds secured"))
    environment: Optional = Field("", title=_("Investment environment"))
    service: Optional = Field("", title=_("Service"))
    difficulties: Optional = Field("", title=_("Difficulties and problems"))

    def said(self) -> dict[str, str]:
        """The topics something was said of, by name."""
        return {name: text for name, text in self.model_dump().items() if text}


class FactsForm(Form):
    """What can be reported of a project, on a visit or without one."""

    outcome: VisitOutcome = Field(title=_("Outcome"))
    milestones: list[MilestoneEntry] = Field(
        [],
        title=_("Milestones reached"),
        description=_("“The project has landed” needs the landing milestones with their evidence."),
    )
    blockers: list[BlockerEntry] = Field([], title=_("New blockers"), description=_("One entry for each problem"))
    reason: Optional = Field("", title=_("Reason for the exit"), description=_("Only when the project exits"))

    def facts(self, happened_on: date, progress: str) -> Facts:
        """Everything the form says, as facts of that day."""
        return Facts(
            happened_on=happened_on,
            reported_by=self.filled_in_by,
            outcome=self.outcome,
            progress=progress,
            reason=self.reason,
            milestones=tuple(entry.reached() for entry in self.milestones),
            blockers=tuple(entry.found() for entry in self.blockers),
        )
