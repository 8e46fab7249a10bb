"""The `in-process` worker: one long-lived process executes all runs, instead of one for each.

Prefect finds it by the entry point group `prefect.collections`; `luodi worker` starts it.
"""

import argparse
import os
import signal
import socket
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio.abc
import anyio.to_thread
import httpx
from anyio.streams.memory import MemoryObjectReceiveStream
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterNextScheduledStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import WorkerFlowRunResponse
from prefect.client.schemas.sorting import FlowRunSort
from prefect.context import SyncClientContext
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.events.worker import EventsWorker
from prefect.exceptions import ObjectNotFound
from prefect.flows import Flow
from prefect.settings import get_current_settings
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from deployments.entrypoints import ForeignEntrypoint, flow_at
from deployments.event_sender import EventSender
from deployments.lanes import ANSWERS, Lane, lanes
from deployments.slots import due_for_renewal, renew
from deployments.steps import Underway, execute, release_stuck
from deployments.upkeep import Upkeep
from models.i18n import gettext as _
from tasks.runs.prefect_api import PAGE, POOL, POOL_TYPE, is_passing
from tasks.runs.reconciliation import STRANDED

STARTS = ["prefect.flow-run.Scheduled", "prefect.flow-run.Resuming"]
LOSSES = ["prefect.deployment.deleted", "prefect.deployment.updated", "prefect.work-pool.deleted"]
HEARD = EventFilter(event=EventNameFilter(name=STARTS + LOSSES))
# Seconds
LOOKS_APART = 0.2  # between two looks for work: each brings all that still waits
ASKS_AGAIN = 0.3  # between two looks whether the server is there yet
LISTENS_AGAIN = 1.0  # after the server has ended the connection that tells of events
BEAT = 2.0  # between two signs of life
MENDS_APART, FAILED_MENDS_APART = 0.5, 5.0
LAST_WORDS = 10.0  # for each thing a worker does before it ends


class FlowNotLoaded(RuntimeError):
    """A deployment's flow cannot be loaded: the message says why. The run crashes."""


class InProcessResult(BaseWorkerResult):
    """How the execution of a run ended; non-zero only when the engine itself failed."""


class InProcessWorker(BaseWorker[BaseJobConfiguration, BaseVariables, InProcessResult]):
    """Executes flow runs in threads of its own process; no run is executed twice at once."""

    type = POOL_TYPE
    job_configuration = BaseJobConfiguration
    _description = "Executes short flow runs inside the worker's own process."

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.underway = Underway()
        self.upkeep = Upkeep()
        self.event_sender = EventSender()
        self._threads: dict[Lane, anyio.CapacityLimiter] = {}
        self._flows: dict[uuid.UUID, Flow[..., Any]] = {}
        self._lanes: dict[uuid.UUID, Lane] = {}  # of the runs that were taken
        self._given_up: set[uuid.UUID] = set()
        self._is_cut_off = False

    @classmethod
    def get_default_base_job_template(cls) -> dict[str, Any]:
        return {}  # there is no infrastructure that the server could check each new run against

    async def get_and_submit_flow_runs(self) -> list[FlowRun]:
        """Look for work; while the server is away, without Prefect's growing pauses."""
        if self.underway.is_closed:
            return []
        try:
            taken = await super().get_and_submit_flow_runs()
        except httpx.HTTPError as problem:
            if not is_passing(problem):
                raise
            if not self._is_cut_off:
                self._logger.warning("The server cannot be reached: %r", problem)
            self._is_cut_off = True
            return []
        if self._is_cut_off:
            self._is_cut_off = False
            self.upkeep.mend()  # steps may have been given up meanwhile
        return taken

    async def _get_scheduled_flow_runs(self) -> list[WorkerFlowRunResponse]:
        """What is due: the server's first page that is not full of runs which wait for threads.

        Answers pass quickly, so a page with one of them is not passed over.
        """
        page = await super()._get_scheduled_flow_runs()
        while len(page) >= PAGE and all(self._is_held_up(due.flow_run.id) for due in page):
            following = await self._due_from(page[-1].flow_run.next_scheduled_start_time)
            if not following or following[-1].flow_run.id == page[-1].flow_run.id:
                break
            page = following
        if page and all(self._is_held_up(due.flow_run.id) and due.flow_run.work_queue_name for due in page):
            page += await self._next_behind(page)
        return page

    async def _next_behind(self, page: list[WorkerFlowRunResponse]) -> list[WorkerFlowRunResponse]:
        """What is due behind runs that wait for threads: they take up the places that the limit of
        their queue leaves, so that an export would wait for the second of two imports.
        """
        free = [flow for flow, lane in lanes().items() if lane is not ANSWERS and self._has_thread(lane)]
        only = FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.SCHEDULED])),
            next_scheduled_start_time=FlowRunFilterNextScheduledStartTime(before_=datetime.now(UTC)),
        )
        due = await self.client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=free)),
            work_pool_filter=WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL])),
            flow_run_filter=only,
            sort=FlowRunSort.NEXT_SCHEDULED_START_TIME_ASC,
            limit=1,
        )
        queues = {each.work_queue_id for each in page}
        return [
            WorkerFlowRunResponse(work_pool_id=page[0].work_pool_id, work_queue_id=run.work_queue_id, flow_run=run)
            for run in due
            if run.work_queue_id is not None and run.work_queue_id in queues
        ]

    def _has_thread(self, lane: Lane) -> bool:
        return lane not in self._threads or self._threads[lane].available_tokens >= 1

    def _is_held_up(self, run_id: uuid.UUID) -> bool:
        return self._lanes.get(run_id, ANSWERS) is not ANSWERS

    async def _due_from(self, moment: datetime | None) -> list[WorkerFlowRunResponse]:
        between = {"scheduled_after": str(moment), "scheduled_before": str(datetime.now(UTC))}
        reply = await self.client.request(
            "POST", "/work_pools/{name}/get_scheduled_flow_runs", path_params={"name": POOL}, json=between
        )
        return WorkerFlowRunResponse.model_validate_list(reply.json())

    async def _sync_and_initialize(self) -> None:
        """Send the heartbeat, as long as we are well."""
        if self.underway.is_closed:
            return
        try:
            await super()._sync_and_initialize()
        except httpx.HTTPError as problem:
            if not is_passing(problem):
                raise

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Execute a scheduled run, without Prefect's ten calls about infrastructure."""
        try:
            await self.run(flow_run, BaseJobConfiguration())
        except FlowNotLoaded as problem:
            self.get_flow_run_logger(flow_run).error(str(problem))
            await self._propose_crashed_state(flow_run, str(problem))
            self.upkeep.check_deployments()
        except Exception:  # the server went away, say
            self.get_flow_run_logger(flow_run).exception("The step was given up")
            if flow_run.id not in self._given_up:  # once: a run that always fails is left to the next reconciliation
                self._given_up.add(flow_run.id)
                self.upkeep.mend()
        finally:
            self.event_sender.look()
            self._submitting_flow_run_ids.discard(flow_run.id)
            self._lanes.pop(flow_run.id, None)
            if self._cancelling_observer is not None:
                self._cancelling_observer.remove_in_flight_flow_run_id(flow_run.id)

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> InProcessResult:
        """Execute the run, unless it is executed already."""
        flow = await self._flow_of(flow_run)
        lane = self._lanes[flow_run.id] = lanes()[flow.name]
        threads = self._threads.setdefault(lane, anyio.CapacityLimiter(lane.threads))
        if not await anyio.to_thread.run_sync(execute, flow, flow_run, self.underway, limiter=threads):
            self.upkeep.mend()
        return InProcessResult(status_code=0, identifier=str(flow_run.id))

    async def _flow_of(self, flow_run: FlowRun) -> Flow[..., Any]:
        if flow_run.deployment_id is None:
            raise FlowNotLoaded(f"The {self.type} worker executes runs of deployments only")
        if names_block(flow_run.parameters):
            raise FlowNotLoaded(_("A parameter names a block of Prefect's: none of Luodi's flows takes one."))
        if flow_run.deployment_id not in self._flows:
            entrypoint = await self._entrypoint_of(flow_run.deployment_id)
            try:
                flow = await anyio.to_thread.run_sync(load_flow, entrypoint)
            except ForeignEntrypoint as problem:
                raise FlowNotLoaded(_foreign(entrypoint)) from problem
            except Exception as problem:
                raise FlowNotLoaded(f"{entrypoint}: {type(problem).__name__}: {problem}") from problem
            self._flows[flow_run.deployment_id] = flow
        return self._flows[flow_run.deployment_id]

    async def _entrypoint_of(self, deployment_id: uuid.UUID) -> str:
        try:
            return (await self.client.read_deployment(deployment_id)).entrypoint or ""
        except ObjectNotFound as problem:
            raise FlowNotLoaded(_(STRANDED)) from problem

    async def end_stuck(self, stuck: Sequence[uuid.UUID]) -> None:
        """End this process, whose threads do not come back: whoever started it starts it anew."""
        self.underway.is_closed = True
        if self._worker_channel is not None:
            self._worker_channel.stop()  # no more heartbeats
        self._logger.critical("Stuck in %s: this worker ends itself", ", ".join(map(str, stuck)))
        for last_word in (partial(release_all, stuck), partial(self.underway.close, LAST_WORDS)):
            with anyio.move_on_after(LAST_WORDS):
                await anyio.to_thread.run_sync(last_word, abandon_on_cancel=True)
        os._exit(os.EX_SOFTWARE)


def _foreign(entrypoint: str) -> str:
    why = _("Refused: this deployment names %(entrypoint)s, which is none of Luodi's flows. Nothing else is executed.")
    remedy = _("If you did not make it, delete it and find out who did. `luodi deploy` puts Luodi's own right.")
    return f"{why % {'entrypoint': repr(entrypoint)}} {remedy}"


def load_flow(entrypoint: str) -> Flow[..., Any]:
    """The declared flow, with its result storage: none that the server names is read or written.

    Its timeout is ours to keep: Prefect would start a thread for it at each step.
    """
    flow = flow_at(entrypoint)
    loaded = flow.with_options(
        persist_result=bool(flow.persist_result),
        result_storage=flow.result_storage or get_current_settings().results.local_storage_path,
    )
    loaded.timeout_seconds = None
    return loaded


def names_block(value: Any) -> bool:
    """Whether Prefect would load a block in place of a part of the value."""
    if isinstance(value, dict):
        return "$ref" in value or any(map(names_block, value.values()))
    return isinstance(value, list) and any(map(names_block, value))


def release_all(stuck: Sequence[uuid.UUID]) -> None:
    client = get_client(sync_client=True)
    for run_id in stuck:
        release_stuck(client, run_id)


def main(arguments: argparse.Namespace) -> int:
    """Serve the work pool until SIGTERM or SIGINT; steps under way are finished first."""
    anyio.run(work, arguments.beat)
    send_last_events()
    return 0


def send_last_events() -> None:
    """Send what the last tasks told of themselves; while the server is away, not for long.

    Prefect would try each again for ten seconds, and let nobody end this process meanwhile.
    """
    sending = EventsWorker.drain_all(timeout=LAST_WORDS)
    if isinstance(sending, tuple) and sending[1]:
        os._exit(os.EX_OK)


async def work(beat: Path | None = None) -> None:
    """Serve the pool; `beat` is a file to touch every two seconds as long as all is well."""
    worker = InProcessWorker(work_pool_name=POOL, name=f"{socket.gethostname()}-{os.getpid()}")
    async with anyio.create_task_group() as group:
        group.start_soon(_cancel_on_signal, group.cancel_scope)
        group.start_soon(_watch, worker, beat)
        await _until_served()
        with SyncClientContext.get_or_create() as shared:  # for all steps: making one takes longer than most calls
            with suppress(httpx.HTTPError):  # a POST, which fetches the token that the threads share: else each does
                await anyio.to_thread.run_sync(partial(shared.client.read_work_pools, limit=1))
            async with anyio.create_task_group() as services:
                services.start_soon(_look_on_events, worker)
                services.start_soon(_keep_up, worker)
                services.start_soon(_renew_leases, worker)
                services.start_soon(worker.event_sender.go_on, lambda: worker.is_setup, worker._logger)
                await worker.start()


async def _until_served() -> None:
    """Wait for the server: a worker may be started before it."""
    printed = ""
    async with get_client() as client:
        while (problem := await client.api_healthcheck()) is not None:
            if (why := _("Waiting for the Prefect server: %(why)s") % {"why": problem}) != printed:
                print(why, flush=True)
            printed = why
            await anyio.sleep(ASKS_AGAIN)


async def _cancel_on_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _signal in signals:
            scope.cancel()
            return


async def _watch(worker: InProcessWorker, beat: Path | None) -> None:
    """Keep deadlines, and give a sign of life as long as no step is stuck."""
    while True:
        worker.underway.interrupt_overdue()
        if stuck := worker.underway.stuck():
            await worker.end_stuck(stuck)
        if beat:
            _touch(beat)
        await anyio.sleep(BEAT)


def _touch(beat: Path) -> None:
    with suppress(OSError):  # on a full disk an existing file can still be touched
        beat.parent.mkdir(parents=True, exist_ok=True)
        beat.touch()


async def _keep_up(worker: InProcessWorker) -> None:
    """Mend what is to be mended beside the runs: at the start, on demand, and once a minute."""
    while True:
        if worker.is_setup and worker.upkeep.is_due:
            try:
                await anyio.to_thread.run_sync(worker.upkeep.take)
            except Exception as problem:
                worker._logger.warning("Mending failed and is tried again: %r", problem)
                await anyio.sleep(FAILED_MENDS_APART)
        await anyio.sleep(MENDS_APART)


async def _renew_leases(worker: InProcessWorker) -> None:
    """Let the steps under way keep the slots they hold."""
    while True:
        with suppress(httpx.HTTPError):
            if due := due_for_renewal(worker.underway.holders()):
                await anyio.to_thread.run_sync(renew, due)
        await anyio.sleep(BEAT)


async def _look_on_events(worker: InProcessWorker) -> None:
    """Look for work as soon as a run is scheduled or answered; polling goes on beside it."""
    while True:
        with suppress(Exception):
            signals, looks = anyio.create_memory_object_stream[None](1)
            async with (
                get_events_subscriber(filter=HEARD, reconnection_attempts=0) as events,
                anyio.create_task_group() as group,
                signals,
            ):
                signals.send_nowait(None)  # what came before we listened
                group.start_soon(_look, worker, looks)
                async for event in events:
                    if event.event in LOSSES:
                        worker.upkeep.check_deployments()
                    with suppress(anyio.WouldBlock):  # many answers at once are one look
                        signals.send_nowait(None)
                group.cancel_scope.cancel()  # the server has closed the connection: listen anew
        await anyio.sleep(LISTENS_AGAIN)


async def _look(worker: InProcessWorker, looks: MemoryObjectReceiveStream[None]) -> None:
    async with looks:
        async for _signal in looks:
            if worker.is_setup:
                await worker.get_and_submit_flow_runs()
            await anyio.sleep(LOOKS_APART)
