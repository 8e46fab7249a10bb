"""Sends Prefect what waits in the outbox: after the commit, in the order it was written, each event
at least once.

Prefect answers before it has stored an event, and loses those if it is killed. So a row stays until
Prefect shows its event; one that it does not show is sent again, under the same number.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.logging import get_logger
from sqlalchemy import Select, and_, delete, func, or_, select, update

from models.events.outbox import OutboxEvent
from models.i18n import gettext as _
from tasks.database import transaction
from tasks.events.description import described
from tasks.ledger.locks import one_at_a_time

BATCH = 200  # events a request: of Prefect's queue of 10,000 few are ours
PAGE = 50  # the most that Prefect shows at once
STORED_AFTER = timedelta(seconds=15)  # Prefect stores what came in every five seconds
# Prefect passes over a number that it has met in the last five minutes.
SENT_AGAIN_AFTER = timedelta(minutes=6)
TRIES = 5  # then Prefect is told to keep no events, or not to keep old ones
A_MOMENT = timedelta(seconds=1)


def send_all(client: SyncPrefectClient) -> list[str]:
    """Send what waits, and drop what Prefect has stored; returns what failed, to be tried again."""
    try:
        send_events(client)
        forget_stored(client)
    except httpx.HTTPError as problem:
        return [_("Events could not be sent to Prefect: %(why)s") % {"why": problem}]
    return []


def send_events(client: SyncPrefectClient) -> int:
    """Send all that waits; returns how many events. Two at once send nothing twice."""
    sent = 0
    while count := _send_batch(client):
        sent += count
    return sent


def _waiting(now: datetime) -> Select[OutboxEvent]:
    is_lost = and_(OutboxEvent.sent_at < now - SENT_AGAIN_AFTER, OutboxEvent.attempts < TRIES)
    return select(OutboxEvent).where(or_(OutboxEvent.sent_at.is_(None), is_lost)).order_by(OutboxEvent.id)


def _send_batch(client: SyncPrefectClient) -> int:
    now = datetime.now(UTC)
    with transaction(source="events") as session:
        if session.scalar(_waiting(now).with_only_columns(OutboxEvent.id).limit(1)) is None:
            return 0
        one_at_a_time(session, "events")
        # Nobody else writes these rows: that they are locked while Prefect answers holds up nobody.
        rows = session.scalars(_waiting(now).limit(BATCH)).all()
        if rows:
            client.request("POST", "/events", json=described(session, rows))
            marked = {"sent_at": func.clock_timestamp(), "attempts": OutboxEvent.attempts + 1}
            session.execute(update(OutboxEvent).where(OutboxEvent.id.in_([row.id for row in rows])).values(marked))
    return len(rows)


def forget_stored(client: SyncPrefectClient) -> int:
    """Drop the rows whose events Prefect has stored, or does not keep; returns how many."""
    now = datetime.now(UTC)
    is_due = OutboxEvent.sent_at < now - STORED_AFTER
    with transaction(source="events") as session:
        rows = session.scalars(select(OutboxEvent).where(is_due).order_by(OutboxEvent.id).limit(BATCH)).all()
    pages = [rows[start : start + PAGE] for start in range(0, len(rows), PAGE)]
    stored = {number for page in pages for number in _stored(client, page)}
    unkept = [row for row in rows if str(row.event_id) not in stored and _is_given_up(row, now)]
    if unkept:
        get_logger("luodi.events").warning("Prefect keeps none of %s events: they are not sent again", len(unkept))
    over = [row.id for row in rows if str(row.event_id) in stored] + [row.id for row in unkept]
    if over:
        with transaction(source="events") as session:
            session.execute(delete(OutboxEvent).where(OutboxEvent.id.in_(over)))
    return len(over)


def _is_given_up(row: OutboxEvent, now: datetime) -> bool:
    return row.attempts >= TRIES and row.sent_at is not None and row.sent_at < now - SENT_AGAIN_AFTER


def _stored(client: SyncPrefectClient, rows: Sequence[OutboxEvent]) -> set[str]:
    """The numbers of those events that Prefect shows."""
    moments = [row.occurred_at for row in rows]
    between = {"since": (min(moments) - A_MOMENT).isoformat(), "until": (max(moments) + A_MOMENT).isoformat()}
    only = {"id": {"id": [str(row.event_id) for row in rows]}, "occurred": between}
    body: Any = {"filter": only, "limit": PAGE}
    reply = client.request("POST", "/events/filter", json=body)
    return {event["id"] for event in reply.json()["events"]}
