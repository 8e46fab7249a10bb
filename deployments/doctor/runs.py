"""Runs: does every open subject have one, are they executed, how did the last ones end."""

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort

from deployments.doctor.findings import Finding, fine, notice, some, wrong
from deployments.doctor.ledger import reading
from deployments.doctor.server import api
from deployments.entrypoints import declared, seconds_for
from models.i18n import enumerated
from models.i18n import gettext as _
from tasks.dialogues.update_runs import STANDING, count_open_subjects
from tasks.ledger.office_time import office_zone
from tasks.runs.prefect_api import LIVE

LATE = timedelta(minutes=3)  # a worker at work takes seconds
IMPORT = "ledger-import"  # one at a time: the others wait for it, and a large file takes hours
STOPPED_WITHIN = timedelta(minutes=5)  # after its deadline
LONGEST = {  # in this state; a run that is longer in it is executed by nobody, or hangs
    StateType.PENDING: timedelta(minutes=2),
    StateType.CANCELLING: timedelta(minutes=15),  # reconciliation ends it
}
ENDED = [StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED]
MENDS = "reconciliation"
BY_EXCEPTION = "Flow run encountered an exception"  # how Prefect's message begins; other failures the flow put in words
OPENS_WITHIN = 1.0  # seconds after the ledger's entry


def of_flows(*names: str) -> FlowFilter:
    return FlowFilter(name=FlowFilterName(any_=list(names)))


def in_states(*types: StateType) -> FlowRunFilterState:
    return FlowRunFilterState(type=FlowRunFilterStateType(any_=list(types)))


def waiting() -> Iterator[Finding]:
    """Has every open project, blocker, visit and raised item a run that waits for its answer?"""
    missing = _missing()
    if missing:
        time.sleep(OPENS_WITHIN)  # an open subject is in the ledger first, its run comes after
        missing = _missing()
    if missing:
        what = _("Runs are missing, so nobody can answer: %(counts)s.")
        counts = enumerated(f"{flow} {count}" for flow, count in missing.items())
        remedy = _("Start the deployment `reconciliation`, which opens them; it also starts itself every ten minutes.")
        yield wrong(what % {"counts": counts}, remedy)
    else:
        yield fine(_("Every open project, blocker, visit and raised item has its run."))


def _missing() -> Mapping[str, int]:
    """How many runs each flow lacks: the server's are counted, not compared one by one."""
    with reading() as session:
        wanted = count_open_subjects(session)
    only = FlowRunFilter(state=in_states(*LIVE))
    with api() as client:
        lacking = {
            flow: wanted[flow] - client.count_flow_runs(flow_filter=of_flows(flow), flow_run_filter=only)
            for flow in STANDING
        }
    return {flow: count for flow, count in lacking.items() if count > 0}


def late() -> Iterator[Finding]:
    """Are runs executed when they should be?"""
    is_late = FlowRunFilterExpectedStartTime(before_=datetime.now(UTC) - LATE)
    only = FlowRunFilter(state=in_states(StateType.SCHEDULED), expected_start_time=is_late)
    first = FlowRunSort.EXPECTED_START_TIME_ASC
    with api() as client:
        runs = client.read_flow_runs(flow_filter=_others(), flow_run_filter=only, sort=first, limit=200)
    if runs:
        what = _("%(count)s runs wait for a worker, since %(moment)s: %(names)s")
        since = runs[0].expected_start_time or datetime.now(UTC)
        values = {"count": len(runs), "moment": _moment(since), "names": some([run.name for run in runs])}
        yield wrong(
            what % values, _("See whether a worker is at work, and whether pool, queue or a limit holds them back.")
        )


def stuck() -> Iterator[Finding]:
    """Is a run longer under way than any should be?"""
    only = FlowRunFilter(state=in_states(*LONGEST, StateType.RUNNING))
    others_take = max(seconds_for(name) for name in _names_of_others())
    with api() as client:
        imports = client.read_flow_runs(flow_filter=of_flows(IMPORT), flow_run_filter=only, limit=200)
        others = client.read_flow_runs(flow_filter=_others(), flow_run_filter=only, limit=200)
    yield from _too_long(imports, seconds_for(IMPORT))
    yield from _too_long(others, others_take)


def _others() -> FlowFilter:
    return of_flows(*_names_of_others())


def _names_of_others() -> list[str]:
    return [entry["name"] for entry in declared() if entry["name"] != IMPORT]


def _too_long(runs: Sequence[FlowRun], seconds: float) -> Iterator[Finding]:
    bounds = {**LONGEST, StateType.RUNNING: timedelta(seconds=seconds) + STOPPED_WITHIN}
    for state, longest in bounds.items():
        names = [run.name for run in runs if run.state_type is state and _age(run) > longest]
        if names:
            what = _("%(count)s runs are in the state %(state)s for more than %(minutes)s minutes: %(names)s")
            values = {"count": len(names), "state": state.value.capitalize(), "names": some(names)}
            remedy = _("Start the deployment `reconciliation`; if they stay so, stop `luodi up` and start it again.")
            yield wrong(what % (values | {"minutes": longest // timedelta(minutes=1)}), remedy)


def _age(run: FlowRun) -> timedelta:
    return datetime.now(UTC) - run.state.timestamp if run.state else timedelta(0)


def last_runs() -> Iterator[Finding]:
    """How did the last run of what starts itself end, or does one wait for somebody?"""
    starting_themselves = [entry["name"] for entry in declared() if "schedules" in entry]
    with api() as client:
        only = FlowRunFilter(state=in_states(StateType.PAUSED))
        for run in client.read_flow_runs(flow_filter=of_flows(*starting_themselves), flow_run_filter=only):
            what = _("The run “%(run)s” starts itself, but waits for an answer: until then nothing of it happens.")
            yield wrong(what % {"run": run.name}, _("Open the run in the UI, and answer its form."))
        for name in starting_themselves:
            yield from _last(client, name)


def _last(client: SyncPrefectClient, name: str) -> Iterator[Finding]:
    """A run that says itself what it left undone is a notice: most often its data were at fault."""
    only = FlowRunFilter(state=in_states(*ENDED))
    latest = FlowRunSort.END_TIME_DESC
    for run in client.read_flow_runs(flow_filter=of_flows(name), flow_run_filter=only, sort=latest, limit=1):
        if run.state is None or run.state.is_completed():
            continue
        values = {"name": name, "run": run.name, "why": (run.state.message or "").partition("\n")[0]}
        what = _("The last run of %(name)s, “%(run)s”, did not end well: %(why)s") % values
        remedy = _("See the run in the UI: its page and its logs say more.")
        says_itself = run.state.is_failed() and not (run.state.message or "").startswith(BY_EXCEPTION)
        is_notice = run.state.is_cancelled() or (says_itself and name != MENDS)
        yield notice(what, remedy) if is_notice else wrong(what, remedy)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(office_zone()):%Y-%m-%d %H:%M}"
