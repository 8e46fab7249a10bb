"""What is owed on a day, and what became of it so far: people look at it before they act."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from deployments.replay.city.world import acting
from models.escalation.action_item import ActionItem, Blocker
from models.escalation.escalation import Escalation
from models.ledger.organisation import Unit
from models.ledger.project import Subject
from models.words import AT_OFFICE, RAISED, ItemKind, Step
from tasks.database import transaction
from tasks.ledger.locks import lock_subject


class Matter(NamedTuple):
    """One open item whose clock runs."""

    item_id: int
    kind: ItemKind
    project_id: int | None
    investor_id: int | None
    verifies_id: int | None
    owner_id: int | None
    unit: str
    due_on: date
    promised_on: date | None
    round: int
    entry_step: Step | None
    fired_step: Step | None
    coordination_asked_on: date | None
    raised: Step | None  # the last step that reached a leader or the inspection office, in this round or before
    raised_round: int | None
    raised_to: int | None
    acknowledged_at: datetime | None
    replied_at: datetime | None

    @property
    def day(self) -> date:
        """When it is due, or promised."""
        return self.promised_on or self.due_on

    @property
    def is_with_leader(self) -> bool:
        """Whether its leader was asked in this round and has not replied."""
        return self.raised is Step.LEADER and self.raised_round == self.round and self.replied_at is None

    @property
    def was_at_office(self) -> bool:
        """Whether only the inspection office may move its date by now."""
        return self.raised in AT_OFFICE

    @property
    def is_with_office(self) -> bool:
        """Whether the inspection office has it and has not replied."""
        return self.was_at_office and self.replied_at is None

    @property
    def pressure(self) -> int:
        """How hard its owner is pressed: 2 by inspection office or promise, 1 by the leader, 0."""
        if self.entry_step or self.fired_step in AT_OFFICE:
            return 2
        return 1 if self.fired_step in RAISED else 0


_LAST = (
    select(
        *(Escalation.item_id, Escalation.step, Escalation.round, Escalation.recipient_id),
        *(Escalation.acknowledged_at, Escalation.replied_at),
    )
    .where(Escalation.step.in_(RAISED))
    .ext(distinct_on(Escalation.item_id))
    .order_by(Escalation.item_id, Escalation.id.desc())
    .subquery("last")
)
_MATTERS = (
    select(
        *(ActionItem.id, ActionItem.kind, ActionItem.project_id, ActionItem.investor_id, ActionItem.verifies_id),
        *(ActionItem.owner_id, Unit.name, ActionItem.due_on, ActionItem.promised_on, ActionItem.round),
        *(ActionItem.entry_step, ActionItem.fired_step, Blocker.coordination_asked_on),
        *(_LAST.c.step, _LAST.c.round, _LAST.c.recipient_id, _LAST.c.acknowledged_at, _LAST.c.replied_at),
    )
    .join(Unit, Unit.id == ActionItem.unit_id)
    .outerjoin(Blocker, Blocker.item_id == ActionItem.id)
    .outerjoin(_LAST, _LAST.c.item_id == ActionItem.id)
    .where(ActionItem.closed_on.is_(None), ActionItem.is_paused.is_(False))
    .order_by(ActionItem.id)
)


def matters(*kinds: ItemKind) -> Sequence[Matter]:
    """Every open item of these kinds (none: of all) that is not on hold, the oldest first."""
    wanted = _MATTERS.where(ActionItem.kind.in_(kinds)) if kinds else _MATTERS
    with transaction() as session:
        return [Matter._make(row) for row in session.execute(wanted)]


@contextmanager
def acting_on(matter: Matter, by: str, flow: str, item_id: int = 0) -> Iterator[tuple[Session, ActionItem]]:
    """One person's act on a matter's item, or another one of the same subject, which is locked."""
    with acting(by, flow) as session:
        lock_subject(session, Subject(matter.project_id, matter.investor_id))
        yield session, session.get_one(ActionItem, item_id or matter.item_id)
