"""What a dialogue is about: an item, or a project that an operator names."""

import uuid
from datetime import UTC, datetime
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.question import Ask
from models.i18n import gettext as _
from models.ledger.project import Subject
from models.words import Verdict
from tasks.database import transaction
from tasks.items.open_items import open_verification
from tasks.items.standing import state
from tasks.items.wording import what
from tasks.ledger.locks import lock_project, subject_of
from tasks.ledger.lookups import project_by_code
from tasks.ledger.office_time import office_day
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
        return item_label(item, what(item))

    def ending(self, session: Session, _run_id: uuid.UUID) -> str:
        item = self.item(session)
        if item.closed_on is None or open_verification(session, item.id):
            how = state(session, item, office_day(datetime.now(UTC)))
            return _("%(what)s: %(state)s.") % {"what": what(item), "state": how}
        values = {"what": what(item), "result": item.result.label if item.result else "", "day": item.closed_on}
        return _("%(what)s: %(result)s, %(day)s.") % values


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

    def ending(self, session: Session, run_id: uuid.UUID) -> str:
        if ask := self.accepted(session, run_id):
            entered = {"what": _(self.purpose), "who": ask.filled_in_by, "no": ask.form_no}
            return _("Entered: %(what)s, by %(who)s, form %(no)s.") % entered
        return _("Nothing was entered: %(what)s.") % {"what": _(self.purpose)}

    @staticmethod
    def accepted(session: Session, run_id: uuid.UUID) -> Ask | None:
        """The question whose answer ended the run."""
        applied = select(Ask).where(Ask.flow_run_id == run_id, Ask.verdict == Verdict.APPLIED)
        return session.scalars(applied.order_by(Ask.judged_at.desc()).limit(1)).one_or_none()
