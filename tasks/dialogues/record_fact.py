"""The form of `record-fact`: what happened on a project without a visit."""

from datetime import date

from pydantic import Field
from sqlalchemy.orm import Session

from models.escalation.question import Ask
from models.i18n import gettext as _
from models.i18n import mark
from models.refusal import Refused
from models.words import VisitOutcome
from tasks.dialogues.fields import CapitalEntry, FactsForm
from tasks.dialogues.subjects import OneOffForm
from tasks.items.facts import record_capital, record_facts
from tasks.ledger.locks import lock_project
from tasks.ledger.lookups import unit_names
from tasks.runs.brief import brief
from tasks.runs.dialogue import Question
from tasks.runs.forms import Day, Optional


class FactForm(FactsForm):
    kind = mark("Fact")
    FIRST = ("happened_on", "progress", "outcome")

    happened_on: Day = Field(title=mark("Happened on"))
    progress: Optional = Field("", title=mark("Progress"))
    capital: list[CapitalEntry] = Field(
        [],
        title=mark("Capital paid in and increased"),
        description=mark("One entry for each payment or increase; also after the project has landed"),
    )


class FactDialogue(OneOffForm[FactForm]):
    flow = "record-fact"
    purpose = mark("record a fact")
    form = FactForm

    def question(self, session: Session, as_of: date) -> Question | None:
        project = lock_project(session, self.subject_id)
        return Question(
            brief(session, project, as_of),
            prefilled={"happened_on": as_of.isoformat(), "outcome": VisitOutcome.CONTINUE},
            choices={"units": unit_names(session)},
        )

    def apply(self, session: Session, ask: Ask, answer: FactForm, as_of: date) -> list[str]:
        ends = answer.outcome is not VisitOutcome.CONTINUE
        has_facts = bool(answer.progress or answer.milestones or answer.blockers or ends)
        if not has_facts and not answer.capital:
            raise Refused(_("The form says nothing: fill in progress, a milestone, a blocker, capital or the outcome."))
        project = lock_project(session, self.subject_id)
        record_capital(session, project, [entry.reported() for entry in answer.capital], as_of)
        if not has_facts:
            return []
        return record_facts(session, project, answer.facts(answer.happened_on, answer.progress), as_of)
