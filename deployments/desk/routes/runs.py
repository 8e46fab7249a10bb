"""The runs that the desk starts and shows: imports and exports of the ledger, and their files."""

import re
import uuid
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path, PurePath
from urllib.parse import quote, unquote

from fastapi import APIRouter, Request, Response
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterId,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.settings import PREFECT_UI_URL

from deployments.desk.pages import page
from deployments.doors.refusal import RequestRefused
from models.i18n import enumerated, mark
from models.i18n import gettext as _
from models.words import Word
from tasks.files import FileMissing, Folder, find, rejects_of
from tasks.imports.workbook.read import SUFFIXES
from tasks.runs.prefect_api import PAGE

IMPORT, EXPORT = "ledger-import", "ledger-export"  # their flows and deployments
RUNS_SHOWN = 10
BY_SCHEDULE = "auto-scheduled"  # Prefect's tag of what it starts itself
FAST_REFRESH_FOR = timedelta(minutes=1)
# Precedes a file's own name in Luodi's folders: when it was written, or the run that wrote it
NAME_PREFIX = re.compile(r"^(\d{8}-\d{6}-[0-9a-f]{4}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})-")
EXPORT_LINK = re.compile(rf"/files/{Folder.EXPORTS}/([^)\s\"]+)")

router = APIRouter()


class RunState(Word):
    """How far a run is, in the words of the office; the values are Prefect's."""

    SCHEDULED = "SCHEDULED", mark("Waits for its turn")
    PENDING = "PENDING", mark("Begins")
    RUNNING = "RUNNING", mark("At work")
    PAUSED = "PAUSED", mark("Paused")
    CANCELLING = "CANCELLING", mark("Being cancelled")
    COMPLETED = "COMPLETED", mark("Finished")
    FAILED = "FAILED", mark("Ended with something to mend")
    CRASHED = "CRASHED", mark("Broke off")
    CANCELLED = "CANCELLED", mark("Cancelled")


ENDED = (RunState.COMPLETED, RunState.FAILED, RunState.CRASHED, RunState.CANCELLED)


@dataclass(frozen=True)
class ShownRun:
    id: uuid.UUID
    flow: str
    name: str
    state: RunState
    message: str
    is_late: bool
    started_at: datetime | None
    parameters: dict[str, object]

    @property
    def is_over(self) -> bool:
        return self.state in ENDED

    @property
    def is_of_one_file(self) -> bool:
        """Whether it imports a single file, not a folder's."""
        path = PurePath(str(self.parameters.get("path") or ""))
        return self.flow == IMPORT and path.suffix.lower() in SUFFIXES

    @property
    def address(self) -> str:
        """Of the run's page in the Prefect UI, with its artifacts and logs."""
        return f"{(PREFECT_UI_URL.value() or '').rstrip('/')}/v2/runs/flow-run/{self.id}"

    @property
    def refresh_after(self) -> int:
        """Seconds until the run's page loads itself again."""
        is_new = self.started_at is not None and datetime.now(UTC) - self.started_at < FAST_REFRESH_FOR
        return 2 if is_new else 10


@router.get("/runs/{run_id}")
def run_page(request: Request, run_id: str) -> Response:
    run = shown(run_id)
    return page(request, "run.html", run=run, files=files_of(run) if run.is_over else [])


def start(deployment: str, parameters: dict[str, object], name: str, key: str) -> ShownRun:
    """Start a run. While a run started with the same key is not over, it is returned instead."""
    with get_client(sync_client=True) as client:
        deployment_id = client.read_deployment_by_name(f"{deployment}/{deployment}").id
        create = partial(client.create_flow_run_from_deployment, deployment_id, parameters=parameters, name=name)
        run = create(idempotency_key=key)
        if run.state and run.state.is_final():
            run = create()
    return _shown(run, deployment)


def shown(run_id: str) -> ShownRun:
    """The run with that id; 404 if there is none that the desk shows."""
    try:
        by_id = FlowRunFilter(id=FlowRunFilterId(any_=[uuid.UUID(run_id)]))
    except ValueError as problem:
        raise _no_run() from problem
    with get_client(sync_client=True) as client:
        runs = [_shown(run, flow) for flow in (IMPORT, EXPORT) for run in _read(client, by_id, flow)]
    if not runs:
        raise _no_run()
    return runs[0]


def recent(flow: str) -> list[ShownRun]:
    """A flow's newest runs, newest first: those people started, and scheduled ones that failed."""
    soon = datetime.now(UTC) + timedelta(minutes=1)  # schedules make their runs days ahead
    due = FlowRunFilter(expected_start_time=FlowRunFilterExpectedStartTime(before_=soon))
    with get_client(sync_client=True) as client:
        runs = _read(client, due, flow)
    wanted = [run for run in runs if BY_SCHEDULE not in run.tags or run.state_type is StateType.FAILED]
    return [_shown(run, flow) for run in wanted[:RUNS_SHOWN]]


def _read(client: SyncPrefectClient, selection: FlowRunFilter, flow: str) -> list[FlowRun]:
    return client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])),
        flow_run_filter=selection,
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=PAGE,
    )


def _shown(run: FlowRun, flow: str) -> ShownRun:
    return ShownRun(
        id=run.id,
        flow=flow,
        name=_name(run, flow),
        state=RunState(run.state_type.value) if run.state_type else RunState.SCHEDULED,
        message=(run.state.message if run.state else "") or "",
        is_late=run.state_name == "Late",
        started_at=run.start_time or run.expected_start_time,
        parameters=run.parameters,
    )


def _name(run: FlowRun, flow: str) -> str:
    if flow == IMPORT:
        path = str(run.parameters.get("path") or "")
        return PurePath(path).name or _("New files of the office's folder")
    return ledger_name(run.parameters.get("units") or ())


def ledger_name(units: Iterable[str]) -> str:
    """The name of a ledger of those units; of the whole city's ledger if there are none."""
    return _("Official ledger: %(units)s") % {"units": enumerated(units) or _("Whole city")}


def own_name(file: str) -> str:
    """The name that people gave the file, without the prefix it has in Luodi's folders."""
    return NAME_PREFIX.sub("", file)


def files_of(run: ShownRun) -> list[tuple[str, str]]:
    """Name and address of each file: the rejects of an import, the ledgers of an export."""
    kind, paths = (Folder.REJECTS, rejects_of(str(run.id))) if run.flow == IMPORT else (Folder.EXPORTS, _exports(run))
    return [(own_name(path.name), f"/files/{kind}/{quote(path.name)}") for path in paths]


def _exports(run: ShownRun) -> list[Path]:
    """The files that the run's artifacts link to, in their order."""
    of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts(artifact_filter=of_run)
    links = EXPORT_LINK.findall(" ".join(str(artifact.data) for artifact in artifacts))
    paths = []
    for name in dict.fromkeys(map(unquote, links)):
        with suppress(FileMissing):  # deleted since
            paths.append(find(Folder.EXPORTS, name))
    return paths


def _no_run() -> RequestRefused:
    return RequestRefused(404, _("There is no such run."), _("It may have been deleted in the Prefect UI."))
