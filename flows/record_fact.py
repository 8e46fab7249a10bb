"""By the operator: a milestone, a problem, progress, landing or exit that arrived without a visit."""

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field
from sqlalchemy.orm import Session

from flows.catch_up import catch_up
from flows.errand import Errand, project_id_of
from flows.form_parts import FactsForm
from models.escalation.question import Ask
from models.i18n import gettext, mark
from models.refusal import Refused
from models.words import VisitOutcome
from tasks.items.facts import record_facts
from tasks.ledger.locks import lock_project
from tasks.ledger.lookups import unit_names
from tasks.runs.brief import brief
from tasks.runs.dialogue import Question
from tasks.runs.execution import converse, refused
from tasks.runs.forms import Optional

_ = mark


class FactForm(FactsForm):
    """What happened on a project, without a visit."""

    FIRST = ("happened_on", "progress", "outcome")

    happened_on: date = Field(title=_("Happened on"))
    progress: Optional = Field("", title=_("Progress"))


class Fact(Errand[FactForm]):
    """One report about a project that no visit brought."""

    flow = "record-fact"
    form = FactForm

    @property
    def errand(self) -> str:
        """Record a fact."""
        return gettext("record a fact")

    def question(self, session: Session, as_of: date) -> Question | None:
        """Ask what happened."""
        project = lock_project(session, self.subject_id)
        return Question(
            brief(session, project, as_of),
            prefilled={"happened_on": as_of.isoformat(), "outcome": VisitOutcome.CONTINUE},
            choices={"units": unit_names(session)},
        )

    def apply(self, session: Session, ask: Ask, answer: FactForm, as_of: date) -> None:
        """Enter it."""
        said = answer.progress or answer.milestones or answer.blockers or answer.outcome is not VisitOutcome.CONTINUE
        if not said:
            raise Refused(gettext("The form says nothing: fill in progress, a milestone, a blocker or the outcome."))
        project = lock_project(session, self.subject_id)
        record_facts(session, project, answer.facts(answer.happened_on, answer.progress), as_of)


@flow(name="record-fact")
def record_fact(project: str, as_of: str = "") -> State[Any]:
    """Record what happened on the project with the code `project`: the form opens prefilled with what is known.

    `as_of` (ISO date; empty: today in the office's time zone) is the day the report is judged on.
    """
    return refused(lambda: converse(Fact(project_id_of(project)), as_of, catch_up))
