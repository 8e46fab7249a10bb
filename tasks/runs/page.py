"""What a run's page shows beside its logs: the brief it waits with, and its answers in a row."""

from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed

from models.escalation.question import Ask
from models.i18n import gettext as _
from models.i18n import mark
from models.words import Verdict
from tasks.documents.markdown import cell
from tasks.ledger.office_time import office_day
from tasks.runs.dialogue import Dialogue
from tasks.runs.prefect_api import Page

VERDICTS = {Verdict.APPLIED: mark("accepted"), Verdict.REFUSED: mark("not accepted")}
HOW = mark("To answer: on the run's page, ⋮ at the top right, then “Resume”; fill in the form, then “Resume” again.")


def show_answer(dialogue: Dialogue[Any], ask: Ask) -> None:
    """Show a judged answer in the timeline of the run that is executed."""
    verdict = _(VERDICTS[ask.verdict or Verdict.APPLIED])
    _answered(_(dialogue.form_of(ask).kind), ask.form_no.rpartition("-")[2], verdict, ask.reason)


@task(task_run_name="{form} {number} · {verdict}", cache_policy=NO_CACHE, persist_result=False)
def _answered(form: str, number: str, verdict: str, reason: str) -> State[None]:
    """A refused answer is no fault of the run: it completes, too, by another name."""
    return Completed(name=verdict, message=reason or None)


def waiting(dialogue: Dialogue[Any], ask: Ask) -> Page:
    """What a run waits for and since when, how to answer, the brief."""
    asked = {"form": _(dialogue.form_of(ask).kind), "no": ask.form_no, "day": office_day(ask.asked_at)}
    state = _("Waits for an answer: %(form)s, form %(no)s, since %(day)s") % asked
    return Page(state, f"**{cell(state)}**\n\n{_(HOW)}\n\n---\n\n{ask.brief}")


def ended(message: str) -> Page:
    """How the run ended."""
    state = _("The run is over")
    return Page(state, f"**{state}**\n\n{cell(message)}")
