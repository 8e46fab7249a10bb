"""While the ledger is away, a worker that asks for reconciliations again and again gets one."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import FlowRun

from tasks.runs.prefect_api import POOL, start_unless_one_waits

DEPLOYMENT = uuid4()


def scheduled(minutes: int, deployment: Any = DEPLOYMENT, pool: str | None = POOL) -> FlowRun:
    due = datetime.now(UTC) + timedelta(minutes=minutes)
    return FlowRun(flow_id=uuid4(), deployment_id=deployment, work_pool_name=pool, next_scheduled_start_time=due)


@pytest.mark.parametrize(
    ("runs", "started"),
    [
        ([], 1),
        ([scheduled(-1)], 0),
        ([scheduled(24 * 60)], 1),  # the next one by the schedule
        ([scheduled(-1, deployment=uuid4())], 1),  # its deployment was deleted: nobody begins it
        ([scheduled(-1, pool=None)], 1),
    ],
    ids=["none", "due", "later", "without its deployment", "without its pool"],
)
def test_a_run_is_started_unless_one_is_about_to_begin(runs: list[FlowRun], started: int) -> None:
    starts: list[Any] = []
    client: Any = SimpleNamespace(
        read_deployment_by_name=lambda _name: SimpleNamespace(id=DEPLOYMENT),
        read_flow_runs=lambda **_filters: runs,
        create_flow_run_from_deployment=starts.append,
    )
    start_unless_one_waits(client, "reconciliation")
    assert starts == [DEPLOYMENT] * started
