"""Registers the deployments of `prefect.yaml` in the office's language."""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast, get_type_hints

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentUpdate
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.flows import Flow
from pydantic.fields import FieldInfo
from sqlalchemy.orm import Session

from deployments.automations import set_up_automations
from deployments.entrypoints import declared, entrypoints, flow_at
from deployments.merging import Wanted
from deployments.queues import ensure_pool
from deployments.registration import read, register
from deployments.written import fingerprint, last_written
from models.i18n import enumerated, in_any_locale, sentences
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
from tasks.runs.parameters import FILLED_IN
from tasks.runs.prefect_api import POOL, deployments_named

PREFILLED: Mapping[str, Callable[[Session], dict[str, Any]]] = {
    LADDER_POLICY: present_numbers,
    CAMPAIGN_PLAN: lambda session: present_plan(session, day_of("")),
}
OPERATORS = {"filled_in_by", "dry_run", "as_of", "campaign", "kind"}  # parameters of these that are never filled


def deploy() -> list[str]:
    """Create the deployments that are missing, bring the others up to date; returns their names.

    Of the others only what is ours is written: what an operator has changed stays.
    """
    blocks.register()
    with get_client(sync_client=True) as client:
        ensure_pool(client)
        choices, last = current_choices(), last_written(client)
        for entry in declared():
            register(client, wanted_of(entry, choices), last)
        set_up_automations(client)
    for problem in blocks.take_over():
        print(problem, file=sys.stderr)
    return list(entrypoints())


def restore(client: SyncPrefectClient) -> list[str]:
    """Register the deployments that are missing, and put foreign entrypoints right.

    What an operator changed on the others stays. Returns the names of those that were mended; as
    long as none is, it is one call.
    """
    if _is_whole(client):
        return []
    ensure_pool(client)
    found = {entry["name"]: read(client, entry["name"]) for entry in declared()}
    missing = [entry for entry in declared() if found[entry["name"]] is None]
    wrong = [there for there in found.values() if there and not _serves(there)]
    for there in wrong:
        client.update_deployment(there.id, _right(there))
    if missing:
        blocks.register()
    choices, last = (current_choices(), last_written(client)) if missing else ({}, {})
    return [there.name for there in wrong] + [register(client, wanted_of(entry, choices), last) for entry in missing]


def _is_whole(client: SyncPrefectClient) -> bool:
    """Whether there is one deployment of each name that serves, each of another flow."""
    right = [there for there in deployments_named(client, list(entrypoints())) if _serves(there)]
    names, flows = [there.name for there in right], {there.flow_id for there in right}
    return sorted(names) == sorted(entrypoints()) and len(flows) == len(names)


def _serves(deployment: DeploymentResponse) -> bool:
    return bool(deployment.work_pool_name) and deployment.entrypoint == entrypoints()[deployment.name]


def _right(there: DeploymentResponse) -> DeploymentUpdate:
    """What makes a deployment serve: our flow, and a queue, if the one it was on was deleted."""
    (queue,) = [entry["work_pool"]["work_queue_name"] for entry in declared() if entry["name"] == there.name]
    place = {} if there.work_pool_name else {"work_pool_name": POOL, "work_queue_name": queue}
    return DeploymentUpdate(entrypoint=entrypoints()[there.name], **place)


def wanted_of(entry: dict[str, Any], choices: Mapping[str, Sequence[str]]) -> Wanted:
    """A deployment of `prefect.yaml` in the office's language, with what its ledger has now."""
    description, tags, schedules = entry["description"], entry["tags"], entry.get("schedules", [])
    limit = entry.get("concurrency_limit", {})
    schema = localised(flow_at(entry["entrypoint"]), choices)
    properties = set(schema["properties"])
    return Wanted(
        name=entry["name"],
        description=_(description),
        tags=[_(tag) for tag in tags],
        queue=entry["work_pool"]["work_queue_name"],
        limit=limit.get("limit"),
        collision=limit.get("collision_strategy"),
        schedules={when["slug"]: schedule_of(when) for when in schedules},
        parameters=prefilled(entry["name"]),
        entrypoint=entry["entrypoint"],
        kept=properties & OPERATORS if entry["name"] in PREFILLED else properties,
        schema=schema,
        descriptions={fingerprint(text) for text in in_any_locale(description)},
        titles=[in_any_locale(tag) for tag in tags],
        timezones={office_zone().key, *(when["timezone"] for when in schedules if "timezone" in when)},
    )


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
        field["title"], field["description"] = stated.title, described(stated)
    for part in schema.get("definitions", {}).values():
        part.pop("description", None)  # a docstring: written for us
    return cast(Schema, with_choices(spelled_out(schema), choices or {}))


def described(field: FieldInfo) -> str:
    """The description as the form shows it: every field is optional there, says Prefect's page."""
    told = _(field.description) if field.description else ""
    return sentences([_("Must be filled in."), told]) if FILLED_IN in field.metadata else told


def main(_arguments: argparse.Namespace) -> int:
    print(_("Registered: %(names)s") % {"names": enumerated(deploy())})
    return 0
