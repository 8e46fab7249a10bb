"""What a dialogue is about: an item, or a project that an operator names."""

from typing import ClassVar

from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.i18n import gettext as _
from models.ledger.project import Subject
from tasks.database import transaction
from tasks.items.wording import what
from tasks.ledger.locks import lock_project, subject_of
from tasks.ledger.lookups import project_by_code
from tasks.runs.brief import item_label, label
from tasks.runs.dialogue import Dialogue, F
from tasks.runs.prefect_api import Label


class ItemDialogue(Dialogue[F]):
    parameter = "item_id"

    def subject(self, session: Session) -> Subject:
        return subject_of(session, self.subject_id)

    def item(self, session: Session) -> ActionItem:
        """The item as it is now; lock its subject first."""
        return session.get_one(ActionItem, self.subject_id, populate_existing=True)

    def label(self, session: Session) -> Label:
        item = self.item(session)
        return item_label(item, f"{what(item)} {item.id}")


def project_id_of(code: str) -> int:
    """The number of the project of that code; `Refused` when there is none."""
    with transaction() as session:
        return project_by_code(session, code).id


class OneOffForm(Dialogue[F]):
    """A form about one project that is asked until an answer is accepted; then its run is over."""

    is_standing = False
    purpose: ClassVar[str]  # as the runs list says it

    def label(self, session: Session) -> Label:
        return label(lock_project(session, self.subject_id), _(self.purpose))
