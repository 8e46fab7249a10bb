"""Registers the deployments of `prefect.yaml` with titles and descriptions in the office's language."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from importlib.resources import files
from typing import Any

import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate, WorkPoolCreate
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.exceptions import ObjectAlreadyExists
from prefect.flows import Flow

from deployments.worker import InProcessWorker, flow_at
from flows.campaign_plan import ENDS_ON, STARTS_ON
from flows.ladder_policy import DEPLOYMENT as LADDER_POLICY
from flows.reconciliation import POOL
from models.i18n import gettext as _
from models.i18n import mark
from models.words import ItemKind, MilestoneKind, RevisitEnd, Sector, Stage
from tasks.database import transaction
from tasks.dialogues.parameters.campaign_plan import DEPLOYMENT as CAMPAIGN_PLAN
from tasks.dialogues.parameters.campaign_plan import present_parameters
from tasks.dialogues.parameters.offers import NO_SQUAD, offered
from tasks.dialogues.parameters.target import TargetForm, choices
from tasks.escalation.policy import EVERY_KIND, FROM_NOW_ON, TITLES, present
from tasks.ledger.office_time import day_of, office_zone
from tasks.notices.webhook import LuodiWebhook
from tasks.runs.prefect_api import restrict

AT_ONCE = mark("In working days; it applies at once to all that is open")
FROM_NOW = mark("In working days; for what is opened or planned from now on")
PARAMETERS = {
    "project": (mark("Project code"), mark("As in the ledger, for example PY-2026-001")),
    "project_id": (mark("Project number"), mark("The ledger's own number; these runs are started by Luodi itself")),
    "blocker_id": (mark("Blocker number"), mark("The ledger's own number; these runs are started by Luodi itself")),
    "as_of": (mark("As of"), mark("Leave empty for today, or write a day like 2026-06-09")),
    "week": (mark("Week"), mark("Any day of it, like 2026-06-09. Empty: last week")),
    "send": (
        mark("Send"),
        mark("To responsible leaders, inspectors and the commerce bureau; each gets a bulletin once"),
    ),
    "path": (
        mark("File or folder"),
        mark("On the machine Luodi runs on. Of a folder all new files are taken in; empty: the folder files/inbox"),
    ),
    "sheet": (mark("Sheet"), mark("Leave empty to find the ledger's sheet by its header")),
    "mapping": (mark("Columns"), mark("Only when a header is not recognised: your header → Luodi's field")),
    "clear_empty": (
        mark("Empty cells erase"),
        mark("An empty cell erases what the ledger has there, instead of saying nothing"),
    ),
    "dry_run": (mark("Dry run"), mark("Only show what would change")),
    "units": (mark("Units"), mark("Also projects a unit shares. Empty: all units")),
    "slow-landing.units": (mark("Units"), mark("Only projects they are responsible for. Empty: all units")),
    "sectors": (mark("Sectors"), mark("Empty: all sectors")),
    "stages": (mark("Stages"), mark("Empty: all stages")),
    "signed_from": (mark("Signed from"), mark("A day like 2026-06-09, or empty")),
    "signed_until": (mark("Signed until"), mark("A day like 2026-06-09, or empty")),
    "amount_from": (
        mark("Amount from (ten thousand yuan)"),
        mark("Dollar projects: in ten thousand dollars. 0: no limit"),
    ),
    "amount_until": (
        mark("Amount up to (ten thousand yuan)"),
        mark("Dollar projects: in ten thousand dollars. 0: no limit"),
    ),
    "dossiers": (mark("With dossiers"), mark("A dossier of each project too, in one .zip; 500 projects at most")),
    "name": (mark("Name of the campaign"), mark("The same name again goes on with the same campaign")),
    "deadline": (mark("Deadline"), mark("A day like 2026-06-09; or leave it empty and give working days")),
    "working_days": (mark("Working days"), mark("Until the deadline, where that is empty; 0: the deadline says it")),
    "squad": (mark("Squad"), mark("Named on the visits' forms and in the report; no project changes its squad")),
    "visit_projects": (mark("One visit a project"), mark("Every open project that is selected")),
    "visit_investors": (
        mark("One visit an investor"),
        mark("The investors of the selected projects, also of landed ones"),
    ),
    "campaign": (mark("Revisit campaign"), mark("One of those that are open")),
    "outcome": (mark("What becomes of it"), mark("The report is written in any case")),
    "reason": (mark("Reason"), mark("Needed to close or cancel it; it stands in the report")),
    "item_id": (mark("Item number"), mark("The ledger's own number; these runs are started by Luodi itself")),
    "filled_in_by": (mark("Filled in by"), mark("Your name and post. It goes into the ledger's history.")),
    "campaign-plan.name": (
        mark("Name"),
        mark("What it is called; a name that is there already is changed, another one is new"),
    ),
    "starts_on": (STARTS_ON, mark("A day like 2026-06-09")),
    "ends_on": (ENDS_ON, mark("A day like 2026-06-09, or empty and a number of days instead")),
    "days": (mark("Number of days"), mark("Calendar days, the first and the last counted; 0: the last day says it")),
    "landing": (mark("Counts as landed"), mark("All of these milestones, each with its day and evidence")),
    "targets": (
        mark("Targets of the campaign"),
        mark("One entry for each; they take the place of those the campaign has"),
    ),
    "kind": (
        mark("For"),
        mark("The kind of item all these numbers are for; given the numbers for every kind, it follows those again"),
    ),
    **{name: (title, FROM_NOW if name in FROM_NOW_ON else AT_ONCE) for name, title in TITLES.items()},
}
"""How parameters are called in the forms that start a run; by the deployment, too, where one calls it otherwise."""
CHANNEL_FIELDS = {
    "url": (mark("Address"), mark("https://… that takes a POST of JSON")),
    "key": (mark("Signing key"), mark("Shared with the receiver, who can check the signature")),
}
"""How the fields of a channel's block are called."""


def declared() -> list[dict[str, Any]]:
    """The deployments as `prefect.yaml` declares them."""
    found: list[dict[str, Any]] = yaml.safe_load((files("deployments") / "prefect.yaml").read_text("utf-8"))[
        "deployments"
    ]
    return found


def deploy() -> list[str]:
    """Create or update the work pool and every deployment; returns their names. Running twice changes nothing."""
    _register_channels()
    with get_client(sync_client=True) as client:
        _ensure_pool(client)
        return [_register(client, entry) for entry in declared()]


def _register_channels() -> None:
    """Offer the block that carries notices, its fields in the office's language."""
    for name, field in LuodiWebhook.model_fields.items():
        title, description = CHANNEL_FIELDS[name]
        field.title, field.description = _(title), _(description)
    LuodiWebhook.model_rebuild(force=True)
    LuodiWebhook.register_type_and_schema()


def _ensure_pool(client: SyncPrefectClient) -> None:
    template = InProcessWorker.get_default_base_job_template()
    try:
        client.create_work_pool(WorkPoolCreate(name=POOL, type=InProcessWorker.type, base_job_template=template))
    except ObjectAlreadyExists:
        return


def _register(client: SyncPrefectClient, entry: dict[str, Any]) -> str:
    flow = flow_at(entry["entrypoint"])
    description = entry["description"]
    schedules = [DeploymentScheduleCreate(schedule=_schedule(each), active=True) for each in entry.get("schedules", [])]
    client.create_deployment(
        flow_id=client.create_flow(flow),
        name=entry["name"],
        entrypoint=entry["entrypoint"],
        description=_(description),
        work_pool_name=entry["work_pool"]["name"],
        schedules=schedules,
        parameters=prefilled(entry["name"]),
        parameter_openapi_schema=localised(flow, offered(entry["name"])),
        enforce_parameter_schema=True,
    )
    return str(entry["name"])


def _schedule(told: dict[str, Any]) -> IntervalSchedule | CronSchedule:
    if "cron" in told:
        return CronSchedule(cron=told["cron"], timezone=office_zone().key)
    return IntervalSchedule(interval=timedelta(seconds=told["interval"]))


def prefilled(deployment: str) -> dict[str, Any]:
    """What the form that starts a run is filled with: what applies now, for those who change it."""
    if deployment not in (LADDER_POLICY, CAMPAIGN_PLAN):
        return {}
    with transaction() as session:
        if deployment == CAMPAIGN_PLAN:
            return present_parameters(session, day_of(""))
        return asdict(present(session, None))


def localised(flow: Flow[..., Any], offers: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """The schema of a flow's parameters with titles, descriptions and choices in the office's language."""
    schema = flow.parameters.model_dump()
    words = {"sectors": Sector, "stages": Stage, "landing": MilestoneKind, "outcome": RevisitEnd}
    offered_words = {name: [word.label for word in kind] for name, kind in words.items()} | dict(offers or {})
    for name, field in schema["properties"].items():
        title, description = PARAMETERS.get(f"{flow.name}.{name}") or PARAMETERS[name]
        field["title"], field["description"] = _(title), _(description)
        if name == "kind":
            field["default"] = _(EVERY_KIND)
            field["enum"] = [field["default"], *(kind.label for kind in ItemKind)]
        if name in offered_words:
            restrict(field, offered_words[name])
        if name == "outcome":
            field["default"] = RevisitEnd.REPORT.label
        if name == "squad":
            field["default"] = _(NO_SQUAD)
    for name, entry in schema.get("definitions", {}).items():
        _localise_entry(entry, choices((offers or {}).get("units", ())) if name == TargetForm.__name__ else {})
    return schema


def _localise_entry(entry: dict[str, Any], offers: Mapping[str, Sequence[str]]) -> None:
    """The same for the entries of a list; what a field offers first stands there first."""
    fields = entry["properties"]
    for each in (entry, *fields.values()):
        each |= {word: _(text) for word, text in each.items() if word in ("title", "description")}
    for position, (name, field) in enumerate(fields.items()):
        field["position"] = position
        if name in offers:
            field["enum"], field["default"] = list(offers[name]), offers[name][0]


def main(_arguments: argparse.Namespace) -> int:
    """Register the deployments and name them."""
    print(_("Registered: %(names)s") % {"names": ", ".join(deploy())})
    return 0
