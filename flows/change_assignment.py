"""By the operator: who is responsible for a project, who acts for its leader, and whether its clock stands still."""

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from flows.catch_up import catch_up
from flows.errand import Errand, project_id_of
from flows.form_parts import chosen, nobody
from models.escalation.question import Ask
from models.i18n import gettext, mark
from models.ledger.organisation import Squad
from models.ledger.project import Project
from models.refusal import Refused
from models.words import Clock
from tasks.items.assignments import Absence, Assignment, delegate, reassign, turn_clock
from tasks.ledger.locks import lock_project
from tasks.ledger.lookups import people, person_choice
from tasks.runs.brief import brief
from tasks.runs.dialogue import Question
from tasks.runs.execution import converse, refused
from tasks.runs.forms import Form, Optional, Required, choice_of

_ = mark


class AssignmentForm(Form):
    """Who is in charge from now on; everything is prefilled with who is."""

    officer: Required = Field(title=_("Assigned officer"), json_schema_extra=choice_of("people"))
    leader: Required = Field(title=_("Responsible leader"), json_schema_extra=choice_of("people"))
    squad: Required = Field(title=_("Squad"), json_schema_extra=choice_of("squads"))
    delegate: Required = Field(
        title=_("Acts for the leader"),
        description=_("Who decides while the leader is away, in all the leader's projects"),
        json_schema_extra=choice_of("people"),
    )
    delegate_from: date = Field(title=_("Acts from"), description=_("Only with somebody who acts for the leader"))
    delegate_until: date = Field(title=_("Acts until"), description=_("Only with somebody who acts for the leader"))
    clock: Clock = Field(Clock.KEEP, title=_("Deadlines"), description=_("On hold, no deadline of the project runs"))
    reason: Optional = Field("", title=_("Reason"), description=_("Only to put on hold or to resume"))
    granted_by: Optional = Field("", title=_("Granted by"), description=_("Only to put on hold or to resume"))


class AssignmentChange(Errand[AssignmentForm]):
    """One change of who is in charge of a project."""

    flow = "change-assignment"
    form = AssignmentForm

    @property
    def errand(self) -> str:
        """Change the assignment."""
        return gettext("change the assignment")

    def question(self, session: Session, as_of: date) -> Question | None:
        """Ask who is to be in charge."""
        project = lock_project(session, self.subject_id)
        squads = session.scalars(select(Squad.name).order_by(Squad.id))
        return Question(
            brief(session, project, as_of),
            prefilled=prefilled(project, as_of),
            choices={"people": [nobody(), *people(session)], "squads": [nobody(), *squads]},
        )

    def apply(self, session: Session, ask: Ask, answer: AssignmentForm, as_of: date) -> None:
        """Enter what differs from how it is."""
        project = lock_project(session, self.subject_id)
        changed = {name for name in prefilled(project, as_of) if str(getattr(answer, name)) != ask.prefilled[name]}
        if not changed and answer.clock is Clock.KEEP:
            raise Refused(gettext("Nothing in the form differs from the ledger."))
        if changed & {"officer", "leader", "squad"}:
            reassign(session, project, self._wanted(session, project, answer, changed), as_of)
        person = chosen(session, answer.delegate)
        if "delegate" in changed or (person and changed & {"delegate_from", "delegate_until"}):
            delegate(project, Absence(person, answer.delegate_from, answer.delegate_until) if person else None)
        turn_clock(session, project, answer.clock, answer.reason, answer.granted_by, as_of)

    @staticmethod
    def _wanted(session: Session, project: Project, answer: AssignmentForm, changed: set[str]) -> Assignment:
        """What the answer changed, beside what the ledger says by now of the rest."""
        squad = select(Squad).where(Squad.name == answer.squad)
        return Assignment(
            officer=chosen(session, answer.officer) if "officer" in changed else project.officer,
            leader=chosen(session, answer.leader) if "leader" in changed else project.leader,
            squad=session.scalars(squad).one_or_none() if "squad" in changed else project.squad,
        )


def prefilled(project: Project, as_of: date) -> dict[str, str]:
    """The form as the ledger has it."""
    leader = project.leader
    return {
        "officer": person_choice(project.officer) or nobody(),
        "leader": person_choice(leader) or nobody(),
        "squad": project.squad.name if project.squad else nobody(),
        "delegate": person_choice(leader.delegate if leader else None) or nobody(),
        "delegate_from": str((leader and leader.delegate_from) or as_of),
        "delegate_until": str((leader and leader.delegate_until) or as_of),
    }


@flow(name="change-assignment")
def change_assignment(project: str, as_of: str = "") -> State[Any]:
    """Change who is responsible for the project with the code `project`, or put it on hold.

    `as_of` (ISO date; empty: today in the office's time zone) is the day the change is judged on.
    """
    return refused(lambda: converse(AssignmentChange(project_id_of(project)), as_of, catch_up))
