"""Daily: fire every step of the ladder that is due. Safe to repeat, late, or twice at once."""

import uuid
from datetime import date
from functools import partial
from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import Field

from models.i18n import gettext as _
from models.i18n import mark
from tasks.dialogues.parameters.fields import AsOf, TrialFirst
from tasks.dialogues.pipeline import enter_answers, offer_choices, try_to_open_runs
from tasks.dialogues.sweep import ClockDialogue, answer_to, must_ask, question_of_another
from tasks.dialogues.update_runs import answers_lost
from tasks.escalation.pipeline import fire_due_steps, report_sweep, try_sweep
from tasks.escalation.report import reached_nobody
from tasks.escalation.sweep import ACTOR, is_day_off
from tasks.ledger.office_time import check_has_come, day_in_words, day_of
from tasks.revisits.pipeline import close_finished
from tasks.runs.execution import converse, end, failed, refusals_as_states
from tasks.runs.parameters import is_trial, tried
from tasks.steps import problems_of, try_to

DryRun = Annotated[
    TrialFirst,
    Field(
        description=mark(
            "On: only show what would fire and to whom, also on a day to come. Off: fire it, as every run of a "
            "schedule does"
        )
    ),
]


def run_name() -> str:
    day = {"day": day_in_words(flow_run.parameters.get("as_of"))}
    return (
        _("Trial: sweep of %(day)s") % day
        if is_trial(flow_run.parameters.get("dry_run"))
        else _("Sweep of %(day)s") % day
    )


@flow(name=ACTOR, flow_run_name=run_name, timeout_seconds=3600, validate_parameters=False)
@refusals_as_states
def escalation_sweep(as_of: AsOf = "", dry_run: DryRun = False) -> State[None]:
    """Fire what is due on `as_of`; without a day on today, if the clock may be trusted.

    After a leap of the clock the run asks, and fires by the answer. With `dry_run` nothing fires.
    """
    if dry_run:
        return sweep_trial(day_of(as_of))
    day = check_has_come(day_of(as_of))
    asks = not as_of and must_ask(uuid.UUID(str(flow_run.id)), day)
    if is_day_off(day) and not asks:
        return Completed(message=_("%(day)s is a day off.") % {"day": day})
    lost = problems_of(enter_answers)  # whoever answered in time is not passed over because no worker was there
    if asks:
        return sweep_if_confirmed(day, lost)
    return sweep_day(day, lost)


def sweep_trial(day: date) -> State[None]:
    if is_day_off(day):
        return Completed(message=_("%(day)s is a day off.") % {"day": day})
    message = _("Dry run: nothing was fired. %(count)s steps would fire on %(day)s: the artifact names them.")
    return tried(message % {"count": try_sweep(day), "day": day})


def sweep_if_confirmed(day: date, lost: list[str]) -> State[None]:
    asked = converse(ClockDialogue(), "", lambda _subject, _as_of: None)  # suspends the run until it is answered
    if asked.is_failed():
        return asked
    answer = answer_to(uuid.UUID(str(flow_run.id)))
    if answer and answer.day:
        message = _("%(count)s steps fired on %(day)s, which %(who)s confirmed.")
        return after_sweep(
            message % {"count": answer.fired, "day": answer.day, "who": answer.who}, answer.day, answers_lost(lost)
        )
    if answer:
        message = _(
            "Nothing was fired: the clock is wrong, says %(who)s. Set this machine's clock right, start Luodi again, "
            "then start `escalation-sweep`."
        )
        return failed(message % {"who": answer.who})
    if waits := question_of_another():
        return failed(waits)
    return sweep_day(day, lost)


def sweep_day(day: date, lost: list[str], today: date | None = None) -> State[None]:
    """`today` is the clock, the office's unless given."""
    fired = fire_due_steps(day, today)  # one transaction: escalations, notices, each item's next step
    message = _("%(count)s steps fired on %(day)s.") % {"count": fired, "day": day}
    return after_sweep(message, day, answers_lost(lost))


def after_sweep(message: str, day: date, lost: str) -> State[None]:
    """Show what fired, and let Prefect follow the ledger; reconciliation mends what fails."""
    missing = try_to_open_runs(day)
    report_sweep(day)
    unclosed = try_to(partial(close_finished, day), _("A finished revisit campaign could not be closed: %(why)s"))
    unoffered = try_to(offer_choices, _("The forms that start runs could not be renewed: %(why)s"))
    return end(message, reached_nobody(), lost, missing, unclosed, unoffered)
