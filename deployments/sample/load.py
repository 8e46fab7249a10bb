"""`luodi sample`: brings the sample ledger in as a workbook, sweeps it, plans its campaign."""

import argparse
import time
from pathlib import Path
from typing import Any

from prefect.client.orchestration import get_client
from sqlalchemy import select

from deployments import environment
from deployments.sample.workbook import sample_campaign, write_sample
from models.campaigns.campaign import Campaign
from models.i18n import gettext as _
from models.ledger.history import SweepLog
from models.ledger.project import Project
from models.words import FirstRung
from tasks.database import transaction
from tasks.dialogues.parameters.campaign_plan import parameters
from tasks.ledger.office_time import day_of
from tasks.ledger.workdays import calendar_around

PATIENCE = 300.0  # seconds each of the two runs may take at most, on a slow machine


class SampleNotLoaded(RuntimeError):
    """The sample ledger did not come in: the run named in the message says why in its logs."""


def load(home: Path) -> str:
    """Import the sample, sweep it and plan its campaign, unless the ledger holds other projects.

    What was stopped on the way goes on where it was. Returns what happened; SampleNotLoaded if one
    of the three runs does not come to its end.
    """
    path = home / "sample" / "ledger.xlsx"
    with transaction() as session:
        has_projects = session.scalar(select(Project.id).limit(1)) is not None
        is_swept = session.scalar(select(SweepLog.id).limit(1)) is not None
        is_planned = session.scalar(select(Campaign.id).where(Campaign.ends_on.is_not(None)).limit(1)) is not None
    if has_projects and (not path.exists() or (is_swept and is_planned)):
        return _("The ledger holds projects already; the sample ledger is left out.")
    lines, today = [], day_of("")
    if not has_projects:
        write_sample(path, today)
        message = _done("ledger-import", path.name, path=str(path))
        lines.append(_("Sample ledger: %(told)s") % {"told": message})
    if not is_swept:
        with transaction() as session:  # the sample shows the ladder on any day, also on a day off
            working_day = str(calendar_around(session, today).last_before(today))
        begin = {"rung": FirstRung.OFFICE.label, "day": working_day, "dry_run": False, "as_of": working_day}
        _done("begin-backlog", _("Backlog"), filled_in_by="Luodi", **begin)  # the office has matters from the first day
        message = _done("escalation-sweep", _("First sweep"), as_of=working_day)
        lines.append(_("First sweep: %(told)s") % {"told": message})
    if not is_planned:
        plan = sample_campaign(today)
        message = _done("campaign-plan", plan.name, filled_in_by="Luodi", dry_run=False, **parameters(plan))
        lines.append(_("Campaign: %(told)s") % {"told": message})
    return " ".join(lines)


def _done(deployment: str, name: str, /, **given: Any) -> str:
    with get_client(sync_client=True) as client:
        known = client.read_deployment_by_name(f"{deployment}/{deployment}")
        run = client.create_flow_run_from_deployment(known.id, parameters=given, name=name)
        deadline = time.monotonic() + PATIENCE
        while not (run.state and run.state.is_final()):
            if time.monotonic() > deadline:
                message = _("The sample ledger takes too long to come in, at “%(run)s”: is a worker running?")
                raise SampleNotLoaded(message % {"run": name})
            time.sleep(0.5)
            run = client.read_flow_run(run.id)
    if run.state.is_crashed() or run.state.is_cancelled():
        raise SampleNotLoaded(_("The sample ledger was not brought in: see the run “%(run)s”.") % {"run": name})
    return str(run.state.message)


def main(_arguments: argparse.Namespace) -> int:
    print(load(environment.home()))
    return 0
