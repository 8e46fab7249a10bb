"""What a dialogue is about: an item, or a project that an operator names."""

from abc import abstractmethod
from typing import Any

from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.ledger.subject import Subject
from tasks.database import transaction
from tasks.ledger.locks import lock_project, subject_of
from tasks.ledger.lookups import project_by_code
from tasks.runs.brief import label
from tasks.runs.dialogue import Dialogue, F
from tasks.runs.prefect_api import Label


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


def project_id_of(code: str) -> int:
    """The number of the project with that code.

    Raises:
        Refused: when there is none.
    """
    with transaction() as session:
        return project_by_code(session, code).id


class OneOffForm(Dialogue[F]):
    """A form about one project that is asked until an answer is accepted; then its run is over."""

    is_standing = False

    def label(self, session: Session) -> Label:
        """Code, name and purpose; county, sector and stage as tags."""
        return label(lock_project(session, self.subject_id), self.purpose)

    @property
    @abstractmethod
    def purpose(self) -> str:
        """What the form is for, as the runs list says it."""

    @property
    def parameters(self) -> dict[str, Any]:
        """None: people start these runs, and nothing starts them anew."""
        return {}
