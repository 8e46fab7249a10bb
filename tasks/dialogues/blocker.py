"""The blocker form: resolved, an extension, or coordination from above."""

from datetime import UTC, date, datetime

from pydantic import Field
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Blocker
from models.escalation.question import Ask
from models.i18n import gettext as _
from models.i18n import mark
from models.refusal import Refused
from models.words import BlockerOutcome
from tasks.dialogues.subjects import ItemDialogue
from tasks.documents.markdown import lines
from tasks.items.blockers import ask_coordination, extend, resolve_blocker
from tasks.ledger.questions import RESOLUTION
from tasks.runs.brief import brief
from tasks.runs.dialogue import Question
from tasks.runs.forms import Day, Form, Optional


class BlockerForm(Form):
    """What the unit that must solve a problem reports of it."""

    kind = mark("Blocker")

    outcome: BlockerOutcome = Field(title=mark("Outcome"))
    result: Optional = Field("", title=mark("How it was resolved"), description=mark("Only when it is resolved"))
    due_on: Day = Field(title=mark("New due date"), description=mark("Change it only for an extension"))
    reason: Optional = Field(
        "", title=mark("Reason"), description=mark("Why an extension is needed, or what must be coordinated with whom")
    )
    granted_by: Optional = Field("", title=mark("Granted by"), description=mark("The leader who granted the extension"))


class BlockerDialogue(ItemDialogue[BlockerForm]):
    flow = RESOLUTION
    parameter = "blocker_id"
    form = BlockerForm

    def question(self, session: Session, as_of: date) -> Question | None:
        self.lock(session)
        item = self.item(session)
        if item.closed_on is not None or item.blocker is None or item.project is None:
            return None
        return Question(
            brief=f"{self._about(item, item.blocker)}\n\n{brief(session, item.project, as_of, item)}",
            prefilled={"due_on": item.due_on.isoformat()},
            item_id=item.id,
        )

    @staticmethod
    def _about(item: ActionItem, blocker: Blocker) -> str:
        return lines(
            (
                (_("Blocker"), f"{blocker.category.label} · {blocker.description}"),
                (_("Unit that must solve it"), blocker.recipient_unit.name),
                (_("Solve by"), item.due_on),
                (_("Proposed solution"), blocker.proposed_solution),
                (_("Coordination asked for on"), blocker.coordination_asked_on),
                (_("What must be coordinated"), blocker.coordination_reason),
            )
        )

    def apply(self, session: Session, ask: Ask, answer: BlockerForm, as_of: date) -> None:
        item = self.item(session)
        match answer.outcome:
            case BlockerOutcome.RESOLVED:
                if not answer.result:
                    problem = _("Say how it was resolved: fill in “%(field)s”.")
                    raise Refused(problem % {"field": _("How it was resolved")})
                resolve_blocker(session, item, answer.result, answer.filled_in_by, as_of)
            case BlockerOutcome.EXTENSION:
                extend(session, item, answer.due_on, answer.reason, answer.granted_by, as_of)
            case BlockerOutcome.COORDINATION:
                asked_at = ask.answered_at or datetime.now(UTC)
                ask_coordination(session, item, answer.reason, answer.filled_in_by, as_of, asked_at)
