"""By the operator: at which rung and on which day what came in long overdue begins to be raised."""

from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import Field

from models.i18n import gettext as _
from models.i18n import mark
from models.words import FirstRung
from tasks.dialogues.parameters.fields import AsOf, DryRun, Signature, UnitName, day_under, word_of
from tasks.escalation.backlog import DEPLOYMENT, beginning, show_beginning
from tasks.escalation.pipeline import let_backlog_begin, try_backlog
from tasks.ledger.office_time import day_of
from tasks.runs.execution import refusals_as_states
from tasks.runs.forms import one_of
from tasks.runs.parameters import tried

ON = mark("On")
Rung = Annotated[
    str,
    Field(
        title=mark("Begins with"),
        description=mark("Those above it follow as ever, each after its working days"),
        json_schema_extra=one_of(FirstRung),
    ),
]
Day = Annotated[
    str,
    Field(title=ON, description=mark("A day like 2026-06-09; after a day off the next one. Empty: next working day")),
]
Units = Annotated[
    tuple[UnitName, ...],
    Field(title=mark("Units"), description=mark("Only projects they are responsible for. Empty: all units")),
]


def run_name() -> str:
    asked = flow_run.parameters
    where = " · ".join(filter(None, (_("Where the backlog begins"), asked.get("day"), *asked.get("units", ()))))
    return _("%(what)s · trial") % {"what": where} if asked.get("dry_run", True) else where


@flow(name=DEPLOYMENT, flow_run_name=run_name, timeout_seconds=7200, validate_parameters=False)
@refusals_as_states
def begin_backlog(
    filled_in_by: Signature = "",
    rung: Rung = FirstRung.OWNER.value,
    day: Day = "",
    units: Units = (),
    dry_run: DryRun = True,
    as_of: AsOf = "",
) -> State[None]:
    """Let what was long overdue when it came in begin there, until more than its owner has heard.

    Its due dates stay, and no owner is reminded twice. With `dry_run` only show how many items it
    is, and who would hear.
    """
    wanted = beginning(word_of(FirstRung, rung), day_under(day, ON), units, day_of(as_of))
    begun = (try_backlog if dry_run else let_backlog_begin)(filled_in_by, wanted)
    show_beginning(wanted, begun)
    counts = {"count": begun.count, "day": wanted.day, "rung": wanted.rung.label}
    if not begun.count:
        return Completed(message=_("Nothing that came in long overdue still waits to be raised."))
    if dry_run:
        message = _("Dry run: nothing was changed. %(count)s items would begin with “%(rung)s” on %(day)s.")
        return tried(message % counts)
    return Completed(message=_("%(count)s items begin with “%(rung)s” on %(day)s.") % counts)
