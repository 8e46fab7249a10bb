"""A dialogue about one item: a blocker, a visit to an investor, an escalation."""

from typing import Any

from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.ledger.project import Subject
from tasks.ledger.locks import subject_of
from tasks.runs.dialogue import Dialogue, F


class ItemDialogue(Dialogue[F]):
    """Questions about one item."""

    def subject(self, session: Session) -> Subject:
        """The project or the investor the item is owed on."""
        return subject_of(session, self.subject_id)

    def item(self, session: Session) -> ActionItem:
        """The item as it is now; lock its subject first."""
        return session.get_one(ActionItem, self.subject_id, populate_existing=True)

    @property
    def parameters(self) -> dict[str, Any]:
        """The item's number."""
        return {"item_id": self.subject_id}
