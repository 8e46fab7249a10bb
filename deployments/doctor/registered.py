"""The deployments as the server has them: are they ours, and do they start themselves."""

import asyncio
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    WorkPoolFilter,
    WorkPoolFilterName,
)
from prefect.client.schemas.objects import DeploymentSchedule, StateType
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule
from prefect.client.schemas.sorting import FlowRunSort
from prefect.server.schemas import schedules as server_schedules

from deployments.deploy import PREFILLED, schedule_of
from deployments.doctor.findings import Finding, fine, notice, some, wrong
from deployments.doctor.server import api
from deployments.entrypoints import declared
from models.i18n import enumerated
from models.i18n import gettext as _
from tasks.ledger.office_time import office_zone
from tasks.runs.prefect_api import POOL, deployments_named

BY_ITSELF = ("as_of", "dry_run")  # parameters that keep a run which starts itself from doing today's work
SCHEDULED_WITHIN = timedelta(minutes=3)  # the server schedules the next run a minute after the one before
Declared = dict[str, Any]


def deployments() -> Iterator[Finding]:
    """Is every deployment there, with our flow, on our pool?"""
    entries = declared()
    with api() as client:
        known = registered(client)
        ours = WorkPoolFilter(name=WorkPoolFilterName(any_=[POOL]))
        on_pool = client.read_deployments(work_pool_filter=ours)
    missing = [entry["name"] for entry in entries if entry["name"] not in known]
    if missing:
        what = _("Deployments are missing: %(names)s") % {"names": enumerated(missing)}
        yield wrong(what, _("Run `luodi deploy`."))
    there = [(entry, known[entry["name"]]) for entry in entries if entry["name"] in known]
    for entry, deployment in there:
        yield from _differences(entry, deployment)
    entrypoints = {entry["entrypoint"] for entry in entries}
    ours_by_id = {deployment.id for deployment in known.values()}
    foreign = sorted(
        deployment.name
        for deployment in on_pool
        if deployment.entrypoint not in entrypoints and deployment.id not in ours_by_id
    )
    if foreign:
        what = _("The work pool has deployments that are not Luodi's: %(names)s") % {"names": some(foreign)}
        yield notice(what, _("The worker does not execute them. Find out who made them, and delete them."))


def registered(client: SyncPrefectClient) -> dict[str, DeploymentResponse]:
    """The deployments of our flows by name, as far as they are there."""
    names = [entry["name"] for entry in declared()]
    of_flows = FlowFilter(name=FlowFilterName(any_=names))
    flows = {flow.id: flow.name for flow in client.read_flows(flow_filter=of_flows)}
    known = deployments_named(client, names)
    return {deployment.name: deployment for deployment in known if flows.get(deployment.flow_id) == deployment.name}


def _differences(entry: Declared, deployment: DeploymentResponse) -> Iterator[Finding]:
    values = {"name": deployment.name, "entrypoint": deployment.entrypoint, "pool": deployment.work_pool_name}
    again = _("Run `luodi deploy`.")
    if deployment.entrypoint != entry["entrypoint"]:
        yield wrong(_("The deployment %(name)s starts a foreign flow: %(entrypoint)s") % values, again)
    if deployment.work_pool_name != POOL:
        what = _("The deployment %(name)s is on the work pool %(pool)s, where no worker of ours is.")
        yield wrong(what % values, _("Set its work pool back in the UI, at the deployment's “Edit”."))
    limit = deployment.global_concurrency_limit
    if limit and limit.active and limit.limit < 1:
        what = _("The concurrency limit of the deployment %(name)s is 0: its runs wait for ever.")
        yield wrong(what % values, _("Remove the limit in the UI, at the deployment's “Edit”."))
    if deployment.paused and "schedules" not in entry:
        yield notice(_("The deployment %(name)s is paused.") % values, _("Resume it in the UI, under Deployments."))
    if deployment.name in PREFILLED and not deployment.parameters:
        yield notice(_("The form that starts %(name)s is not filled with what applies now.") % values, again)


def schedules() -> Iterator[Finding]:
    """Does what starts itself start itself, when it should?"""
    moment = datetime.now(UTC)
    with api() as client:
        known = registered(client)
        there = [
            (entry, known[entry["name"]]) for entry in declared() if "schedules" in entry and entry["name"] in known
        ]
        coming = _coming(client, [deployment for _entry, deployment in there], moment)
        findings = [
            finding
            for entry, deployment in there
            for finding in (*_stopped(entry, deployment, moment, coming), *_set_wrongly(deployment))
        ]
    yield from findings
    if not any(finding.is_wrong for finding in findings):
        yield fine(
            _("What starts itself is scheduled: %(names)s")
            % {"names": enumerated(entry["name"] for entry, _d in there)}
        )


def _coming(
    client: SyncPrefectClient, deployments: Sequence[DeploymentResponse], moment: datetime
) -> dict[object, datetime]:
    """When each deployment runs next, or ran just now, by the runs the server has scheduled."""
    mine = DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id for deployment in deployments]))
    after = FlowRunFilterExpectedStartTime(after_=moment - SCHEDULED_WITHIN)
    only = FlowRunFilter(expected_start_time=after)
    latest_first = FlowRunSort.EXPECTED_START_TIME_DESC
    runs = client.read_flow_runs(deployment_filter=mine, flow_run_filter=only, sort=latest_first, limit=200)
    return {
        run.deployment_id: run.expected_start_time
        for run in runs
        if run.expected_start_time and run.auto_scheduled
        if run.state_type is StateType.SCHEDULED or run.expected_start_time <= moment
    }


def _stopped(
    entry: Declared, deployment: DeploymentResponse, moment: datetime, coming: dict[object, datetime]
) -> Iterator[Finding]:
    """Why a deployment does not start itself, if it does not."""
    values = {"name": deployment.name}
    active = [planned for planned in deployment.schedules if planned.active]
    if not deployment.schedules:
        remedy = _("Add a schedule to it in the UI, under Deployments: %(when)s.")
        what = _("%(name)s has no schedule: it does not start itself.") % values
        yield wrong(what, remedy % {"when": _when(entry)})
    elif deployment.paused or not active:
        what = _("%(name)s is paused: it does not start itself.")
        yield wrong(what % values, _("Resume it in the UI, under Deployments."))
    else:
        yield from _off_schedule(entry, deployment, active, moment, coming)


def _off_schedule(
    entry: Declared,
    deployment: DeploymentResponse,
    active: Sequence[DeploymentSchedule],
    moment: datetime,
    coming: dict[object, datetime],
) -> Iterator[Finding]:
    again = _("If nobody changed the schedule on purpose, set it in the UI, under Deployments: %(when)s.")
    again %= {"when": _when(entry)}
    values: dict[str, object] = {"name": deployment.name}
    due = _dates(schedule_of(entry["schedules"][0]), moment, 2)
    dates = [date for planned in active for date in _dates(planned.schedule, moment, 1)]
    if not dates:
        yield wrong(_("The schedule of %(name)s never comes: it does not start itself.") % values, again)
        return
    values["moment"] = f"{min(dates).astimezone(office_zone()):%Y-%m-%d %H:%M}"
    if min(dates) > due[-1]:
        yield wrong(_("%(name)s starts itself next on %(moment)s only.") % values, again)
    elif not any(_is_as_declared(planned, entry) for planned in active):
        yield notice(_("%(name)s has a schedule of its own; it starts itself next on %(moment)s.") % values, again)
    # A change of the deployment or of any schedule deletes the runs that were scheduled
    changes = [changed.updated for changed in (deployment, *deployment.schedules) if changed.updated]
    is_new = max(changes, default=moment) > moment - SCHEDULED_WITHIN
    if deployment.id not in coming and not is_new:
        remedy = _("Prefect's scheduler is off or stuck: stop `luodi up` and start it again.")
        yield wrong(_("The server has scheduled no run of %(name)s.") % values, remedy)


def _when(entry: Declared) -> str:
    """When it should start itself, as the UI takes it."""
    schedule = schedule_of(entry["schedules"][0])
    if isinstance(schedule, CronSchedule):
        return f"{schedule.cron} ({schedule.timezone})"
    return _("every %(minutes)s minutes") % {"minutes": f"{schedule.interval.total_seconds() / 60:g}"}


def _is_as_declared(planned: DeploymentSchedule, entry: Declared) -> bool:
    wanted, found = schedule_of(entry["schedules"][0]), planned.schedule
    if isinstance(wanted, CronSchedule) and isinstance(found, CronSchedule):
        return (wanted.cron, wanted.timezone) == (found.cron, found.timezone)
    return (
        isinstance(wanted, IntervalSchedule)
        and isinstance(found, IntervalSchedule)
        and wanted.interval == found.interval
    )


def _dates(schedule: Any, moment: datetime, count: int) -> list[datetime]:
    """The next dates of a schedule, as Prefect's scheduler finds them; fewer where it ends."""
    for kind in (server_schedules.CronSchedule, server_schedules.IntervalSchedule, server_schedules.RRuleSchedule):
        if type(schedule).__name__ == kind.__name__:
            try:
                return list(asyncio.run(kind.model_validate(schedule.model_dump()).get_dates(n=count, start=moment)))
            except ValueError:  # croniter finds no such day, like 30 February
                return []
    return []


def _set_wrongly(deployment: DeploymentResponse) -> Iterator[Finding]:
    """Is a run that starts itself told to do something else than today's work?"""
    sets = [deployment.parameters, *(planned.parameters for planned in deployment.schedules)]
    fixed = sorted({f"{name}={given[name]}" for given in sets for name in BY_ITSELF if given.get(name)})
    if fixed:
        what = _("%(name)s starts itself with %(parameters)s: it does not do the day's work.")
        what %= {"name": deployment.name, "parameters": enumerated(fixed)}
        yield wrong(what, _("Take that out in the UI, at the deployment's “Edit” or at its schedule."))
