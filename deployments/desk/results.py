"""The files that came of a run."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

from deployments.desk import runs
from models.i18n import gettext as _
from tasks.files import Folder, find, folder
from tasks.ledger_errors import FileMissing

LINK = re.compile(rf"/files/{Folder.EXPORTS}/([^)\s\"]+)")


@dataclass(frozen=True)
class Result:
    """A file to download, and what it is."""

    title: str
    kind: Folder
    name: str

    @property
    def address(self) -> str:
        """Where the desk gives it out."""
        return f"/files/{self.kind}/{quote(self.name)}"


def files_of(run: runs.ShownRun) -> list[Result]:
    """What can be downloaded once the run is over."""
    if run.flow == runs.EXPORT:
        return [Result(runs.own_name(path.name), Folder.EXPORTS, path.name) for path in _exports(run)]
    rejects = rejects_of(str(run.id))
    return (
        [Result(_("The rejects: your own sheet with what is to mend marked"), Folder.REJECTS, rejects.name)]
        if rejects
        else []
    )


def rejects_of(run_id: str) -> Path | None:
    """The workbook with what a run could not take, if there is one."""
    return next(iter(sorted(folder(Folder.REJECTS).glob(f"{run_id}-*"))), None)


def _exports(run: runs.ShownRun) -> list[Path]:
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
