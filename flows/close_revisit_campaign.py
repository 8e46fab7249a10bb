"""By the operator: the report of a revisit campaign; on demand the campaign is closed, or cancelled and undone."""

from datetime import date
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from models.i18n import gettext as _
from models.i18n import mark
from models.office_files.names import clean_name
from models.refusal import Refused
from models.words import RevisitEnd
from tasks.database import transaction
from tasks.dialogues.parameters.offers import offer_choices
from tasks.dialogues.parameters.selection import word_of
from tasks.dialogues.update_runs import enter_answers, try_to_update_runs
from tasks.ledger.office_time import day_of
from tasks.revisits.close import cancel_campaign, close_campaign, take
from tasks.revisits.progress import move_bars
from tasks.revisits.report import write_report
from tasks.runs.execution import refused

ENDED = {RevisitEnd.CLOSE: mark("Closed: %(why)s"), RevisitEnd.CANCEL: mark("Cancelled: %(why)s")}


def run_name() -> str:
    """The campaign, so that runs are told apart."""
    return _("Report on the revisit campaign “%(name)s”") % {"name": flow_run.parameters.get("campaign", "")}


@flow(name="close-revisit-campaign", flow_run_name=run_name)
def close_revisit_campaign(
    campaign: str, outcome: str = "report", reason: str = "", filled_in_by: str = "", as_of: str = ""
) -> State[Any]:
    """Write the report of a revisit campaign, as a page and a workbook.

    With the outcome `close` the campaign is over, and its open visits stay owed by their days; with `cancel` what
    nobody has answered is undone: visits it opened are closed, those it brought forward get their former days back,
    unless another open campaign holds them. Both want a `reason`. `as_of` (ISO date; empty: today in the office's time
    zone) is the day of the report.
    """
    return refused(
        lambda: _close(
            clean_name(campaign), word_of(RevisitEnd, outcome), reason.strip(), clean_name(filled_in_by), day_of(as_of)
        )
    )


def _close(name: str, outcome: RevisitEnd, reason: str, who: str, day: date) -> State[Any]:
    if outcome is RevisitEnd.REPORT:
        write_report(name, day)
        return Completed(message=_("The report on “%(name)s” is written: the artifact links to it.") % {"name": name})
    _check(name, outcome, reason, day)
    write_report(name, day, _(ENDED[outcome]) % {"why": reason})  # before it is undone: who has not answered
    move_bars()
    end = cancel_campaign if outcome is RevisitEnd.CANCEL else close_campaign
    end(name, day, who)
    missing = try_to_update_runs(str(day))
    offer_choices()
    message = _("The campaign “%(name)s” is over; the artifact links to its report.") % {"name": name}
    if missing:
        return Failed(
            message=message + " " + _("Runs are missing, reconciliation opens them: %(why)s") % {"why": missing}
        )
    return Completed(message=message)


def _check(name: str, outcome: RevisitEnd, reason: str, day: date) -> None:
    """Enter what was answered before it is undone.

    Raises:
        Refused: when the campaign cannot be ended, or an answer would be lost by it.
    """
    if not reason:
        raise Refused(_("Say why the campaign is closed or cancelled."))
    with transaction() as session:
        take(session, name, day)
    if outcome is RevisitEnd.CANCEL and (lost := enter_answers()):
        told = _("Answers could not be entered: %(why)s") % {"why": "; ".join(lost)}
        raise Refused(told + " " + _("Cancelled now, they would be lost: try again later."))
