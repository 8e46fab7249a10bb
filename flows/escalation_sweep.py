"""Daily: fire every step of the ladder that is due. Safe to repeat, late, or twice at once."""

from datetime import date

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed

from models.i18n import gettext as _
from tasks.dialogues.parameters.fields import AsOf
from tasks.dialogues.parameters.offers import offer_choices
from tasks.dialogues.update_runs import answers_lost, enter_answers, try_to_update_runs
from tasks.escalation.report import reached_nobody, show_sweep
from tasks.escalation.sweep import address_unheard, is_day_off, sweep
from tasks.ledger.office_time import day_of
from tasks.revisits.close import close_finished
from tasks.runs.execution import end, refusals_as_states


def run_name() -> str:
    return _("Sweep of %(day)s") % {"day": flow_run.parameters.get("as_of") or day_of("")}


@flow(name="escalation-sweep", flow_run_name=run_name)
@refusals_as_states
def escalation_sweep(as_of: AsOf = "") -> State[None]:
    day = day_of(as_of)
    if is_day_off(day):
        return Completed(message=_("%(day)s is a day off.") % {"day": day})
    lost = enter_answers()  # whoever answered in time is not passed over because no worker was there
    address_unheard(day)
    fired = sweep(day)  # one transaction: escalations, notices, each item's next step
    missing = try_to_update_runs(as_of)  # Prefect after the ledger; reconciliation mends what fails
    show_sweep(day)
    unclosed = try_to_close_campaigns(day)
    message = _("%(count)s steps fired on %(day)s.") % {"count": len(fired), "day": day}
    return end(message, reached_nobody(), answers_lost(lost), missing, unclosed)


def try_to_close_campaigns(day: date) -> str:
    """Close the revisit campaigns that are done; returns why that failed, if it did."""
    try:
        if close_finished(day):
            offer_choices()
    except Exception as fault:
        get_run_logger().exception("a revisit campaign could not be closed")
        why = f"{type(fault).__name__}: {fault}"
        return _("A finished revisit campaign could not be closed: %(why)s") % {"why": why}
    return ""
