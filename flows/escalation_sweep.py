"""Daily sweep: fire every step of the ladder that is due. Safe to repeat, late, or twice at once."""

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from models.i18n import gettext as _
from tasks.database import transaction
from tasks.dialogues.parameters.offers import offer_choices
from tasks.dialogues.update_runs import enter_answers, try_to_update_runs
from tasks.escalation.report import show_sweep
from tasks.escalation.sweep import address_unheard, sweep, unheard
from tasks.ledger.office_time import day_of
from tasks.ledger.workdays import calendar_around
from tasks.revisits.close import close_finished
from tasks.runs.execution import refused


def run_name() -> str:
    """The day that is swept, so that runs are told apart."""
    return _("Sweep of %(day)s") % {"day": flow_run.parameters.get("as_of") or day_of("")}


@flow(name="escalation-sweep", flow_run_name=run_name)
def escalation_sweep(as_of: str = "") -> State[Any]:
    """Fire once whatever is due on `as_of` (ISO date; empty: today in the office's time zone)."""
    return refused(lambda: _sweep(as_of))


def _sweep(as_of: str) -> State[Any]:
    day = day_of(as_of)
    with transaction() as session:
        if not calendar_around(session, day).is_working(day):
            return Completed(message=_("%(day)s is a day off.") % {"day": day})
    lost = enter_answers()  # whoever answered in time is not passed over because no worker was there
    address_unheard(day)
    raised = sweep(day)  # one transaction: escalations, notices, each item's next step
    missing = try_to_update_runs(as_of)  # Prefect after the ledger; reconciliation mends what fails
    show_sweep(day)
    unclosed = _close_campaigns(day)
    with transaction() as session:
        silent = unheard(session)
    told = [_("%(count)s steps fired on %(day)s.") % {"count": len(raised), "day": day}]
    if silent:
        nobody = _("%(count)s steps reached nobody: name responsible leaders and an inspector in the ledger.")
        told.append(nobody % {"count": silent})
    if lost:
        told.append(_("Answers could not be entered: %(why)s") % {"why": "; ".join(lost)})
    if missing:
        told.append(_("Runs are missing, reconciliation opens them: %(why)s") % {"why": missing})
    if unclosed:
        told.append(_("A finished revisit campaign could not be closed: %(why)s") % {"why": unclosed})
    return Failed(message=" ".join(told)) if silent or lost or missing or unclosed else Completed(message=told[0])


def _close_campaigns(day: date) -> str:
    """Close the revisit campaigns that are done; returns why that failed: people are told of the sweep all the same."""
    try:
        if close_finished(day):
            offer_choices()
    except Exception as fault:
        get_run_logger().exception("a revisit campaign could not be closed")
        return f"{type(fault).__name__}: {fault}"
    return ""
