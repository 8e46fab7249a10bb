"""For `make kills`: makes steps of the ladder due, and counts what became of them and of messages.

Both are held against what the sweep and the delivery do not decide: a table of the ladder's steps,
and what a receiver outside Luodi has taken.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Delivery, Notice
from models.ledger.organisation import Person
from models.words import ItemKind, Occasion, Step
from support.office.days import working_day
from support.programs.receiver import KEY, Receiver
from tasks.database import transaction
from tasks.items.next_steps import keep_items, set_next_steps
from tasks.ledger.workdays import calendar_around
from tasks.notices.delivery import UNSETTLED
from tasks.notices.webhook import LuodiWebhook

CHANNEL = "kills"
KINDS = (ItemKind.BLOCKER, ItemKind.MILESTONE)  # visits are answered meanwhile, and then nothing is due
# The highest step that is due so many working days after the due date, if none has fired
LADDER = {-1: Step.REMINDER_BEFORE, 1: Step.REMINDER_AFTER, 3: Step.LEADER, 7: Step.OFFICE}

WAITING = (
    select(Notice.id)
    .outerjoin(Delivery, Delivery.id == Notice.delivery_id)
    .where(Notice.dropped_at.is_(None), Notice.delivery_id.is_(None) | and_(*UNSETTLED))
)

Due = tuple[int, int, str]  # escalation, recipient, occasion


class Fired(NamedTuple):
    item_id: int
    round: int
    step: Step
    day: date


@dataclass(frozen=True)
class Steps:
    fired: int
    lost: int
    doubled: int


@dataclass(frozen=True)
class Messages:
    delivered: int  # notices that were due, arrived, and are called delivered
    lost: int  # … that were due and are not
    doubled: int  # … that arrived with two keys: they were queued twice
    repeated: int  # messages that arrived again with the same key


class Ladder:
    """The steps that were made due, and the receiver that tells people of them."""

    def __init__(self, receiver: Receiver) -> None:
        self.receiver = receiver
        self.due: list[Fired] = []
        self.first_notice = 1

    def tell_receiver(self) -> None:
        """From now on, let everybody be told by the receiver."""
        LuodiWebhook(url=self.receiver.address, key=KEY).save(CHANNEL, overwrite=True)
        with transaction(source=CHANNEL) as session:
            session.execute(update(Person).values(channels=[CHANNEL]))
            self.first_notice = (session.scalar(select(func.max(Notice.id))) or 0) + 1

    def make_due(self) -> date:
        """Begin a new round for some items, with due dates set back; the day to be swept."""
        day = working_day(0)
        with transaction(source=CHANNEL) as session:
            keep_items(session)
            calendar = calendar_around(session, day)
            due = []
            for item, (overdue, step) in zip(self._idle_items(session, day), LADDER.items(), strict=False):
                item.round, item.due_on = item.round + 1, calendar.add(day, -overdue)
                item.fired_step = item.fired_on = item.promised_on = item.entry_step = item.resumed_step = None
                due.append(Fired(item.id, item.round, step, day))
            set_next_steps(session, items=[step.item_id for step in due])
        self.due += due
        return day

    @staticmethod
    def _idle_items(session: Session, day: date) -> list[ActionItem]:
        """Items without a due step and without a notice that waits, those used least first."""
        heard = select(Escalation.item_id).join(Notice, Notice.escalation_id == Escalation.id)
        waits = ActionItem.id.in_(heard.where(Notice.id.in_(WAITING)))
        idle = select(ActionItem).where(ActionItem.kind.in_(KINDS), ActionItem.next_fires_on > day, ~waits)
        return list(session.scalars(idle.order_by(ActionItem.round, ActionItem.id).limit(len(LADDER))))

    def is_settled(self) -> bool:
        """Whether all that was due has fired, and all that is queued was sent."""
        with transaction() as session:
            return session.scalar(WAITING.limit(1)) is None and not set(self.due) - set(self._fired(session))

    def steps(self) -> Steps:
        with transaction() as session:
            fired, due = self._fired(session), Counter(self.due)
        return Steps(fired.total(), (due - fired).total(), (fired - due).total())

    def _fired(self, session: Session) -> Counter[Fired]:
        """What fired on its day in the rounds that were begun; on later days more may."""
        days = {(step.item_id, step.round): step.day for step in self.due}
        rows = session.execute(select(Escalation.item_id, Escalation.round, Escalation.step, Escalation.raised_on))
        fired = [Fired._make(row) for row in rows]
        return Counter(step for step in fired if days.get((step.item_id, step.round)) == step.day)

    def messages(self) -> Messages:
        with transaction() as session:
            due, delivered = self._due_notices(session), self._delivered(session)
        keys = self._keys()
        kept = due & delivered & keys.keys()
        return Messages(
            delivered=len(kept),
            lost=len(due - kept),
            doubled=sum(len(of_one) > 1 for of_one in keys.values()),
            repeated=sum(count - 1 for count in self.receiver.taken.values()),
        )

    def _due_notices(self, session: Session) -> set[Due]:
        """Every notice that was not dropped, and one for each step that was made due and fired."""
        rounds = {(step.item_id, step.round) for step in self.due}
        steps = session.execute(
            select(Escalation.item_id, Escalation.round, Escalation.id, Escalation.recipient_id)
        ).all()
        queued = select(Notice.escalation_id, Notice.recipient_id, Notice.occasion)
        queued = queued.outerjoin(Delivery, Delivery.id == Notice.delivery_id)
        queued = queued.where(
            Notice.id >= self.first_notice, Notice.dropped_at.is_(None), Delivery.dropped_at.is_(None)
        )
        raised = {
            (number, recipient, Occasion.RAISED.value)
            for item_id, round_no, number, recipient in steps
            if recipient and (item_id, round_no) in rounds
        }
        return raised | {(number, person, occasion.value) for number, person, occasion in session.execute(queued)}

    @staticmethod
    def _delivered(session: Session) -> set[Due]:
        """What the ledger calls delivered."""
        notices = select(Notice.escalation_id, Notice.recipient_id, Notice.occasion)
        notices = notices.join(Delivery, Delivery.id == Notice.delivery_id).where(Delivery.delivered_at.is_not(None))
        return {(number, person, occasion.value) for number, person, occasion in session.execute(notices)}

    def _keys(self) -> dict[Due, set[str]]:
        """The keys of the messages by which each notice has arrived."""
        keys: dict[Due, set[str]] = defaultdict(set)
        for message in self.receiver.messages:
            if message.is_signed and message.status == 200:
                for line in message.body["notices"]:
                    keys[line["escalation_id"], message.body["recipient"]["id"], line["occasion"]].add(message.key)
        return keys
