"""By the operator: withdraw what a sweep fired by mistake; a dry run shows what that would be."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from models.i18n import gettext as _
from models.office_files.names.names import clean_name
from tasks.dialogues.parameters.fields import DryRun, Signature
from tasks.dialogues.parameters.undo_sweep import Reason, Sweep
from tasks.dialogues.pipeline import enter_answers_or_refuse, offer_choices, try_to_open_runs
from tasks.escalation.pipeline import look_at_sweep, withdraw_sweep
from tasks.escalation.undo import ACTOR, sweep_number
from tasks.escalation.undo_report import left, show_undoing
from tasks.runs.execution import end, refusals_as_states
from tasks.runs.parameters import tried


def run_name() -> str:
    return _("Undo the sweep %(name)s") % {"name": flow_run.parameters.get("sweep", "")}


@flow(name=ACTOR, flow_run_name=run_name, timeout_seconds=3600, validate_parameters=False)
@refusals_as_states
def undo_sweep(
    sweep: Sweep = "", reason: Reason = "", filled_in_by: Signature = "", dry_run: DryRun = True
) -> State[None]:
    """Withdraw the steps a sweep fired, their notices and numbers; those acted on since stay.

    Items get back what they had fired before, and the next sweep fires what is due by then.
    """
    number, why, who = sweep_number(sweep), reason.strip(), clean_name(filled_in_by)
    if dry_run:
        undoing = look_at_sweep(number)
        show_undoing(undoing, why)
        message = _("Dry run: nothing was changed. %(count)s steps would be withdrawn, %(kept)s would stay.")
        return tried(message % {"count": undoing.count, "kept": len(undoing.kept)})
    enter_answers_or_refuse()  # what was answered stays
    undoing = withdraw_sweep(number, who, why)
    missing = try_to_open_runs()
    show_undoing(undoing, why)
    offer_choices()
    return end(_("%(count)s steps are withdrawn.") % {"count": undoing.count}, left(undoing), missing)
