"""Runs that found nothing to do: marked by a tag, and deleted when the next one ends.

The last one stays, so that people see when it was. Prefect deletes a run's tasks and logs with it.
"""

from datetime import timedelta
from typing import Any

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.context import FlowRunContext
from prefect.logging import get_run_logger

from models.i18n import gettext as _
from models.i18n import in_any_locale, mark
from tasks.runs.prefect_api import BULK_STATE_LIMIT, delete_runs

NOTHING_TO_DO = mark("nothing to do")
MOST_PAGES = 10  # of runs deleted by one run; what has piled up beyond is left to the next ones
# Prefect records what tasks did after their run, and a record of a deleted run holds up all others
RECORDED = timedelta(seconds=30)


def tidy_up(*, is_idle: bool) -> None:
    """Delete the former runs of this deployment that found nothing; mark this one if it did not.

    What fails is left to the next run.
    """
    context = FlowRunContext.get()
    if context is None or context.flow_run is None or context.flow_run.deployment_id is None:
        return
    try:
        with get_client(sync_client=True) as client:
            delete_idle_runs(client, context.flow_run)
            if is_idle:
                client.update_flow_run(context.flow_run.id, tags=[*context.flow_run.tags, _(NOTHING_TO_DO)])
    except Exception as fault:
        get_run_logger().warning(_("Former runs that found nothing could not be deleted: %(why)s") % {"why": fault})


def is_scheduled() -> bool:
    """Whether nobody started this run: a schedule did."""
    context = FlowRunContext.get()
    return bool(context and context.flow_run and context.flow_run.auto_scheduled)


def delete_idle_runs(client: SyncPrefectClient, run: FlowRun) -> None:
    """Delete those of the run's deployment whose tasks were on record before it began."""
    if run.start_time is None:
        return
    idle: dict[str, Any] = {
        "deployment_id": {"any_": [str(run.deployment_id)]},
        "tags": {"any_": sorted(in_any_locale(NOTHING_TO_DO))},
        "state": {"type": {"any_": [StateType.COMPLETED.value]}},
        "end_time": {"before_": str(run.start_time - RECORDED)},
    }
    for _page in range(MOST_PAGES):
        if delete_runs(client, idle) < BULK_STATE_LIMIT:
            return
