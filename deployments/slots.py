"""The slots of deployments that may run once at a time: kept, freed, and who was turned away.

Prefect gives a slot with a lease on it. Whoever dies does not renew it, and the slot comes free.
"""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from math import inf
from typing import Protocol
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Cancelled

from deployments.entrypoints import entrypoints
from models.i18n import gettext as _
from models.i18n import mark
from tasks.notices.digest import ACTOR as DELIVERY
from tasks.runs.prefect_api import deployments_named, live_runs, start_again

LEASE, RENEWS = 120.0, 20.0  # seconds a renewed lease holds, and between two renewals
TURNED_AWAY = "Deployment concurrency limit reached."  # what Prefect says
UNNEEDED = mark("Not started: another run of it is under way, which does the same.")
LATER = mark("Not started: another delivery is under way. What waits is sent as soon as that one has ended.")
BUSY = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING]


class Holder(Protocol):
    """A step under way that holds a slot."""

    lease: UUID | None
    renewed_at: float


def due_for_renewal(holders: Iterable[Holder]) -> list[Holder]:
    return [holder for holder in holders if time.monotonic() >= holder.renewed_at + RENEWS]


def renew(holders: Sequence[Holder]) -> None:
    """Renew their leases; one that is lost is not asked for again, and its step goes on."""
    client = get_client(sync_client=True)
    for holder in holders:
        if lease := holder.lease:
            holder.renewed_at = time.monotonic()
            try:
                client.renew_concurrency_lease(lease, LEASE)
            except httpx.HTTPStatusError as problem:
                if problem.response.status_code != httpx.codes.GONE:
                    raise
                holder.renewed_at = inf


def turn_away(client: SyncPrefectClient, flow: str, run: FlowRun) -> None:
    """Let the page of a run that Prefect has cancelled say why, in the office's language."""
    _say_why(client, flow, run)
    if not _of(run, live_runs(client, [flow], BUSY)):  # the holder has ended meanwhile, and may have missed us
        _start_again(client, flow, [run])


def after_holder(client: SyncPrefectClient, flow: str, holder: FlowRun, began: datetime) -> None:
    """Start again what was turned away while this run held the slot, where it must not be lost."""
    since = min(holder.start_time or began, began)
    ended = _of(holder, live_runs(client, [flow], [StateType.CANCELLED], ended_since=since))
    away = [run for run in ended if _message(run) in (TURNED_AWAY, _why(flow))]
    for run in away:
        if _message(run) == TURNED_AWAY:  # by the server, when it was late
            _say_why(client, flow, run)
    _start_again(client, flow, away)


def free_lost(client: SyncPrefectClient) -> None:
    """Free slots that no run holds: their lease was lost, so no other part of Prefect does."""
    for deployment in deployments_named(client, list(entrypoints())):
        limit = deployment.global_concurrency_limit
        if limit and limit.active_slots and limit.name == f"deployment:{deployment.id}":  # no other deployment's, too
            busy = [run for run in live_runs(client, [deployment.name], BUSY) if run.deployment_id == deployment.id]
            if (lost := int(limit.active_slots) - len(busy)) > 0:
                client.release_concurrency_slots([limit.name], lost, LEASE)


def _of(like: FlowRun, runs: Iterable[FlowRun]) -> list[FlowRun]:
    return [run for run in runs if run.deployment_id == like.deployment_id]


def _message(run: FlowRun) -> str | None:
    return run.state.message if run.state else None


def _why(flow: str) -> str:
    return _(LATER) if flow == DELIVERY else _(UNNEEDED)


def _say_why(client: SyncPrefectClient, flow: str, run: FlowRun) -> None:
    client.set_flow_run_state(run.id, Cancelled(message=_why(flow)), force=True)


def _start_again(client: SyncPrefectClient, flow: str, away: Sequence[FlowRun]) -> None:
    """One delivery sends what all of them would have sent; of the others none is missed."""
    if away and flow == DELIVERY:
        start_again(client, max(away, key=lambda run: str(run.expected_start_time)).id)
