"""Registers the deployments of `prefect.yaml` in the office's language."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast, get_type_hints

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, DeploymentUpdate, WorkPoolCreate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.flows import Flow
from pydantic.fields import FieldInfo
from sqlalchemy.orm import Session

from deployments.entrypoints import declared, entrypoints, flow_at
from models.i18n import enumerated
from models.i18n import gettext as _
from tasks.campaigns.plan import DEPLOYMENT as CAMPAIGN_PLAN
from tasks.database import transaction
from tasks.dialogues.parameters.campaign_plan import present_parameters as present_plan
from tasks.dialogues.parameters.ladder_policy import present_parameters as present_numbers
from tasks.dialogues.parameters.offers import current_choices
from tasks.escalation.policy import DEPLOYMENT as LADDER_POLICY
from tasks.ledger.office_time import day_of, office_zone
from tasks.notices import blocks
from tasks.runs.forms import Schema, spelled_out, with_choices
from tasks.runs.prefect_api import POOL, POOL_TYPE, deployments_named

PREFILLED: Mapping[str, Callable[[Session], dict[str, Any]]] = {
    LADDER_POLICY: present_numbers,
    CAMPAIGN_PLAN: lambda session: present_plan(session, day_of("")),
}


def deploy() -> list[str]:
    """Create or update the work pool and every deployment; returns their names."""
    blocks.register()
    with get_client(sync_client=True) as client:
        _ensure_pool(client)
        choices = current_choices()
        names = [_register(client, entry, choices) for entry in declared()]
    for problem in blocks.take_over():
        print(problem, file=sys.stderr)
    return names


def restore(client: SyncPrefectClient) -> list[str]:
    """Register the deployments that are missing, and put foreign entrypoints right.

    What an operator changed on the others stays. Returns the names of those that were mended; as
    long as none is, it is one call.
    """
    if _is_whole(client):
        return []
    _ensure_pool(client)
    found = {entry["name"]: _read(client, entry["name"]) for entry in declared()}
    missing = [entry for entry in declared() if found[entry["name"]] is None]
    wrong = [there for there in found.values() if there and not _serves(there)]
    for there in wrong:
        right = DeploymentUpdate(entrypoint=entrypoints()[there.name], work_pool_name=there.work_pool_name or POOL)
        client.update_deployment(there.id, right)
    if missing:
        blocks.register()
    choices = current_choices() if missing else {}
    return [there.name for there in wrong] + [_register(client, entry, choices) for entry in missing]


def _is_whole(client: SyncPrefectClient) -> bool:
    """Whether there is one deployment of each name that serves, each of another flow."""
    right = [there for there in deployments_named(client, list(entrypoints())) if _serves(there)]
    names, flows = [there.name for there in right], {there.flow_id for there in right}
    return sorted(names) == sorted(entrypoints()) and len(flows) == len(names)


def _serves(deployment: DeploymentResponse) -> bool:
    return bool(deployment.work_pool_name) and deployment.entrypoint == entrypoints()[deployment.name]


def _read(client: SyncPrefectClient, name: str) -> DeploymentResponse | None:
    try:
        return client.read_deployment_by_name(f"{name}/{name}")
    except ObjectNotFound:
        return None


def _ensure_pool(client: SyncPrefectClient) -> None:
    with suppress(ObjectAlreadyExists):
        client.create_work_pool(WorkPoolCreate(name=POOL, type=POOL_TYPE, base_job_template={}))


def _register(client: SyncPrefectClient, entry: dict[str, Any], choices: Mapping[str, Sequence[str]]) -> str:
    flow, description = flow_at(entry["entrypoint"]), entry["description"]
    schedules = [DeploymentScheduleCreate(schedule=schedule_of(when)) for when in entry.get("schedules", [])]
    client.create_deployment(
        flow_id=client.create_flow(flow),
        name=entry["name"],
        entrypoint=entry["entrypoint"],
        description=_(description),
        work_pool_name=entry["work_pool"]["name"],
        schedules=schedules,
        parameters=prefilled(entry["name"]),
        parameter_openapi_schema=localised(flow, choices),
        enforce_parameter_schema=True,
    )
    return str(entry["name"])


def schedule_of(declared: Mapping[str, Any]) -> IntervalSchedule | CronSchedule:
    """A schedule as Prefect takes it, in the office's time zone."""
    if "cron" in declared:
        return CronSchedule(cron=declared["cron"], timezone=office_zone().key)
    return IntervalSchedule(interval=timedelta(seconds=declared["interval"]))


def prefilled(deployment: str) -> dict[str, Any]:
    """What the form that starts a run is filled with: what applies now, for those who change it."""
    if deployment not in PREFILLED:
        return {}
    with transaction() as session:
        return PREFILLED[deployment](session)


def localised(flow: Flow[..., Any], choices: Mapping[str, Sequence[str]] | None = None) -> Schema:
    """The schema of a flow's parameters, its texts and choices in the office's language.

    Title and description are read from the signature: Prefect writes a parameter's name over the
    title and drops the description.
    """
    schema = flow.parameters.model_dump()
    annotations = get_type_hints(flow.fn, include_extras=True)
    for name, field in schema["properties"].items():
        stated = FieldInfo.from_annotation(annotations[name])
        field["title"], field["description"] = stated.title, stated.description
    for part in schema.get("definitions", {}).values():
        part.pop("description", None)  # a docstring: written for us
    return cast(Schema, with_choices(spelled_out(schema), choices or {}))


def main(_arguments: argparse.Namespace) -> int:
    print(_("Registered: %(names)s") % {"names": enumerated(deploy())})
    return 0
