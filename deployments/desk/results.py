"""The files that came of a run."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId

from deployments.desk import runs
from tasks.files import FileMissing, Folder, find, rejects_of

LINK = re.compile(rf"/files/{Folder.EXPORTS}/([^)\s\"]+)")


@dataclass(frozen=True)
class Result:
    """A file to download."""

    kind: Folder
    path: Path

    @property
    def name(self) -> str:
        """What it is called."""
        return runs.own_name(self.path.name)

    @property
    def address(self) -> str:
        """Where the desk gives it out."""
        return f"/files/{self.kind}/{quote(self.path.name)}"


def files_of(run: runs.ShownRun) -> list[Result]:
    """What can be downloaded once the run is over: rejects of an import, ledgers of an export."""
    if run.flow == runs.IMPORT:
        return [Result(Folder.REJECTS, path) for path in rejects_of(str(run.id))]
    return [Result(Folder.EXPORTS, path) for path in _exports(run)]


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
