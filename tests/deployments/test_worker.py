"""What the worker relies on inside Prefect: each test fails when Prefect changes it."""

import hashlib
import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import anyio
import pytest
from prefect.client.schemas.objects import FlowRun
from prefect.flow_engine import FlowRunEngine, run_flow_sync
from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings
from prefect.workers.base import BaseWorker

from deployments.lanes import ANSWERS, Lane, lanes
from deployments.worker import FlowNotLoaded, InProcessResult, InProcessWorker
from tasks.runs.prefect_api import PAGE, POOL

# What ours takes the place of, leaves out or calls. If one differs, read what Prefect has changed,
# see that
# `deployments/worker.py` still does its part, and enter the new fingerprint.
FINGERPRINTS: dict[Callable[..., Any], str] = {
    BaseWorker.get_and_submit_flow_runs: "fcb6c4c67be0",
    BaseWorker._sync_and_initialize: "8d72726bc7d7",
    BaseWorker._get_scheduled_flow_runs: "1789a9c7ede4",
    BaseWorker._submit_scheduled_flow_runs: "e027756fcfad",
    BaseWorker._submit_run: "835f04932097",
    BaseWorker._propose_crashed_state: "a260d47608c4",
    run_flow_sync: "1bae2a3a821e",
    FlowRunEngine.initialize_run: "d671c21d659e",
    FlowRunEngine.setup_flow_run_suspension_request: "91afa9cbdc07",
}


@pytest.mark.parametrize("part", FINGERPRINTS, ids=lambda part: part.__name__)
def test_prefect_takes_and_executes_runs_as_it_did_when_our_way_was_written(part: Callable[..., Any]) -> None:
    source = inspect.getsource(inspect.unwrap(part))
    assert hashlib.sha256(source.encode()).hexdigest()[:12] == FINGERPRINTS[part]


class Observer:
    """Stands in for what watches the runs under way for a cancellation."""

    def __init__(self) -> None:
        self.watched: list[UUID] = []

    def add_in_flight_flow_run_id(self, run_id: UUID) -> None:
        self.watched.append(run_id)

    def remove_in_flight_flow_run_id(self, run_id: UUID) -> None:
        self.watched.remove(run_id)


class Worker(InProcessWorker):
    """Executes nothing: it notes what it was given, and fails as it is told."""

    type = "test"

    def __init__(self, problem: Exception | None) -> None:
        super().__init__(work_pool_name=POOL)
        self._cancelling_observer: Any = Observer()
        self.problem = problem
        self.given: list[UUID] = []
        self.crashed: list[tuple[UUID, str]] = []

    async def run(self, flow_run: FlowRun, configuration: Any, task_status: Any = None) -> InProcessResult:
        assert self._submitting_flow_run_ids == {flow_run.id} == set(self._cancelling_observer.watched)
        self.given.append(flow_run.id)
        if self.problem:
            raise self.problem
        return InProcessResult(status_code=0, identifier=str(flow_run.id))

    async def _propose_crashed_state(self, flow_run: FlowRun, message: str, client: Any = None) -> None:
        self.crashed.append((flow_run.id, message))

    async def take(self, flow_run: FlowRun) -> None:
        """Submit the run as Prefect does with what its server says is scheduled."""
        async with anyio.create_task_group() as self._runs_task_group:
            entry: Any = SimpleNamespace(flow_run=flow_run)
            assert await self._submit_scheduled_flow_runs([entry]) == [flow_run]
            assert await self._submit_scheduled_flow_runs([entry]) == [flow_run], "submitted twice at once"


@pytest.mark.parametrize("problem", [None, FlowNotLoaded("no such module"), ConnectionError()], ids=repr)
def test_a_run_is_executed_once_and_then_free_to_come_again(problem: Exception | None) -> None:
    run = FlowRun(flow_id=uuid4())
    worker = Worker(problem)
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: False}):
        anyio.run(worker.take, run)

    assert worker.given == [run.id]
    assert worker._submitting_flow_run_ids == set()
    assert worker._cancelling_observer.watched == []
    assert worker.crashed == ([(run.id, "no such module")] if isinstance(problem, FlowNotLoaded) else [])


IMPORTS = lanes()["ledger-import"]


class Server:
    """Gives pages of what is due, as Prefect's does."""

    def __init__(self, count: int) -> None:
        first = datetime.now(UTC) - timedelta(hours=1)
        moments = [first + timedelta(seconds=number) for number in range(count)]
        self.due = [FlowRun(flow_id=uuid4(), next_scheduled_start_time=moment) for moment in moments]
        self.calls = 0

    async def get_scheduled_flow_runs_for_work_pool(self, **_which: Any) -> list[Any]:
        self.calls += 1
        return [SimpleNamespace(flow_run=run) for run in self.due[:PAGE]]

    async def request(self, _method: str, _path: str, json: dict[str, str], **_pool: Any) -> Any:
        self.calls += 1
        after = datetime.fromisoformat(json["scheduled_after"])
        page = [run for run in self.due if run.next_scheduled_start_time and run.next_scheduled_start_time >= after]
        entries = [
            {"work_pool_id": str(uuid4()), "work_queue_id": str(uuid4()), "flow_run": run.model_dump(mode="json")}
            for run in page[:PAGE]
        ]
        return SimpleNamespace(json=lambda: entries)


@pytest.mark.parametrize(
    ("taken", "lane", "comes", "calls"),
    [
        (0, IMPORTS, range(PAGE), 1),
        (2 * PAGE, IMPORTS, range(2 * PAGE - 2, 2 * PAGE + 5), 3),
        (2 * PAGE + 5, IMPORTS, range(2 * PAGE - 2, 2 * PAGE + 5), 3),
        (2 * PAGE, ANSWERS, range(PAGE), 1),
    ],
    ids=["none taken", "imports", "imports alone", "answers"],
)
def test_runs_that_wait_for_their_lane_hide_no_others(taken: int, lane: Lane, comes: range, calls: int) -> None:
    server, worker = Server(2 * PAGE + 5), Worker(None)
    client: Any = server
    worker._client = client
    worker._lanes = {run.id: lane for run in server.due[:taken]}
    page = anyio.run(worker._get_scheduled_flow_runs)
    assert [one.flow_run.id for one in page] == [server.due[number].id for number in comes]
    assert server.calls == calls
