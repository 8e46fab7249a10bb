"""By the operator: projects behind their cohort, what holds them, and where the days go."""

from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import Field

from models.i18n import gettext as _
from models.i18n import mark
from tasks.dialogues.parameters.fields import AsOf, UnitName
from tasks.ledger.office_time import day_in_words, day_of
from tasks.runs.execution import refusals_as_states
from tasks.slow_landing.pipeline import report_slow_landing
from tasks.slow_landing.report import DEPLOYMENT

Units = Annotated[
    tuple[UnitName, ...],
    Field(title=mark("Units"), description=mark("Only projects they are responsible for. Empty: all units")),
]


def run_name() -> str:
    return _("Slow landing as of %(day)s") % {"day": day_in_words(flow_run.parameters.get("as_of"))}


@flow(name=DEPLOYMENT, flow_run_name=run_name, timeout_seconds=7200, validate_parameters=False)
@refusals_as_states
def slow_landing(units: Units = (), as_of: AsOf = "") -> State[None]:
    """Show the current campaign's projects that are behind; the workbook holds all of them."""
    count = report_slow_landing(units, day_of(as_of))
    message = _("%(count)s projects are behind: the artifact says what holds them.")
    return Completed(message=message % {"count": count})
