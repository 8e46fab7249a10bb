"""The form of a visit to an investor: its statement, six topics, problems of its projects."""

from collections.abc import Sequence
from datetime import date

from pydantic import ConfigDict, Field
from sqlalchemy.orm import Session

from models.escalation.action_item import Visit
from models.escalation.question import Ask
from models.i18n import gettext as _
from models.i18n import mark
from models.ledger.project import Investor, Project
from models.refusal import Refused
from models.words import VisitOutcome
from tasks.dialogues.fields import BlockerEntry, Topics
from tasks.dialogues.subjects import ItemDialogue
from tasks.items.visits import record_investor_visit
from tasks.ledger.locks import lock_investor, lock_projects_of
from tasks.ledger.lookups import unit_names
from tasks.ledger.questions import INVESTOR_VISIT
from tasks.runs.brief import investor_brief
from tasks.runs.dialogue import Question
from tasks.runs.forms import Day, Form, Part, Required, choice_of

NO_PROJECT = mark("(no open project)")


class OfProject(Part):
    project: Required = Field(title=mark("Project"), json_schema_extra=choice_of("projects"))


class ProblemEntry(BlockerEntry, OfProject):
    """A problem that holds one of the investor's projects back."""

    model_config = ConfigDict(title=mark("Problem"))


class InvestorVisitForm(Form):
    """A visit to an investor. An ordinary one needs three entries: day, statement and name."""

    kind = mark("Visit to the investor")
    FIRST = ("visited_on", "progress")

    visited_on: Day = Field(title=mark("Visited on"))
    progress: Required = Field(
        title=mark("What the investor said"),
        description=mark("How its projects go on, what it plans and what it asks for"),
    )
    topics: Topics = Field(
        Topics(), title=mark("Six topics of the revisit"), description=mark("What was said, if anything")
    )
    problems: list[ProblemEntry] = Field(
        [], title=mark("Problems found"), description=mark("One entry for each problem, on the project it holds back")
    )


class InvestorVisitDialogue(ItemDialogue[InvestorVisitForm]):
    flow = INVESTOR_VISIT
    form = InvestorVisitForm

    def lock(self, session: Session) -> Investor:
        """Lock the investor, its projects first: the answer may concern any of them."""
        investor_id = self.subject(session).investor_id
        if investor_id is None:
            raise Refused(_("There is no visit to an investor with the number %(id)s.") % {"id": self.subject_id})
        lock_projects_of(session, investor_id)
        return lock_investor(session, investor_id)

    def question(self, session: Session, as_of: date) -> Question | None:
        investor, item = self.lock(session), self.item(session)
        if item.closed_on is not None:
            return None
        projects = [project.title for project in lock_projects_of(session, investor.id)]
        return Question(
            brief=investor_brief(session, investor, as_of, item),
            choices={"projects": projects or [_(NO_PROJECT)], "units": unit_names(session)},
            item_id=item.id,
        )

    def apply(self, session: Session, ask: Ask, answer: InvestorVisitForm, as_of: date) -> list[str]:
        investor, item = self.lock(session), self.item(session)
        projects = lock_projects_of(session, investor.id)
        visit = Visit(
            item_id=item.id,
            visited_on=answer.visited_on,
            outcome=VisitOutcome.CONTINUE,
            progress=answer.progress,
            topics=answer.topics.filled_in(),
            filled_in_by=answer.filled_in_by,
        )
        problems = [(_chosen(projects, entry.project), entry.reported()) for entry in answer.problems]
        return record_investor_visit(session, item, visit, problems, as_of)


def _chosen(projects: Sequence[Project], choice: str) -> Project:
    """The project a choice names by its code; its name may be another by now."""
    named = [project for project in projects if choice.startswith(f"{project.code} ")]
    if not named:
        raise Refused(_("“%(choice)s” is no open project of this investor.") % {"choice": choice})
    return max(named, key=lambda project: len(project.code))
