"""The blocker form: resolved, an extension, or coordination from above."""

from datetime import date
from typing import Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.action_item import ActionItem, Blocker
from models.ask import Ask
from models.i18n import gettext, mark
from models.project import Project
from models.refusal import Refused
from models.words import BlockerOutcome
from tasks.briefs import brief, label, lines
from tasks.dialogue import Dialogue, Question
from tasks.forms import Form, Optional
from tasks.ledger import RESOLUTION
from tasks.prefect_api import Label
from tasks.reports import ask_coordination, extend, resolve_blocker

_ = mark


class BlockerForm(Form):
    """What the unit that must solve a problem reports of it."""

    outcome: BlockerOutcome = Field(title=_("Outcome"))
    result: Optional = Field("", title=_("How it was resolved"), description=_("Only when it is resolved"))
    due_on: date = Field(title=_("New due date"), description=_("Change it only for an extension"))
    reason: Optional = Field(
        "",
        title=_("Reason"),
        description=_("Why an extension is needed, or what must be coordinated with whom"),
    )
    granted_by: Optional = Field("", title=_("Granted by"), description=_("The leader who granted the extension"))


class Resolution(Dialogue[BlockerForm]):
    """What the recipient of a blocker owes until it is resolved or the project ends."""

    flow = RESOLUTION
    form = BlockerForm

    def project_id(self, session: Session) -> int:
        """The project the blocker holds back."""
        project_id = session.scalar(select(ActionItem.project_id).where(ActionItem.id == self.subject_id))
        if project_id is None:
            raise Refused(gettext("There is no blocker number %(id)s in the ledger.") % {"id": self.subject_id})
        return project_id

    def _item(self, session: Session) -> ActionItem:
        return session.get_one(ActionItem, self.subject_id, populate_existing=True)

    def question(self, session: Session, as_of: date) -> Question | None:
        """Ask what became of the blocker while it is open."""
        project, item = self.lock(session), self._item(session)
        if item.closed_on is not None or item.blocker is None:
            return None
        return Question(
            brief=f"{self._about(item, item.blocker)}\n\n{brief(session, project, as_of, item)}",
            prefilled={"due_on": item.due_on.isoformat()},
            item_id=item.id,
        )

    @staticmethod
    def _about(item: ActionItem, blocker: Blocker) -> str:
        return lines(
            (
                (gettext("Blocker"), f"{blocker.category.label} · {blocker.description}"),
                (gettext("Unit that must solve it"), blocker.recipient_unit.name),
                (gettext("Solve by"), item.due_on),
                (gettext("Proposed solution"), blocker.proposed_solution),
                (gettext("Coordination asked for on"), blocker.coordination_asked_on),
            )
        )

    def apply(self, session: Session, ask: Ask, answer: BlockerForm, as_of: date) -> None:
        """Resolve the blocker, move its due date, or note that it needs coordination."""
        item = self._item(session)
        match answer.outcome:
            case BlockerOutcome.RESOLVED:
                if not answer.result:
                    raise Refused(
                        gettext("Say how it was resolved: fill in “%(field)s”.")
                        % {"field": gettext("How it was resolved")}
                    )
                resolve_blocker(session, item, answer.result, answer.filled_in_by, as_of)
            case BlockerOutcome.EXTENSION:
                extend(session, item, answer.due_on, answer.reason, answer.granted_by, as_of)
            case BlockerOutcome.COORDINATION:
                ask_coordination(session, item, answer.reason, answer.filled_in_by, as_of)

    def label(self, session: Session, project: Project) -> Label:
        """Code, name, the blocker's category and number; county, sector and stage as tags."""
        blocker = self._item(session).blocker
        return label(project, f"{blocker.category.label if blocker else ''} {self.subject_id}")

    @property
    def parameters(self) -> dict[str, Any]:
        """The blocker's number: its action item's."""
        return {"blocker_id": self.subject_id}
