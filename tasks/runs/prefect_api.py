"""What Luodi asks of a Prefect server, call by call. Nothing here knows the ledger's rules."""

import json
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterEndTime,
    FlowRunFilterState,
    TaskRunFilter,
    TaskRunFilterFlowRunId,
    TaskRunFilterState,
    TaskRunFilterStateType,
)
from prefect.client.schemas.filters import FlowRunFilterStateType as StateTypeFilter
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import Crashed, Scheduled

from models.escalation.question import Ask
from models.i18n import gettext as _

BULK_STATE_LIMIT = 50
PAGE = 200
POOL, POOL_TYPE = "luodi", "in-process"  # the work pool of every deployment
UNDER_WAY = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING]  # of a task
LIVE = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING, StateType.PAUSED, StateType.CANCELLING]


@dataclass(frozen=True)
class Label:
    """How a run is found in the runs list: its name, and tags for county, sector and stage."""

    name: str
    tags: tuple[str, ...]


def suspended_run(ask: Ask, label: Label, idempotency_key: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """A run to create that already waits for the answer to `ask`; no process is started for it."""
    return {
        "name": label.name,
        "tags": list(label.tags),
        "parameters": parameters,
        "idempotency_key": idempotency_key,
        "state": {
            "type": StateType.PAUSED.value,
            "name": "Suspended",
            "state_details": {"pause_key": str(ask.id), "pause_reschedule": True, "run_input_keyset": ask.keyset},
        },
        # -1: a run that never ran has no run count, and the server would take its first failure for
        # one to retry, in a process that is long gone.
        "empirical_policy": {"pause_keys": [str(ask.id)], "resuming": False, "retries": -1},
    }


def create_runs(
    client: SyncPrefectClient, deployment: str, runs: Sequence[dict[str, Any]], refusals: list[str]
) -> list[uuid.UUID | None]:
    """Create at most 100 runs of a deployment; a known idempotency key returns the run it has.

    None stands for a run that Prefect refused; its reason is added to `refusals`.
    """
    deployment_id = client.read_deployment_by_name(f"{deployment}/{deployment}").id
    path = f"/deployments/{deployment_id}/create_flow_run/bulk"
    created: list[uuid.UUID | None] = []
    for result in _post(client, path, runs)["results"]:
        is_there = result["status"] == "CREATED"
        created.append(uuid.UUID(result["flow_run_id"]) if is_there else None)
        refusals += [] if is_there else [f"{deployment}: {result['error']}"]
    return created


def _post(client: SyncPrefectClient, path: str, body: Any) -> Any:
    """The reply of a route that Prefect's client has no method for."""
    return client.request("POST", path, json=body).json()  # type: ignore[arg-type] # only routes its methods use


def write_form(client: SyncPrefectClient, run_id: uuid.UUID, ask: Ask) -> None:
    """Write the form and its brief beside the run; what is there already stays.

    The form comes last: a run that has it, has its brief.
    """
    for part, value in (("description", ask.brief), ("schema", ask.schema_sent)):
        try:
            client.create_flow_run_input(run_id, ask.keyset[part], json.dumps(value, ensure_ascii=False))
        except PrefectHTTPStatusError as problem:
            if problem.response.status_code != 409:
                raise


def create_artifact(client: SyncPrefectClient, run_id: uuid.UUID, summary: str, text: str) -> uuid.UUID:
    """Show Markdown with the run, once; without a key it is in no list but the run's own."""
    body = {"type": "markdown", "flow_run_id": str(run_id), "description": summary, "data": text}
    return uuid.UUID(_post(client, "/artifacts/", body)["id"])


def find_artifact(client: SyncPrefectClient, run_id: uuid.UUID) -> uuid.UUID | None:
    """What the run shows without a key; None while it shows nothing."""
    mine = {"flow_run_id": {"any_": [str(run_id)]}, "key": {"exists_": False}}
    found = _post(client, "/artifacts/filter", {"artifacts": mine, "limit": 1})
    return uuid.UUID(found[0]["id"]) if found else None


def update_artifact(client: SyncPrefectClient, artifact_id: uuid.UUID, summary: str, text: str) -> bool:
    """Show Markdown instead of what the artifact shows; False when it is gone."""
    body = {"description": summary, "data": text}
    try:
        client.request("PATCH", "/artifacts/{id}", path_params={"id": str(artifact_id)}, json=body)
    except PrefectHTTPStatusError as problem:
        if problem.response.status_code == 404:
            return False
        raise
    return True


def has_form(client: SyncPrefectClient, run_id: uuid.UUID, ask: Ask) -> bool:
    """Whether the run can take an answer: without its schema Prefect refuses every one."""
    try:
        client.read_flow_run_input(run_id, ask.keyset["schema"])
    except PrefectHTTPStatusError as problem:
        if problem.response.status_code == 404:
            return False
        raise
    return True


def read_answer(client: SyncPrefectClient, run_id: uuid.UUID, ask: Ask) -> tuple[dict[str, Any], datetime] | None:
    """The stored answer to `ask` and the moment it was given; None while there is none."""
    key = ask.keyset["response"]
    answers = client.filter_flow_run_input(flow_run_id=run_id, key_prefix=key, limit=1, exclude_keys=set())
    if not answers or answers[0].created is None:
        return None
    return storable(json.loads(answers[0].value)), answers[0].created


def storable(value: Any) -> Any:
    """An answer as PostgreSQL can keep it: without NUL and halves of surrogate pairs."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [storable(part) for part in value]
    if isinstance(value, dict):
        return {storable(name): storable(part) for name, part in value.items()}
    return value


def nudge(client: SyncPrefectClient, run_ids: Iterable[uuid.UUID]) -> list[uuid.UUID]:
    """Wake suspended runs, which then ask anew; others are left alone. Returns the woken."""
    wanted = [str(run_id) for run_id in run_ids]
    woken: list[uuid.UUID] = []
    for start in range(0, len(wanted), BULK_STATE_LIMIT):
        only = {"id": {"any_": wanted[start : start + BULK_STATE_LIMIT]}, "state": {"type": {"any_": ["PAUSED"]}}}
        body = {"flow_runs": only, "state": {"type": "SCHEDULED", "name": "Scheduled"}, "force": False}
        results = _post(client, "/flow_runs/bulk_set_state", body)["results"]
        woken += [uuid.UUID(run["flow_run_id"]) for run in results if run["status"] == "ACCEPT"]
    return woken


def live_runs(
    client: SyncPrefectClient, flows: list[str], states: Sequence[StateType] = LIVE, ended_since: datetime | None = None
) -> list[FlowRun]:
    """The runs of those flows in those states, on demand only those ended since a moment."""
    only = FlowRunFilter(
        state=FlowRunFilterState(type=StateTypeFilter(any_=list(states))),
        end_time=FlowRunFilterEndTime(after_=ended_since) if ended_since else None,
    )
    runs: list[FlowRun] = []
    while True:
        named = FlowFilter(name=FlowFilterName(any_=flows))
        page = client.read_flow_runs(flow_filter=named, flow_run_filter=only, limit=PAGE, offset=len(runs))
        runs += page
        if len(page) < PAGE:
            return runs


def deployments_named(client: SyncPrefectClient, names: list[str]) -> list[DeploymentResponse]:
    """The deployments of these names, whatever of these flows they are for."""
    return client.read_deployments(
        flow_filter=FlowFilter(name=FlowFilterName(any_=names)),
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=names)),
        limit=PAGE,
    )


def deployments_of(client: SyncPrefectClient, flows: list[str]) -> set[uuid.UUID]:
    """The numbers of all deployments of these flows, whatever their names."""
    found: list[uuid.UUID] = []
    while True:
        named = FlowFilter(name=FlowFilterName(any_=flows))
        page = client.read_deployments(flow_filter=named, limit=PAGE, offset=len(found))
        found += [deployment.id for deployment in page]
        if len(page) < PAGE:
            return set(found)


def read_run(client: SyncPrefectClient, run_id: uuid.UUID) -> FlowRun | None:
    """None when Prefect knows the run no more."""
    try:
        return client.read_flow_run(run_id)
    except ObjectNotFound:
        return None


def start_again(client: SyncPrefectClient, run_id: uuid.UUID) -> None:
    """Schedule a run whose worker died; Prefect keeps its id, answers and history."""
    end_tasks(client, run_id)
    client.set_flow_run_state(run_id, Scheduled(), force=True)


def end_tasks(client: SyncPrefectClient, run_id: uuid.UUID) -> None:
    """Let the tasks that a dead worker left running end: they begin anew with their run."""
    under_way = TaskRunFilter(
        flow_run_id=TaskRunFilterFlowRunId(any_=[run_id]),
        state=TaskRunFilterState(type=TaskRunFilterStateType(any_=UNDER_WAY)),
    )
    for task_run in client.read_task_runs(task_run_filter=under_way, limit=PAGE):
        client.set_task_run_state(task_run.id, Crashed(message=_("Its worker died: it begins anew.")), force=True)


def delete_runs(client: SyncPrefectClient, only: dict[str, Any]) -> int:
    """Delete at most 50 runs that fit the filter, with their tasks and logs; returns how many."""
    return len(_post(client, "/flow_runs/bulk_delete", {"flow_runs": only})["deleted"])


def is_passing(problem: httpx.HTTPError) -> bool:
    """Whether a failed request may succeed once server and database are back."""
    if isinstance(problem, httpx.HTTPStatusError):
        return problem.response.is_server_error
    return isinstance(problem, httpx.TransportError)


def server_heals(fault: BaseException) -> bool:
    """Whether Prefect's server was only away, or too busy."""
    return isinstance(fault, httpx.HTTPError) and is_passing(fault)


def start_run(client: SyncPrefectClient, deployment: str, idempotency_key: str) -> uuid.UUID:
    """Start a run of a deployment; the same key is the same run, until that is over."""
    deployment_id = client.read_deployment_by_name(f"{deployment}/{deployment}").id
    run = client.create_flow_run_from_deployment(deployment_id, idempotency_key=idempotency_key)
    if run.state and run.state.is_final():
        run = client.create_flow_run_from_deployment(deployment_id, idempotency_key=f"{idempotency_key}, again")
    return run.id


def start_later(client: SyncPrefectClient, deployment: str, parameters: dict[str, Any], key: str) -> uuid.UUID:
    """Create a run that waits until it is scheduled anew, or ten minutes, if we are killed before;
    the same key is the same run.
    """
    deployment_id = client.read_deployment_by_name(f"{deployment}/{deployment}").id
    later: State[None] = Scheduled(scheduled_time=datetime.now(UTC) + timedelta(minutes=10))
    create = client.create_flow_run_from_deployment
    return create(deployment_id, parameters=parameters, state=later, idempotency_key=key).id


def start_unless_one_waits(client: SyncPrefectClient, deployment: str) -> None:
    """Start a run of a deployment, unless one is due that a worker will yet begin."""
    deployment_id, now = client.read_deployment_by_name(f"{deployment}/{deployment}").id, datetime.now(UTC)
    scheduled = live_runs(client, [deployment], [StateType.SCHEDULED])
    mine = [run for run in scheduled if run.deployment_id == deployment_id and run.work_pool_name]
    if not any(run.next_scheduled_start_time and run.next_scheduled_start_time <= now for run in mine):
        client.create_flow_run_from_deployment(deployment_id)


def prefill(deployment: str, parameters: dict[str, Any]) -> None:
    """Fill the form that starts a deployment's run with other values from now on."""
    with get_client(sync_client=True) as client:
        there = client.read_deployment_by_name(f"{deployment}/{deployment}")
        client.update_deployment(there.id, DeploymentUpdate(parameters={**there.parameters, **parameters}))
