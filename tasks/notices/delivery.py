"""Sends frozen messages: leased first, sent outside any transaction, then marked.

A receiver that honours the idempotency key gets each message exactly once; a robot or the inbox at
least once, for a worker may die between sending and marking.
"""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
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
from tasks.notices.turns import AT_ONCE, Turns
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


def deliver_all() -> list[Sent]:
    """Send every message that waits; one that fails, or a slow receiver, holds up no other."""
    tried: set[int] = set()
    sent: list[Sent] = []
    turns = Turns()
    while waiting := [(number, name) for number, name in _waiting() if number not in tried]:  # a refused one is sent on
        for number, name in waiting:
            tried.add(number)
            turns.add(number, name)
        sent += _deliver_in_turns(turns)
    return sent


def _deliver_in_turns(turns: Turns) -> list[Sent]:
    sent: list[Sent] = []
    under_way: dict[Future[Sent], str] = {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while True:
            while next_one := turns.take():
                number, name = next_one
                # in this run's context: it owns inbox artifacts
                under_way[pool.submit(copy_context().run, deliver, number)] = name
            if not under_way:
                break
            for ended in wait(under_way, return_when=FIRST_COMPLETED).done:
                sent.append(ended.result())
                turns.end(under_way.pop(ended), answered=sent[-1].is_answered)
    too_late = _("The run has taken too long; the next one goes on.")
    silent = _("The receiver did not answer several messages of this run; the next one goes on.")
    return sent + [_leave(number, silent if turns.is_silent(name) else too_late) for number, name in turns.left()]


def _waiting() -> list[tuple[int, str]]:
    """Each message that waits, and its channel."""
    waiting = select(Delivery.id, Delivery.channel).where(*UNSETTLED).order_by(Delivery.id)
    with transaction(source=ACTOR) as session:
        session.execute(text(DROP_SETTLED))
        return [(number, name) for number, name in session.execute(waiting)]


def _leave(delivery_id: int, why: str) -> Sent:
    """Note why this run does not send a message, unless another run is sending it."""
    with transaction(source=ACTOR) as session:
        is_free = Delivery.lease_until.is_(None) | (Delivery.lease_until < func.now())
        noted = update(Delivery).where(Delivery.id == delivery_id, *UNSETTLED, is_free).values(last_error=why)
        is_noted = session.scalar(noted.returning(Delivery.id)) is not None
        delivery = session.get_one(Delivery, delivery_id)
        outcome = DeliveryOutcome.DELAYED if is_noted else DeliveryOutcome.ELSEWHERE
        return Sent(delivery_id, person_choice(delivery.recipient), delivery.channel, outcome, why if is_noted else "")


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
        return replace(sent, why=str(delay), is_answered=not isinstance(delay, NoAnswer))
    except Exception as fault:  # of ours: noted, so that the doctor finds it, and tried again
        _settle(delivery.id, last_error=f"{type(fault).__name__}: {fault}", lease_until=None)
        raise
    _settle(delivery.id, delivered_at=datetime.now(UTC), last_error="", lease_until=None)
    return replace(sent, outcome=DeliveryOutcome.DELIVERED)


def _send(delivery: Delivery, recipient: str) -> None:
    if delivery.channel != INBOX:
        kept_channel(delivery.channel).post(delivery.body, str(delivery.idempotency_key))
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
    failed = [message for message in sent if message.outcome in (DeliveryOutcome.DELAYED, DeliveryOutcome.REFUSED)]
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


def channel_name(channel: str) -> str:
    return channel or _("built-in inbox")
