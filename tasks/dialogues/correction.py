"""The form of `correction`: what the ledger should say instead."""

from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field
from sqlalchemy.orm import Session

from models.escalation.question import Ask
from models.i18n import gettext as _
from models.i18n import in_any_locale, mark
from models.ledger.project import Project
from models.refusal import Refused
from models.words import Currency, MilestoneKind, Sector
from tasks.database import set_author
from tasks.dialogues.fields import UnitName, amount_in
from tasks.dialogues.subjects import OneOffForm
from tasks.items.corrections import Master, correct, master_of, reopen, withdraw_milestone
from tasks.ledger.locks import lock_project
from tasks.ledger.lookups import unit_names
from tasks.runs.brief import brief
from tasks.runs.dialogue import Question
from tasks.runs.forms import Day, Form, Optional, Required, choice_of

NOTHING = mark("(none)")


class CorrectionForm(Form):
    """What the ledger should say, prefilled with what it says."""

    kind = mark("Correction")

    name: Required = Field(title=mark("Project name"))
    investor: Optional = Field("", title=mark("Investor"))
    unit: UnitName = Field(title=mark("Responsible unit"))
    sector: Sector = Field(title=mark("Sector"))
    amount: Required = Field(
        title=mark("Amount"), description=mark("In whole yuan or dollars; 10亿 and 5000万 are understood")
    )
    currency: Currency = Field(title=mark("Currency"))
    signed_on: Day = Field(title=mark("Signed on"))
    withdraw: Required = Field(
        title=mark("Milestone to take back"),
        description=mark("One that is recorded as reached but was not"),
        json_schema_extra=choice_of("reached"),
    )
    reopen: bool = Field(
        False, title=mark("Reopen the project"), description=mark("It was landed or exited by mistake")
    )
    reason: Required = Field(title=mark("Reason for the correction"))


class CorrectionDialogue(OneOffForm[CorrectionForm]):
    flow = "correction"
    purpose = mark("correct the ledger")
    form = CorrectionForm

    def question(self, session: Session, as_of: date) -> Question | None:
        project = lock_project(session, self.subject_id)
        reached = [milestone.kind.label for milestone in project.milestones if milestone.done_on]
        choices = {"units": unit_names(session), "reached": [_(NOTHING), *reached]}
        return Question(brief(session, project, as_of), prefilled(project), choices)

    def apply(self, session: Session, ask: Ask, answer: CorrectionForm, as_of: date) -> None:
        project = lock_project(session, self.subject_id)
        set_author(session, answer.filled_in_by, f"{self.flow} {ask.form_no}: {answer.reason}")
        wanted = self._wanted(ask, answer, master_of(project))
        withdraws = answer.withdraw not in in_any_locale(NOTHING)
        if wanted == master_of(project) and not withdraws and not answer.reopen:
            raise Refused(_("Nothing in the form differs from the ledger."))
        if answer.reopen:
            reopen(session, project, as_of)
        if withdraws:
            withdraw_milestone(session, project, MilestoneKind(answer.withdraw), as_of)
        if wanted != master_of(project):
            correct(session, project, wanted, as_of)

    @staticmethod
    def _wanted(ask: Ask, answer: CorrectionForm, known: Master) -> Master:
        """The columns as the ledger has them now, with the fields the person changed."""
        sent = CorrectionForm.read({**ask.prefilled, "filled_in_by": answer.filled_in_by, "reason": answer.reason})
        changed = [name for name in Master.__dataclass_fields__ if getattr(answer, name) != getattr(sent, name)]
        wanted = replace(known, **{name: getattr(answer, name) for name in changed if name != "amount"})
        return replace(wanted, amount=_amount(answer)) if "amount" in changed else wanted


def _amount(answer: CorrectionForm) -> Decimal:
    amount, currency = amount_in(answer.amount, answer.currency)
    if currency is not answer.currency:
        raise Refused(_("The amount is written in another currency than the one that is chosen."))
    return amount


def prefilled(project: Project) -> dict[str, Any]:
    written = {"amount": f"{project.amount:f}", "signed_on": project.signed_on.isoformat()}
    return asdict(master_of(project)) | written | {"withdraw": _(NOTHING)}
