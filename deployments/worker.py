"""The `in-process` worker: one long-lived process executes all runs, instead of one for each.

Prefect finds it by the entry point group `prefect.collections`; `luodi worker` starts it.
"""

import argparse
import os
import signal
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, Self

import anyio
import anyio.abc
import anyio.to_thread
from anyio.streams.memory import MemoryObjectReceiveStream
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.context import SyncClientContext
from prefect.events.clients import get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.exceptions import Abort, ObjectNotFound, Pause
from prefect.flow_engine import FlowRunEngine
from prefect.flows import Flow
from prefect.settings import get_current_settings
from prefect.states import Pending
from prefect.utilities.callables import get_call_parameters, parameters_to_args_kwargs
from prefect.utilities.engine import propose_state_sync
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from tasks.runs.lock import held_run
from tasks.runs.prefect_api import POOL

THREADS = 8  # steps executed at once; our `_submit_run` does not free the slots of Prefect's own `limit`
STARTS = EventFilter(event=EventNameFilter(name=["prefect.flow-run.Scheduled", "prefect.flow-run.Resuming"]))
LOOKS_APART = 0.2  # seconds between two looks for work: each brings all that still waits
LISTENS_AGAIN = 10.0  # seconds after the server has ended the connection that tells of events


class FlowNotLoaded(RuntimeError):
    """A deployment's flow cannot be loaded: the message says why. The run crashes."""


class InProcessResult(BaseWorkerResult):
    """How the execution of a run ended; non-zero only when the engine itself failed."""


class InProcessWorker(BaseWorker[BaseJobConfiguration, BaseVariables, InProcessResult]):
    """Executes flow runs in threads of its own process; no run is executed twice at once."""

    type = "in-process"
    job_configuration = BaseJobConfiguration
    _description = "Executes short flow runs inside the worker's own process."

    @classmethod
    def get_default_base_job_template(cls) -> dict[str, Any]:
        return {}  # there is no infrastructure that the server could check each new run against

    async def setup(self) -> None:
        """Get ready, and ask for a reconciliation of what a dead worker left behind."""
        self._threads = anyio.CapacityLimiter(THREADS)
        self._flows: dict[uuid.UUID, Flow[..., Any]] = {}
        await super().setup()
        try:
            deployment = await self.client.read_deployment_by_name("reconciliation/reconciliation")
        except ObjectNotFound:  # nothing deployed yet: `luodi deploy` comes first on a new installation
            return
        await self.client.create_flow_run_from_deployment(deployment.id)

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Execute a scheduled run, without Prefect's ten calls about infrastructure."""
        try:
            await self.run(flow_run, BaseJobConfiguration())
        except FlowNotLoaded as problem:
            await self._propose_crashed_state(flow_run, str(problem))
        except Exception:  # the server went away, say: reconciliation takes the run up again
            self.get_flow_run_logger(flow_run).exception("The step was given up")
        finally:
            self._submitting_flow_run_ids.discard(flow_run.id)
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
        await anyio.to_thread.run_sync(execute, flow, flow_run, limiter=self._threads)
        return InProcessResult(status_code=0, identifier=str(flow_run.id))

    async def _flow_of(self, flow_run: FlowRun) -> Flow[..., Any]:
        if flow_run.deployment_id is None:
            raise FlowNotLoaded(f"The {self.type} worker executes runs of deployments only")
        if flow_run.deployment_id not in self._flows:
            deployment = await self.client.read_deployment(flow_run.deployment_id)
            try:
                flow = await anyio.to_thread.run_sync(load_flow, deployment.entrypoint or "")
            except Exception as problem:
                raise FlowNotLoaded(f"{deployment.entrypoint}: {type(problem).__name__}: {problem}") from problem
            self._flows[flow_run.deployment_id] = flow
        return self._flows[flow_run.deployment_id]


def load_flow(entrypoint: str) -> Flow[..., Any]:
    """The flow named `package.module.name`, with its result storage."""
    flow = flow_at(entrypoint)
    return flow.with_options(
        persist_result=bool(flow.persist_result),
        result_storage=flow.result_storage or get_current_settings().results.local_storage_path,
    )


def flow_at(entrypoint: str) -> Flow[..., Any]:
    """The flow in its module; Prefect's `import_object` would look in the current folder first."""
    module, _dot, name = entrypoint.rpartition(".")
    flow: Flow[..., Any] = getattr(import_module(module), name)
    return flow


class StepEngine(FlowRunEngine[..., Any]):
    """Prefect's engine without what only a run in a process of its own needs.

    For every step that is a client, a websocket, a thread of heartbeats that takes up to a second
    to end, and five calls to the server.
    """

    @property
    def heartbeat_seconds(self) -> None:
        """No heartbeats: who died is told by the run's lock."""
        return

    @contextmanager
    def initialize_run(self) -> Iterator[Self]:
        """Speak to the server through the worker's client."""
        self._client, self._is_started = get_client(sync_client=True), True
        try:
            yield self
        finally:
            self._client, self._is_started = None, False

    @contextmanager
    def setup_flow_run_suspension_request(self) -> Iterator[Any]:
        """Nobody suspends a step from outside."""
        yield self._get_flow_run_suspension_request()


def execute(flow: Flow[..., Any], flow_run: FlowRun) -> None:
    """Execute one run in this thread, holding its lock.

    A run whose lock another execution holds is left: if it is still scheduled once that is over,
    the next look for work brings it again. So is a run that was cancelled or executed meanwhile.
    """
    with held_run(flow_run.id) as ours, suppress(Abort, Pause):  # the server refused, or the run is suspended now
        if ours and propose_state_sync(get_client(sync_client=True), Pending(), flow_run.id).is_pending():
            step(flow, flow_run)


def step(flow: Flow[..., Any], flow_run: FlowRun) -> None:
    """Run the flow as `prefect.flow_engine.run_flow` does, with the engine for steps."""
    args, kwargs = parameters_to_args_kwargs(flow.fn, flow_run.parameters)
    engine = StepEngine(flow, get_call_parameters(flow.fn, args, kwargs), flow_run)
    with engine.start():
        while engine.is_running():
            with engine.run_context():
                engine.call_flow_fn()


def main(_arguments: argparse.Namespace) -> int:
    """Serve the work pool until SIGTERM or SIGINT; steps under way are finished first."""
    anyio.run(work)
    return 0


async def work() -> None:
    worker = InProcessWorker(work_pool_name=POOL, name=f"{socket.gethostname()}-{os.getpid()}")
    with SyncClientContext.get_or_create():  # one client for all steps: making one takes longer than most calls
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_on_signal, group.cancel_scope)
            group.start_soon(_look_on_events, worker)
            await worker.start()


async def _cancel_on_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _signal in signals:
            scope.cancel()
            return


async def _look_on_events(worker: InProcessWorker) -> None:
    """Look for work as soon as a run is scheduled or answered; polling goes on beside it."""
    while True:
        with suppress(Exception):
            signals, looks = anyio.create_memory_object_stream[None](1)
            async with get_events_subscriber(filter=STARTS) as events, anyio.create_task_group() as group, signals:
                group.start_soon(_look, worker, looks)
                async for _event in events:
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
