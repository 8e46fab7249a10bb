"""The visit form: the register's six topics, progress, blockers, milestones, outcome."""

import uuid
from datetime import date

from pydantic import Field
from sqlalchemy.orm import Session

from models.escalation.action_item import Visit
from models.escalation.question import Ask
from models.i18n import gettext as _
from models.i18n import mark
from models.ledger.project import Project
from models.refusal import Refused
from models.words import ItemKind, VisitOutcome
from tasks.dialogues.fields import FactsForm, Topics
from tasks.items.campaign_numbers import current_policy
from tasks.items.open_items import open_visit
from tasks.items.visits import record_visit
from tasks.ledger.locks import lock_project
from tasks.ledger.lookups import unit_names
from tasks.ledger.questions import LIFECYCLE
from tasks.ledger.workdays import calendar_around
from tasks.runs.brief import brief, label
from tasks.runs.dialogue import Dialogue, Question
from tasks.runs.forms import Day, Required
from tasks.runs.prefect_api import Label


class VisitForm(FactsForm):
    """A follow-up visit. An ordinary one needs three entries: day, progress and name."""

    kind = mark("Follow-up visit")
    FIRST = ("visited_on", "progress", "outcome", "next_visit_on")

    visited_on: Day = Field(title=mark("Visited on"))
    progress: Required = Field(title=mark("Progress"), description=mark("What has changed since the last visit"))
    next_visit_on: Day = Field(title=mark("Next visit by"))
    topics: Topics = Field(
        Topics(), title=mark("Six topics of the revisit"), description=mark("What was said, if anything")
    )


class VisitDialogue(Dialogue[VisitForm]):
    flow = LIFECYCLE
    parameter = "project_id"
    form = VisitForm

    def question(self, session: Session, as_of: date) -> Question | None:
        project = lock_project(session, self.subject_id)
        item = open_visit(session, project.id)
        if item is None or not project.is_open:
            return None
        next_on = _proposed_on(session, project.id, as_of)
        return Question(
            brief=brief(session, project, as_of, item),
            prefilled={"outcome": VisitOutcome.CONTINUE, "next_visit_on": next_on.isoformat()},
            choices={"units": unit_names(session)},
            item_id=item.id,
        )

    def apply(self, session: Session, ask: Ask, answer: VisitForm, as_of: date) -> list[str]:
        item = open_visit(session, self.subject_id)
        if item is None:
            raise Refused(_("No visit is owed on this project any more."))
        visit = Visit(
            item_id=item.id,
            visited_on=answer.visited_on,
            outcome=answer.outcome,
            progress=answer.progress,
            topics=answer.topics.filled_in(),
            filled_in_by=answer.filled_in_by,
        )
        facts, next_on = answer.facts(answer.visited_on, answer.progress), answer.next_visit_on
        if str(next_on) == ask.prefilled["next_visit_on"]:  # not chosen by the person, and perhaps old
            next_on = _proposed_on(session, self.subject_id, as_of)
        return record_visit(session, item, visit, facts, next_on, as_of)

    def label(self, session: Session) -> Label:
        return label(lock_project(session, self.subject_id))

    def ending(self, session: Session, run_id: uuid.UUID) -> str:
        project = session.get_one(Project, self.subject_id)
        if project.is_open:
            return super().ending(session, run_id)
        ended = {"project": project.title, "stage": project.stage.label, "day": project.ended_on}
        return _("%(project)s: %(stage)s, %(day)s.") % ended


def _proposed_on(session: Session, project_id: int, as_of: date) -> date:
    every = current_policy(session, ItemKind.VISIT, project_id).visit_every
    return calendar_around(session, as_of).add(as_of, every)
