"""`luodi sample`: brings the sample ledger in as any office's workbook, and lets the first sweep go over it."""

import argparse
import time
from datetime import date
from pathlib import Path

from prefect.client.orchestration import get_client
from sqlalchemy import select

from deployments import environment
from deployments.sample import write_sample
from models.change import SweepLog
from models.i18n import gettext as _
from models.project import Project
from tasks.database import transaction
from tasks.ledger import calendar_around, day_of

PATIENCE = 300.0
"""Seconds each of the two runs may take at most, on a slow machine."""


class SampleNotLoaded(RuntimeError):
    """The sample ledger did not come in: the run named in the message says why in its logs."""


def load(home: Path) -> str:
    """Import the sample workbook and sweep it, unless the ledger holds projects already; returns what happened.

    What was stopped between the two goes on with the sweep.

    Raises:
        SampleNotLoaded: when the import or the sweep does not come to its end.
    """
    path = home / "sample" / "ledger.xlsx"
    with transaction() as session:
        has_projects = session.scalar(select(Project.id).limit(1)) is not None
        is_swept = session.scalar(select(SweepLog.id).limit(1)) is not None
    if has_projects and (is_swept or not path.exists()):
        return _("The ledger holds projects already; the sample ledger is left out.")
    told = [] if has_projects else [_("Sample ledger: %(told)s") % {"told": _import(path)}]
    swept = _done("escalation-sweep", _("First sweep"), as_of=str(_last_working_day()))
    return " ".join([*told, _("First sweep: %(told)s") % {"told": swept}])


def _import(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_sample(path, day_of(""))
    return _done("ledger-import", path.name, path=str(path))


def _last_working_day() -> date:
    """The sample shows the ladder on any day, also on a day off."""
    today = day_of("")
    with transaction() as session:
        return calendar_around(session, today).last_before(today)


def _done(deployment: str, name: str, **parameters: str) -> str:
    """What the run said at its end."""
    with get_client(sync_client=True) as client:
        known = client.read_deployment_by_name(f"{deployment}/{deployment}")
        run = client.create_flow_run_from_deployment(known.id, parameters=parameters, name=name)
        deadline = time.monotonic() + PATIENCE
        while not (run.state and run.state.is_final()):
            if time.monotonic() > deadline:
                told = _("The sample ledger takes too long to come in, at “%(run)s”: is a worker running?")
                raise SampleNotLoaded(told % {"run": name})
            time.sleep(0.5)
            run = client.read_flow_run(run.id)
    if run.state.is_crashed() or run.state.is_cancelled():
        raise SampleNotLoaded(_("The sample ledger was not brought in: see the run “%(run)s”.") % {"run": name})
    return str(run.state.message)


def main(_arguments: argparse.Namespace) -> int:
    """Bring the sample ledger in and say what came of it."""
    print(load(environment.home()))
    return 0
