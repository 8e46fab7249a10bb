"""By the operator: which projects are behind their cohort, what holds them, and where the days go."""

from datetime import date
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from models.i18n import gettext as _
from tasks.database import snapshot
from tasks.files import Folder, link, new_path
from tasks.ledger.current_campaign import current_campaign
from tasks.ledger.office_time import day_of
from tasks.runs.execution import refused
from tasks.slow_landing.analysis import slow_landing as analyse
from tasks.slow_landing.page import page
from tasks.slow_landing.workbook import write_slow_landing

DEPLOYMENT = "slow-landing"


def run_name() -> str:
    """The day, so that runs are told apart."""
    return _("Slow landing as of %(day)s") % {"day": flow_run.parameters.get("as_of") or day_of("")}


@flow(name=DEPLOYMENT, flow_run_name=run_name)
def slow_landing(units: tuple[str, ...] = (), as_of: str = "") -> State[Any]:
    """Show the current campaign's projects that are behind, in the artifact and, all of them, in a workbook (.xlsx).

    `units` confines it to projects those units are responsible for (empty: all). `as_of` (ISO date; empty: today in
    the office's time zone) is the day they are looked at. Nothing in the ledger changes.
    """
    return refused(lambda: _show(units, day_of(as_of)))


def _show(units: tuple[str, ...], day: date) -> State[Any]:
    path = new_path(Folder.EXPORTS, _("Slow landing %(day)s.xlsx") % {"day": day})
    scope = "、".join(units)
    with snapshot() as session:
        found = analyse(session, current_campaign(session, day), day, units=units)
        write_slow_landing(session, found, path, scope)
    text = "\n\n".join([page(found, scope), _("All of them: %(link)s") % {"link": link(Folder.EXPORTS, path)}])
    create_markdown_artifact(text, key=DEPLOYMENT, description=_("What is behind, and where the days go"))
    message = _("%(count)s projects are behind: the artifact says what holds them.")
    return Completed(message=message % {"count": len(found.cohort.ids)})
