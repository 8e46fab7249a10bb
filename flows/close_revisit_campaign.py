"""By the operator: the report of a revisit campaign, which may be closed or cancelled."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from models.i18n import gettext as _
from models.office_files.names.names import clean_name
from models.words import RevisitEnd
from tasks.dialogues.parameters.fields import AsOf, FilledInBy, word_of
from tasks.dialogues.parameters.revisit_campaign import End, OpenCampaign, Reason
from tasks.dialogues.pipeline import enter_answers_or_refuse, offer_choices, try_to_open_runs
from tasks.ledger.office_time import check_has_come, day_of
from tasks.revisits.close import ACTOR, check_end, conclusion
from tasks.revisits.pipeline import end_campaign, move_bars, write_report
from tasks.runs.execution import end, refusals_as_states


def run_name() -> str:
    return _("Report on the revisit campaign “%(name)s”") % {"name": flow_run.parameters.get("campaign", "")}


@flow(name=ACTOR, flow_run_name=run_name, timeout_seconds=7200, validate_parameters=False)
@refusals_as_states
def close_revisit_campaign(
    campaign: OpenCampaign = "",
    outcome: End = RevisitEnd.REPORT.value,
    reason: Reason = "",
    filled_in_by: FilledInBy = "",
    as_of: AsOf = "",
) -> State[None]:
    """Write the report of a revisit campaign, as a page and a workbook.

    With the outcome `close` the campaign is over, and its open visits stay owed by their days; with
    `cancel` what nobody has answered is undone: visits it opened are closed, those it brought
    forward get their former days back, unless another open campaign holds them.
    """
    name, reason, day = clean_name(campaign), reason.strip(), day_of(as_of)
    wanted = word_of(RevisitEnd, outcome)
    if wanted is RevisitEnd.REPORT:
        write_report(name, day)
        return Completed(message=_("The report on “%(name)s” is written: the artifact links to it.") % {"name": name})
    check_end(name, reason, check_has_come(day))
    if wanted is RevisitEnd.CANCEL:
        enter_answers_or_refuse()
    write_report(name, day, conclusion(wanted, reason))  # before it is undone: who has not answered
    move_bars()
    end_campaign(name, wanted, day, clean_name(filled_in_by))
    missing = try_to_open_runs(day)
    offer_choices()
    return end(_("The campaign “%(name)s” is over; the artifact links to its report.") % {"name": name}, missing)
