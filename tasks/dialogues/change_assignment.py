"""The form of `change-assignment`: who is in charge, and whether deadlines run."""

import uuid
from datetime import date

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.question import Ask
from models.i18n import gettext as _
from models.i18n import mark
from models.ledger.organisation import Squad
from models.ledger.project import Project
from models.refusal import Refused
from models.words import Clock
from tasks.dialogues.fields import PersonName, chosen, nobody
from tasks.dialogues.subjects import OneOffForm
from tasks.items.assignments import Assignment, delegate, reassign, turn_clock
from tasks.items.open_items import open_items
from tasks.items.standing import on_hold
from tasks.ledger.locks import lock_project
from tasks.ledger.lookups import people, person_choice, squad_names
from tasks.runs.brief import brief
from tasks.runs.dialogue import Question
from tasks.runs.forms import Day, Form, Optional, Required, choice_of


class AssignmentForm(Form):
    """Who is in charge from now on, prefilled with who is."""

    kind = mark("Change of assignment")

    officer: PersonName = Field(title=mark("Assigned officer"))
    leader: PersonName = Field(title=mark("Responsible leader"))
    squad: Required = Field(title=mark("Squad"), json_schema_extra=choice_of("squads"))
    delegate: PersonName = Field(
        title=mark("Acts for the leader"),
        description=mark("Who decides while the leader is away, in all the leader's projects"),
    )
    delegate_from: Day = Field(title=mark("Acts from"), description=mark("Only with somebody who acts for the leader"))
    delegate_until: Day = Field(
        title=mark("Acts until"), description=mark("Only with somebody who acts for the leader")
    )
    clock: Clock = Field(
        Clock.KEEP, title=mark("Deadlines"), description=mark("On hold, no deadline of the project runs")
    )
    reason: Optional = Field("", title=mark("Reason"), description=mark("Only to put on hold or to resume"))
    granted_by: Optional = Field("", title=mark("Granted by"), description=mark("Only to put on hold or to resume"))


class AssignmentDialogue(OneOffForm[AssignmentForm]):
    flow = "change-assignment"
    purpose = mark("change the assignment")
    form = AssignmentForm

    def question(self, session: Session, as_of: date) -> Question | None:
        project = lock_project(session, self.subject_id)
        return Question(
            brief(session, project, as_of),
            prefilled=prefilled(project, as_of),
            choices={"people": [nobody(), *people(session)], "squads": [nobody(), *squad_names(session)]},
        )

    def apply(self, session: Session, ask: Ask, answer: AssignmentForm, as_of: date) -> None:
        project = lock_project(session, self.subject_id)
        changed = {name for name in prefilled(project, as_of) if str(getattr(answer, name)) != ask.prefilled[name]}
        if not changed and answer.clock is Clock.KEEP:
            raise Refused(_("Nothing in the form differs from the ledger."))
        if changed & {"officer", "leader", "squad"}:
            reassign(session, project, self._wanted(session, project, answer, changed), as_of)
        person = chosen(session, answer.delegate)
        if "delegate" in changed or (person and changed & {"delegate_from", "delegate_until"}):
            delegate(project, person, first_on=answer.delegate_from, last_on=answer.delegate_until)
        turn_clock(session, project, answer.clock, answer.reason, answer.granted_by, as_of)

    def ending(self, session: Session, run_id: uuid.UUID) -> str:
        ask = self.accepted(session, run_id)
        clock = AssignmentForm.read(ask.answer).clock if ask and ask.answer else Clock.KEEP
        if clock is Clock.KEEP:
            return super().ending(session, run_id)
        paused = next((item for item in open_items(session, self.subject_id) if item.is_paused), None)
        told = _("%(project)s: %(state)s. %(entered)s")
        return told % {
            "project": session.get_one(Project, self.subject_id).title,
            "state": on_hold(paused) if paused else _("the clock runs again"),
            "entered": super().ending(session, run_id),
        }

    @staticmethod
    def _wanted(session: Session, project: Project, answer: AssignmentForm, changed: set[str]) -> Assignment:
        """The people and the squad the answer changed; the rest as the ledger has it now."""
        squad = select(Squad).where(Squad.name == answer.squad)
        return Assignment(
            officer=chosen(session, answer.officer) if "officer" in changed else project.officer,
            leader=chosen(session, answer.leader) if "leader" in changed else project.leader,
            squad=session.scalars(squad).one_or_none() if "squad" in changed else project.squad,
        )


def prefilled(project: Project, as_of: date) -> dict[str, str]:
    leader = project.leader
    return {
        "officer": person_choice(project.officer) or nobody(),
        "leader": person_choice(leader) or nobody(),
        "squad": project.squad.name if project.squad else nobody(),
        "delegate": person_choice(leader.delegate if leader else None) or nobody(),
        "delegate_from": str((leader and leader.delegate_from) or as_of),
        "delegate_until": str((leader and leader.delegate_until) or as_of),
    }
