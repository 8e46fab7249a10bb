"""Sends frozen messages: leased first, sent outside any transaction, then marked.

A receiver that honours the idempotency key gets each message exactly once; a robot or the inbox at
least once, for a worker may die between sending and marking.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.logging import get_logger
from sqlalchemy import func, select, text, update

from models.escalation.notice import Delivery, Notice
from models.i18n import clauses, mark, of_each
from models.i18n import gettext as _
from models.words import Word
from tasks.database import transaction
from tasks.ledger.lookups import person_choice
from tasks.notices.digest import ACTOR, SETTLED
from tasks.notices.turns import INBOX_SHARE, SHARE, Turns, run_ends_at
from tasks.notices.webhook import DeliveryDelayed, DeliveryRefused, NoAnswer, kept_channel

INBOX = ""  # the channel of those who have none: an artifact of the run that delivers

# Much longer than all tries of one message may take together.
LEASE = """
UPDATE delivery SET lease_until = now() + interval '5 minutes', attempts = attempts + 1
WHERE id = :id AND delivered_at IS NULL AND refused_at IS NULL AND dropped_at IS NULL
  AND (lease_until IS NULL OR lease_until < now())
RETURNING id
"""

UNSETTLED = (Delivery.delivered_at.is_(None), Delivery.refused_at.is_(None), Delivery.dropped_at.is_(None))

# A message without notices, such as a bulletin, settles nothing and is never settled.
DROP_SETTLED = f"""
UPDATE delivery d SET dropped_at = now()
WHERE d.delivered_at IS NULL AND d.refused_at IS NULL AND d.dropped_at IS NULL
  AND (d.lease_until IS NULL OR d.lease_until < now())
  AND EXISTS (SELECT FROM notice n WHERE n.delivery_id = d.id)
  AND NOT EXISTS (SELECT FROM notice n JOIN escalation e ON e.id = n.escalation_id
                  JOIN action_item i ON i.id = e.item_id
                  WHERE n.delivery_id = d.id AND NOT {SETTLED})
"""  # noqa: S608 - only words of ours


class DeliveryOutcome(Word):
    DELIVERED = "delivered", mark("Delivered")
    DELAYED = "delayed", mark("Not yet: the hourly run tries again")
    REFUSED = "refused", mark("Refused for good: sent on to the next channel")
    MOVED = "moved", mark("No channel of theirs any more: sent on by what is set now")
    ELSEWHERE = "elsewhere", mark("Being sent by another run")


@dataclass(frozen=True)
class Sent:
    delivery_id: int
    recipient: str
    channel: str
    outcome: DeliveryOutcome
    why: str = ""
    is_answered: bool = True  # by the receiver
    heals: bool = False  # it may arrive if it is sent again soon

    @property
    def is_failed(self) -> bool:
        return self.outcome in (DeliveryOutcome.DELAYED, DeliveryOutcome.REFUSED)


class NotDelivered(RuntimeError):
    """Messages of a channel that could not be delivered; the text says whose, and why."""

    def __init__(self, failed: Sequence[Sent]) -> None:
        super().__init__(not_delivered(failed, ()))
        self.heals = any(message.heals for message in failed)


class Channel:
    """The messages that wait for a channel in one run; delivered again, those that may yet go."""

    def __init__(self, name: str, waiting: Iterable[int], ends_at: float) -> None:
        self.name, self._ends_at = name, ends_at
        self._left = deque(waiting)
        self._sent: dict[int, Sent] = {}

    def __str__(self) -> str:
        words = {"channel": channel_name(self.name), "count": len(self._left)}
        return _("%(channel)s (%(count)s messages)") % words

    @property
    def sent(self) -> list[Sent]:
        return list(self._sent.values())

    def deliver(self) -> None:
        """Send what is left.

        Raises:
            NotDelivered: if not all of it arrived; it heals if some of that may arrive yet.
        """
        again = bool(self._sent)
        now = {message.delivery_id: message for message in (self._one_by_one() if again else self._all())}
        self._sent |= now
        self._left = deque(number for number in self._left if self._sent[number].heals)
        if failed := [message for message in self.sent if message.is_failed]:
            raise NotDelivered(failed)

    def _all(self) -> list[Sent]:
        turns = Turns(self._ends_at)
        with ThreadPoolExecutor(SHARE if self.name else INBOX_SHARE) as pool:
            # each in this run's context: it owns inbox artifacts
            sending = [pool.submit(copy_context().run, _take_turn, turns, number) for number in self._left]
            return [message.result() for message in sending]

    def _one_by_one(self) -> Iterator[Sent]:
        """As long as they arrive; each time another message comes first."""
        self._left.rotate(-1)
        turns = Turns(self._ends_at)
        for number in self._left:
            if turns.is_over:
                return
            message = deliver(number)
            yield message
            if message.heals:
                return


def _take_turn(turns: Turns, delivery_id: int) -> Sent:
    if why := turns.why_not():
        return _leave(delivery_id, why, heals=not turns.is_over)
    message = deliver(delivery_id)
    if not message.is_answered:
        turns.silences.append(delivery_id)
    return message


def deliver_all(serve: Callable[[Sequence[Channel]], Iterable[Channel]]) -> list[Sent]:
    """Send every message that waits; one that fails, or a slow receiver, holds up no other.

    `serve` lets the channels deliver side by side, and gives each back once it is done.
    """
    tried: set[int] = set()
    sent: list[Sent] = []
    ends_at = run_ends_at()
    while waiting := [(number, name) for number, name in _waiting() if number not in tried]:  # a refused one is sent on
        tried |= {number for number, _name in waiting}
        names = dict.fromkeys(name for _number, name in waiting)
        channels = [Channel(name, (number for number, by in waiting if by == name), ends_at) for name in names]
        for channel in serve(channels):
            sent += channel.sent
    return sent


def _waiting() -> list[tuple[int, str]]:
    """Each message that waits, and its channel."""
    waiting = select(Delivery.id, Delivery.channel).where(*UNSETTLED).order_by(Delivery.id)
    with transaction(source=ACTOR) as session:
        session.execute(text(DROP_SETTLED))
        return [(number, name) for number, name in session.execute(waiting)]


def _leave(delivery_id: int, why: str, *, heals: bool) -> Sent:
    """Note why a message is not sent, unless another run is sending it."""
    with transaction(source=ACTOR) as session:
        is_free = Delivery.lease_until.is_(None) | (Delivery.lease_until < func.now())
        noted = update(Delivery).where(Delivery.id == delivery_id, *UNSETTLED, is_free).values(last_error=why)
        is_noted = session.scalar(noted.returning(Delivery.id)) is not None
        delivery = session.get_one(Delivery, delivery_id)
        sent = Sent(delivery_id, person_choice(delivery.recipient), delivery.channel, DeliveryOutcome.ELSEWHERE)
        return replace(sent, outcome=DeliveryOutcome.DELAYED, why=why, heals=heals) if is_noted else sent


def deliver(delivery_id: int) -> Sent:
    """Send one message, then mark it; a sent one is not sent again."""
    sent = Sent(delivery_id, "", INBOX, DeliveryOutcome.DELAYED)
    try:
        with transaction() as session:
            leased = session.scalar(text(LEASE), {"id": delivery_id})
            delivery = session.get_one(Delivery, delivery_id)
            sent = replace(sent, recipient=person_choice(delivery.recipient), channel=delivery.channel)
        if leased is None:
            return replace(sent, outcome=DeliveryOutcome.ELSEWHERE)
        return _deliver(delivery, sent)
    except Exception as fault:  # the lease runs out, and the hourly run tries again
        get_logger().exception("delivery %s failed", delivery_id)
        return replace(sent, why=f"{type(fault).__name__}: {fault}")


def _deliver(delivery: Delivery, sent: Sent) -> Sent:
    if delivery.channel not in (INBOX, *delivery.recipient.channels):
        _pass_on(delivery.id, DeliveryOutcome.MOVED.label)
        return replace(sent, outcome=DeliveryOutcome.MOVED)
    try:
        _send(delivery, sent.recipient)
    except DeliveryRefused as refusal:
        _pass_on(delivery.id, str(refusal))
        return replace(sent, outcome=DeliveryOutcome.REFUSED, why=str(refusal))
    except DeliveryDelayed as delay:
        _settle(delivery.id, last_error=str(delay), lease_until=None)
        return replace(sent, why=str(delay), is_answered=not isinstance(delay, NoAnswer), heals=True)
    except Exception as fault:  # of ours: noted, so that the doctor finds it, and tried again
        _settle(delivery.id, last_error=f"{type(fault).__name__}: {fault}", lease_until=None)
        raise
    _settle(delivery.id, delivered_at=datetime.now(UTC), last_error="", lease_until=None)
    return replace(sent, outcome=DeliveryOutcome.DELIVERED)


def _send(delivery: Delivery, recipient: str) -> None:
    if delivery.channel != INBOX:
        kept_channel(delivery.channel).post(delivery.body, str(delivery.idempotency_key), tries_again=False)
        return
    create_markdown_artifact(
        delivery.body["markdown"], key=f"inbox-{delivery.recipient_id}", description=f"{recipient} · {delivery.id}"
    )


def _settle(delivery_id: int, **values: Any) -> None:
    with transaction(source=ACTOR) as session:
        session.execute(update(Delivery).where(Delivery.id == delivery_id).values(values))


def _pass_on(delivery_id: int, why: str) -> None:
    """Settle a message as refused; its digest goes by the next channel, at last the inbox."""
    with transaction(source=ACTOR) as session:
        refused = session.get_one(Delivery, delivery_id, with_for_update=True)
        refused.refused_at, refused.last_error, refused.lease_until = datetime.now(UTC), why, None
        following = Delivery(recipient_id=refused.recipient_id, channel=_next_channel(refused), body=refused.body)
        session.add(following)
        session.flush()
        session.execute(update(Notice).where(Notice.delivery_id == delivery_id).values(delivery_id=following.id))


def _next_channel(refused: Delivery) -> str:
    channels = refused.recipient.channels
    tried = channels.index(refused.channel) + 1 if refused.channel in channels else 0
    return next(iter(channels[tried:]), INBOX)


def show_sent(sent: Sequence[Sent]) -> None:
    if sent:
        create_table_artifact([_row(message) for message in sent], key=ACTOR, description=_("Who was told, and how"))


def count_delivered(sent: Sequence[Sent]) -> int:
    return sum(message.outcome is DeliveryOutcome.DELIVERED for message in sent)


def not_delivered(sent: Sequence[Sent], unwritten: Sequence[str]) -> str:
    """Who got no message and why, unwritten digests included; empty when all arrived."""
    failed = [message for message in sent if message.is_failed]
    missing = [of_each(f"{message.recipient} · {channel_name(message.channel)}", message.why) for message in failed]
    missing += unwritten
    return _("Not delivered: %(names)s") % {"names": clauses(missing)} if missing else ""


def _row(message: Sent) -> dict[str, str | int]:
    return {
        _("Recipient"): message.recipient,
        _("Channel"): channel_name(message.channel),
        _("Outcome"): message.outcome.label,
        _("Reason"): message.why,
        _("Message"): message.delivery_id,
    }


def channel_name(name: str) -> str:
    return name or _("built-in inbox")
