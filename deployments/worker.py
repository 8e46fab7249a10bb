"""The `in-process` worker: executes runs inside one long-lived process instead of starting a process for each.

Prefect finds it by the entry point group `prefect.collections`; `luodi worker` starts it.
"""

import argparse
import os
import signal
import socket
from typing import Any

import anyio
import anyio.abc
import anyio.to_thread
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import Abort, ObjectNotFound, Pause
from prefect.flow_engine import run_flow
from prefect.flows import Flow
from prefect.utilities.importtools import import_object
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

from flows.reconciliation import POOL
from tasks.prefect_api import read_run
from tasks.run_lock import held_run

THREADS = 8
"""Steps executed at once. Prefect's own `limit` is left unset: with it a worker dies when an answer comes within a
second of the suspension, because the run's former slot is not free yet."""


class InProcessResult(BaseWorkerResult):
    """How the execution of a run ended; non-zero only when the engine itself failed."""


class InProcessWorker(BaseWorker[BaseJobConfiguration, BaseVariables, InProcessResult]):
    """Executes flow runs in threads of its own process, one execution a run at a time over all workers."""

    type = "in-process"
    job_configuration = BaseJobConfiguration
    _description = "Executes short flow runs inside the worker's own process."

    async def setup(self) -> None:
        """Get ready, and ask for a reconciliation: what a dead worker left behind is taken up at once."""
        self._threads = anyio.CapacityLimiter(THREADS)
        self._flows: dict[str, Flow[..., Any]] = {}
        await super().setup()
        try:
            deployment = await self.client.read_deployment_by_name("reconciliation/reconciliation")
        except ObjectNotFound:  # nothing deployed yet: `luodi deploy` comes first on a new installation
            return
        await self.client.create_flow_run_from_deployment(deployment.id)

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: anyio.abc.TaskStatus[int] | None = None,
    ) -> InProcessResult:
        """Execute the run; a second execution of the same run waits until the first is over."""
        flow = await self._flow_of(flow_run)
        if task_status:
            task_status.started(0)  # no pid: there is no process to kill, so a cancelled run is over at once
        await anyio.to_thread.run_sync(execute, flow, flow_run, limiter=self._threads)
        return InProcessResult(status_code=0, identifier=str(flow_run.id))

    async def _flow_of(self, flow_run: FlowRun) -> Flow[..., Any]:
        if flow_run.deployment_id is None:
            raise ValueError(f"{flow_run.name}: the {self.type} worker executes runs of deployments only")
        entrypoint = (await self.client.read_deployment(flow_run.deployment_id)).entrypoint or ""
        if entrypoint not in self._flows:
            self._flows[entrypoint] = await anyio.to_thread.run_sync(import_object, entrypoint)
        return self._flows[entrypoint]


def execute(flow: Flow[..., Any], flow_run: FlowRun) -> None:
    """Execute one run in this thread, holding its lock; a run that another execution has served meanwhile is left."""
    with held_run(flow_run.id, wait=True):
        with get_client(sync_client=True) as client:
            now = read_run(client, flow_run.id)
        if now is None or now.state_type is not StateType.PENDING:
            return
        try:
            run_flow(flow, flow_run=now, return_type="state")
        except (Abort, Pause):  # cancelled in the UI between two calls, or suspended: the server knows
            return


def main(_arguments: argparse.Namespace) -> int:
    """Serve the work pool until stopped."""
    anyio.run(work)
    return 0


async def work() -> None:
    """Serve the work pool until SIGTERM or SIGINT; steps under way are finished first."""
    worker = InProcessWorker(work_pool_name=POOL, name=f"{socket.gethostname()}-{os.getpid()}")
    async with anyio.create_task_group() as group:
        group.start_soon(_cancel_on_signal, group.cancel_scope)
        await worker.start()


async def _cancel_on_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        async for _signal in signals:
            scope.cancel()
            return
