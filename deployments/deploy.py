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
from prefect.utilities.importtools import import_object

from deployments.worker import InProcessWorker
from flows.campaign_plan import DEPLOYMENT as CAMPAIGN_PLAN
from flows.campaign_plan import ENDS_ON, STARTS_ON, present_parameters
from flows.ladder_policy import DEPLOYMENT as LADDER_POLICY
from flows.ladder_policy import EVERY_KIND
from flows.offers import NO_SQUAD, offered
from flows.reconciliation import POOL
from flows.target_form import TargetForm, choices
from models.i18n import gettext, mark
from models.words import ItemKind, MilestoneKind, RevisitEnd, Sector, Stage
from tasks.channels import LuodiWebhook
from tasks.database import transaction
from tasks.ladder_policy import FROM_NOW_ON, TITLES, present
from tasks.ledger import day_of, office_zone
from tasks.prefect_api import restrict

_ = mark
AT_ONCE = _("In working days; it applies at once to all that is open")
FROM_NOW = _("In working days; for what is opened or planned from now on")
PARAMETERS = {
    "project": (_("Project code"), _("As in the ledger, for example PY-2026-001")),
    "project_id": (_("Project number"), _("The ledger's own number; these runs are started by Luodi itself")),
    "blocker_id": (_("Blocker number"), _("The ledger's own number; these runs are started by Luodi itself")),
    "as_of": (_("As of"), _("Leave empty for today, or write a day like 2026-06-09")),
    "week": (_("Week"), _("Any day of it, like 2026-06-09. Empty: last week")),
    "send": (_("Send"), _("To responsible leaders, inspectors and the commerce bureau; each gets a bulletin once")),
    "path": (
        _("File or folder"),
        _("On the machine Luodi runs on. Of a folder all new files are taken in; empty: the folder files/inbox"),
    ),
    "sheet": (_("Sheet"), _("Leave empty to find the ledger's sheet by its header")),
    "mapping": (_("Columns"), _("Only when a header is not recognised: your header → Luodi's field")),
    "clear_empty": (
        _("Empty cells erase"),
        _("An empty cell erases what the ledger has there, instead of saying nothing"),
    ),
    "dry_run": (_("Dry run"), _("Only show what would change")),
    "units": (_("Units"), _("Also projects a unit shares. Empty: all units")),
    "slow-landing.units": (_("Units"), _("Only projects they are responsible for. Empty: all units")),
    "sectors": (_("Sectors"), _("Empty: all sectors")),
    "stages": (_("Stages"), _("Empty: all stages")),
    "signed_from": (_("Signed from"), _("A day like 2026-06-09, or empty")),
    "signed_until": (_("Signed until"), _("A day like 2026-06-09, or empty")),
    "amount_from": (_("Amount from (ten thousand yuan)"), _("Dollar projects: in ten thousand dollars. 0: no limit")),
    "amount_until": (_("Amount up to (ten thousand yuan)"), _("Dollar projects: in ten thousand dollars. 0: no limit")),
    "dossiers": (_("With dossiers"), _("A dossier of each project too, in one .zip; 500 projects at most")),
    "name": (_("Name of the campaign"), _("The same name again goes on with the same campaign")),
    "deadline": (_("Deadline"), _("A day like 2026-06-09; or leave it empty and give working days")),
    "working_days": (_("Working days"), _("Until the deadline, where that is empty; 0: the deadline says it")),
    "squad": (_("Squad"), _("Named on the visits' forms and in the report; no project changes its squad")),
    "visit_projects": (_("One visit a project"), _("Every open project that is selected")),
    "visit_investors": (_("One visit an investor"), _("The investors of the selected projects, also of landed ones")),
    "campaign": (_("Revisit campaign"), _("One of those that are open")),
    "outcome": (_("What becomes of it"), _("The report is written in any case")),
    "reason": (_("Reason"), _("Needed to close or cancel it; it stands in the report")),
    "item_id": (_("Item number"), _("The ledger's own number; these runs are started by Luodi itself")),
    "filled_in_by": (_("Filled in by"), _("Your name and post. It goes into the ledger's history.")),
    "campaign-plan.name": (
        _("Name"),
        _("What it is called; a name that is there already is changed, another one is new"),
    ),
    "starts_on": (STARTS_ON, _("A day like 2026-06-09")),
    "ends_on": (ENDS_ON, _("A day like 2026-06-09, or empty and a number of days instead")),
    "days": (_("Number of days"), _("Calendar days, the first and the last counted; 0: the last day says it")),
    "landing": (_("Counts as landed"), _("All of these milestones, each with its day and evidence")),
    "targets": (_("Targets of the campaign"), _("One entry for each; they take the place of those the campaign has")),
    "kind": (
        _("For"),
        _("The kind of item all these numbers are for; given the numbers for every kind, it follows those again"),
    ),
    **{name: (title, FROM_NOW if name in FROM_NOW_ON else AT_ONCE) for name, title in TITLES.items()},
}
"""How parameters are called in the forms that start a run; by the deployment, too, where one calls it otherwise."""
CHANNEL_FIELDS = {
    "url": (_("Address"), _("https://… that takes a POST of JSON")),
    "key": (_("Signing key"), _("Shared with the receiver, who can check the signature")),
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
        field.title, field.description = gettext(title), gettext(description)
    LuodiWebhook.model_rebuild(force=True)
    LuodiWebhook.register_type_and_schema()


def _ensure_pool(client: SyncPrefectClient) -> None:
    template = InProcessWorker.get_default_base_job_template()
    try:
        client.create_work_pool(WorkPoolCreate(name=POOL, type=InProcessWorker.type, base_job_template=template))
    except ObjectAlreadyExists:
        return


def _register(client: SyncPrefectClient, entry: dict[str, Any]) -> str:
    flow: Flow[..., Any] = import_object(entry["entrypoint"])
    description = entry["description"]
    schedules = [
        DeploymentScheduleCreate(schedule=schedule_of(each), active=True) for each in entry.get("schedules", [])
    ]
    client.create_deployment(
        flow_id=client.create_flow(flow),
        name=entry["name"],
        entrypoint=entry["entrypoint"],
        description=gettext(description),
        work_pool_name=entry["work_pool"]["name"],
        schedules=schedules,
        parameters=prefilled(entry["name"]),
        parameter_openapi_schema=localised(flow, offered(entry["name"])),
        enforce_parameter_schema=True,
    )
    return str(entry["name"])


def schedule_of(told: dict[str, Any]) -> IntervalSchedule | CronSchedule:
    """A schedule as Prefect takes it, in the office's time zone."""
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
        field["title"], field["description"] = gettext(title), gettext(description)
        if name == "kind":
            field["default"] = gettext(EVERY_KIND)
            field["enum"] = [field["default"], *(kind.label for kind in ItemKind)]
        if name in offered_words:
            restrict(field, offered_words[name])
        if name == "outcome":
            field["default"] = RevisitEnd.REPORT.label
        if name == "squad":
            field["default"] = gettext(NO_SQUAD)
    for name, entry in schema.get("definitions", {}).items():
        _localise_entry(entry, choices((offers or {}).get("units", ())) if name == TargetForm.__name__ else {})
    return schema


def _localise_entry(entry: dict[str, Any], offers: Mapping[str, Sequence[str]]) -> None:
    """The same for the entries of a list; what a field offers first stands there first."""
    fields = entry["properties"]
    for each in (entry, *fields.values()):
        each |= {word: gettext(text) for word, text in each.items() if word in ("title", "description")}
    for position, (name, field) in enumerate(fields.items()):
        field["position"] = position
        if name in offers:
            field["enum"], field["default"] = list(offers[name]), offers[name][0]


def main(_arguments: argparse.Namespace) -> int:
    """Register the deployments and name them."""
    print(gettext("Registered: %(names)s") % {"names": ", ".join(deploy())})
    return 0
