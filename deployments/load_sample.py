"""`luodi sample`: brings the sample ledger in through `ledger-import` itself, as any office's workbook."""

import argparse
import time
from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from sqlalchemy import select

from deployments import environment
from deployments.sample import write_sample
from models.i18n import gettext as _
from models.project import Project
from tasks.database import transaction
from tasks.ledger import day_of

PATIENCE = 300.0
"""Seconds an import of sixty rows may take at most, on a slow machine."""


class SampleNotLoaded(RuntimeError):
    """The sample ledger did not come in: the import's run, named in the message, says why in its logs."""


def load(home: Path) -> str:
    """Write the sample workbook and import it, unless the ledger holds projects already; returns what happened.

    Raises:
        SampleNotLoaded: when the import does not come to its end.
    """
    with transaction() as session:
        if session.scalar(select(Project.id).limit(1)):
            return _("The ledger holds projects already; the sample ledger is left out.")
    path = home / "sample" / "ledger.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sample(path, day_of(""))
    run = _imported(path)
    if run.state is None or run.state.is_crashed() or run.state.is_cancelled():
        raise SampleNotLoaded(_("The sample ledger was not imported: see the run “%(run)s”.") % {"run": run.name})
    return _("Sample ledger: %(report)s") % {"report": run.state.message}


def _imported(path: Path) -> FlowRun:
    with get_client(sync_client=True) as client:
        deployment = client.read_deployment_by_name("ledger-import/ledger-import")
        run = client.create_flow_run_from_deployment(deployment.id, parameters={"path": str(path)}, name=path.name)
        deadline = time.monotonic() + PATIENCE
        while not (run.state and run.state.is_final()):
            if time.monotonic() > deadline:
                raise SampleNotLoaded(_("The import of the sample ledger takes too long: is a worker running?"))
            time.sleep(0.5)
            run = client.read_flow_run(run.id)
    return run


def main(_arguments: argparse.Namespace) -> int:
    """Bring the sample ledger in and say what came of it."""
    print(load(environment.home()))
    return 0
