"""The work pool and its queues. What an operator has set on those that are there stays."""

from contextlib import suppress

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectAlreadyExists

from deployments.entrypoints import queues
from tasks.runs.prefect_api import POOL, POOL_TYPE


def ensure_pool(client: SyncPrefectClient) -> None:
    """Make what is missing, before a deployment names it: Prefect would make it without a limit.

    `forms` goes before the pool's own queue, where the runs of a former version wait for their
    answers, and `batch` behind both.
    """
    with suppress(ObjectAlreadyExists):
        client.create_work_pool(WorkPoolCreate(name=POOL, type=POOL_TYPE, base_job_template={}))
    there = {queue.name for queue in client.read_work_queues(work_pool_name=POOL)}
    for name, numbers in queues().items():
        if name not in there:
            priority, limit = numbers.get("priority"), numbers.get("concurrency_limit")
            with suppress(ObjectAlreadyExists):
                client.create_work_queue(name, priority=priority, concurrency_limit=limit, work_pool_name=POOL)
