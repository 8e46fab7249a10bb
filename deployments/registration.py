"""One deployment is made, or written as far as it is ours."""

import sys
from collections.abc import Mapping

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate, DeploymentUpdate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError

from deployments.entrypoints import flow_at
from deployments.merging import Wanted, changes, schedule_changes, written_now
from deployments.written import Written, last_of, remember
from models.i18n import gettext as _
from tasks.runs.prefect_api import POOL

OF_THE_FORM = ("parameter_openapi_schema", "parameters")


def register(client: SyncPrefectClient, wanted: Wanted, last: Mapping[str, Written]) -> str:
    """Make the deployment, or bring it up to date; returns its name."""
    there = read(client, wanted.name)
    before = last_of(there, last) if there else Written()
    if there:
        _update(client, there, before, wanted)
    else:
        _create(client, wanted)
    now = client.read_deployment_by_name(f"{wanted.name}/{wanted.name}")
    remember(client, wanted.name, written_now(wanted, now, before), last)
    return wanted.name


def read(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    try:
        return client.read_deployment_by_name(f"{name}/{name}")
    except ObjectNotFound:
        return None


def _create(client: SyncPrefectClient, wanted: Wanted) -> None:
    schedules = wanted.schedules.items()
    client.create_deployment(
        flow_id=client.create_flow(flow_at(wanted.entrypoint)),
        name=wanted.name,
        entrypoint=wanted.entrypoint,
        description=wanted.description,
        tags=list(wanted.tags),
        work_pool_name=POOL,
        work_queue_name=wanted.queue,
        concurrency_limit=wanted.limit,
        concurrency_options=wanted.options,
        schedules=[DeploymentScheduleCreate(schedule=schedule, slug=slug) for slug, schedule in schedules],
        parameters=dict(wanted.parameters),
        parameter_openapi_schema=wanted.schema,
        enforce_parameter_schema=True,
    )


def _update(client: SyncPrefectClient, there: DeploymentResponse, before: Written | None, wanted: Wanted) -> None:
    """Write what differs and nothing else: each write unschedules the runs that are to come."""
    if fields := changes(there, before, wanted):
        try:
            client.update_deployment(there.id, DeploymentUpdate(**fields))
        except PrefectHTTPStatusError as problem:
            if problem.response.status_code != 409:
                raise
            print(_misfit(wanted.name, problem), file=sys.stderr)
            rest = {name: value for name, value in fields.items() if name not in OF_THE_FORM}
            client.update_deployment(there.id, DeploymentUpdate(**rest))
    _update_schedules(client, there, before, wanted)


def _misfit(name: str, problem: PrefectHTTPStatusError) -> str:
    what = _(
        "The form that starts %(name)s stays as it was: a parameter that was set in the UI does not fit the new one. "
        "Change it there, at the deployment's “Edit”, then run `luodi deploy`. %(why)s"
    )
    return what % {"name": name, "why": problem.response.json().get("detail", "")}


def _update_schedules(
    client: SyncPrefectClient, there: DeploymentResponse, before: Written | None, wanted: Wanted
) -> None:
    for change in schedule_changes(there.schedules, before, wanted):
        if change.there is None and change.schedule:
            new = DeploymentScheduleCreate(schedule=change.schedule, slug=change.slug)
            client.create_deployment_schedules(there.id, [new])
        elif change.there and change.schedule:
            kept = change.there.parameters  # left out, the server would empty them
            client.update_deployment_schedule(
                there.id, change.there.id, schedule=change.schedule, parameters=kept, slug=change.slug
            )
        elif change.there:
            client.delete_deployment_schedule(there.id, change.there.id)
