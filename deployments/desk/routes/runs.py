"""The runs the desk starts and shows: imports and exports of the ledger."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Request, Response
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterId,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.settings import PREFECT_UI_URL

from deployments.desk.errors import RequestRefused
from deployments.desk.pages import page
from models.i18n import gettext as _
from models.i18n import mark
from models.words import Word
from tasks.files import FileMissing, Folder, find, rejects_of

IMPORT, EXPORT = "ledger-import", "ledger-export"
SHOWN = 10
"""Runs in a list."""
SOON = timedelta(minutes=1)
PREFIX = re.compile(r"^(\d{8}-\d{6}-[0-9a-f]{4}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})-")
"""What stands before a file's own name: the moment it was written, or the run it came of."""
LINK = re.compile(rf"/files/{Folder.EXPORTS}/([^)\s\"]+)")

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
    """A run as the desk shows it."""

    id: uuid.UUID
    flow: str
    name: str
    state: RunState
    message: str
    is_late: bool
    started_at: datetime | None
    parameters: dict[str, Any]

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in ENDED

    @property
    def address(self) -> str:
        """Where the Prefect UI shows it with its artifacts and logs."""
        return f"{(PREFECT_UI_URL.value() or '').rstrip('/')}/v2/runs/flow-run/{self.id}"

    @property
    def refresh_after(self) -> int:
        """Seconds until a page that shows it is worth loading again."""
        is_new = self.started_at is not None and datetime.now(UTC) - self.started_at < SOON
        return 2 if is_new else 10


def start(deployment: str, parameters: dict[str, Any], name: str, key: str) -> ShownRun:
    """Start a run; asked again with the same key while that run is not over, it is the same run."""
    with get_client(sync_client=True) as client:
        known = client.read_deployment_by_name(f"{deployment}/{deployment}")
        run = client.create_flow_run_from_deployment(known.id, parameters=parameters, name=name, idempotency_key=key)
        if run.state and run.state.is_final():
            run = client.create_flow_run_from_deployment(known.id, parameters=parameters, name=name)
    return _shown(run, deployment)


def shown(run_id: str) -> ShownRun:
    """The run with that number.

    Raises:
        RequestRefused: 404 when there is none, or none that the desk shows.
    """
    with get_client(sync_client=True) as client:
        found = _read(client, FlowRunFilter(id=FlowRunFilterId(any_=[_number(run_id)])), (IMPORT, EXPORT))
    if not found:
        raise _no_run()
    return found[0]


def recent(flow: str) -> list[ShownRun]:
    """The newest runs of a flow, the newest first: those people started, and scheduled ones that failed."""
    by_people = FlowRunFilter(tags=FlowRunFilterTags(is_null_=True))  # Prefect tags what it schedules itself
    failed = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.FAILED])))
    with get_client(sync_client=True) as client:
        found = {run.id: run for only in (by_people, failed) for run in _read(client, only, (flow,))}
    return sorted(found.values(), key=lambda run: run.started_at or datetime.now(UTC), reverse=True)[:SHOWN]


def _read(client: SyncPrefectClient, only: FlowRunFilter, flows: tuple[str, ...]) -> list[ShownRun]:
    found = []
    for flow in flows:
        runs = client.read_flow_runs(
            flow_filter=FlowFilter(name=FlowFilterName(any_=[flow])),
            flow_run_filter=only,
            sort=FlowRunSort.EXPECTED_START_TIME_DESC,
            limit=SHOWN,
        )
        found += [_shown(run, flow) for run in runs]
    return found


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
    """What a ledger of those units is called; of none in particular, the whole city's."""
    return _("Official ledger: %(units)s") % {"units": "、".join(units) or _("Whole city")}


def own_name(file: str) -> str:
    """What a file of one of Luodi's folders is called by people."""
    return PREFIX.sub("", file)


def _number(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as problem:
        raise _no_run() from problem


def _no_run() -> RequestRefused:
    return RequestRefused(404, _("There is no such run."), _("It may have been deleted in the Prefect UI."))


@dataclass(frozen=True)
class Result:
    """A file to download."""

    kind: Folder
    path: Path

    @property
    def name(self) -> str:
        """What it is called."""
        return own_name(self.path.name)

    @property
    def address(self) -> str:
        """Where the desk gives it out."""
        return f"/files/{self.kind}/{quote(self.path.name)}"


def files_of(run: ShownRun) -> list[Result]:
    """What can be downloaded once the run is over: rejects of an import, ledgers of an export."""
    if run.flow == IMPORT:
        return [Result(Folder.REJECTS, path) for path in rejects_of(str(run.id))]
    return [Result(Folder.EXPORTS, path) for path in _exports(run)]


def _exports(run: ShownRun) -> list[Path]:
    """The files an export's own artifacts link to, in their order."""
    only = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    with get_client(sync_client=True) as client:
        told = " ".join(str(each.data) for each in client.read_artifacts(artifact_filter=only))
    found = []
    for name in dict.fromkeys(map(unquote, LINK.findall(told))):
        try:
            found.append(find(Folder.EXPORTS, name))
        except FileMissing:  # deleted since
            continue
    return found


@router.get("/runs/{run_id}")
def run(request: Request, run_id: str) -> Response:
    """A run, loaded again by the browser until it is over."""
    found = shown(run_id)
    files = files_of(found) if found.is_over else []
    return page(request, "run.html", run=found, files=files)
