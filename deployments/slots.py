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
LATER = mark("Not started: another run of it is under way. It is started again as soon as that one has ended.")
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
    holders = _of(run, live_runs(client, [flow], BUSY))
    is_missed = any(_is_missed(flow, run, holder) for holder in holders)
    _say_why(client, run, LATER if is_missed or not holders else UNNEEDED)
    if not holders:  # it has ended meanwhile, and may have missed us
        start_again(client, run.id)


def after_holder(client: SyncPrefectClient, flow: str, holder: FlowRun, began: datetime) -> None:
    """Start again what was turned away while this run held the slot, where it would be missed."""
    since = min(holder.start_time or began, began)
    ended = _of(holder, live_runs(client, [flow], [StateType.CANCELLED], ended_since=since))
    away = [run for run in ended if _message(run) in (TURNED_AWAY, _(LATER), _(UNNEEDED))]
    for run in away:
        if _message(run) == TURNED_AWAY:  # by the server, when it was late
            _say_why(client, run, LATER if _is_missed(flow, run, holder) else UNNEEDED)
    missed = [run for run in away if _is_missed(flow, run, holder)]
    in_order = sorted(missed, key=lambda run: str(run.expected_start_time))
    for run in {_order(run): run for run in in_order}.values():  # the last of each: it does for all that are like it
        start_again(client, run.id)


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


def _is_missed(flow: str, run: FlowRun, holder: FlowRun) -> bool:
    """Whether the holder does not do what the run was for: what waits may have come after a
    delivery began, and a trial or another week's bulletin is none of the one wanted.
    """
    return flow == DELIVERY or _order(run) != _order(holder)


def _order(run: FlowRun) -> str:
    """What was ordered; a scheduled run is never a trial, whatever its parameters say."""
    return f"{run.auto_scheduled} {sorted(run.parameters.items())}"


def _say_why(client: SyncPrefectClient, run: FlowRun, why: str) -> None:
    client.set_flow_run_state(run.id, Cancelled(message=_(why)), force=True)
