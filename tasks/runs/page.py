"""What a run's page shows beside its logs: the brief it waits with, and its answers in a row."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
from prefect import task
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.logging import get_logger
from prefect.states import Cancelled, Completed

from models.escalation.question import Ask
from models.i18n import gettext as _
from models.i18n import mark
from models.words import Verdict
from tasks.documents.markdown import cell
from tasks.ledger.office_time import office_day
from tasks.runs.dialogue import Dialogue
from tasks.runs.prefect_api import create_artifact, update_artifact
from tasks.steps import PLAIN

VERDICTS = {Verdict.APPLIED: mark("accepted"), Verdict.REFUSED: mark("not accepted")}
HOW = mark("To answer: on the run's page, ⋮ at the top right, then “Resume”; fill in the form, then “Resume” again.")


def show_answer(dialogue: Dialogue[Any], ask: Ask) -> None:
    """Show a judged answer in the timeline of the run that is executed."""
    verdict = _(VERDICTS[ask.verdict or Verdict.APPLIED])
    _answered(_(dialogue.form_of(ask).kind), ask.form_no.rpartition("-")[2], verdict, ask.reason)


@task(task_run_name="{form} {number} · {verdict}", **PLAIN)
def _answered(form: str, number: str, verdict: str, reason: str) -> State[None]:
    """A refused answer is no fault of the run: it completes, too."""
    return Completed(message=reason or None)


@contextmanager
def _beside_the_work() -> Iterator[None]:
    """Nothing rests on a brief: one that was not written is current again after the next step."""
    try:
        yield
    except (PrefectHTTPStatusError, httpx.TransportError) as problem:
        get_logger().warning("a run's brief was not written: %r", problem)


@_beside_the_work()
def show_first_brief(client: SyncPrefectClient, dialogue: Dialogue[Any], ask: Ask, run_id: uuid.UUID) -> None:
    """Show what a new run waits for."""
    create_artifact(client, run_id, *_brief(dialogue, ask))


@_beside_the_work()
def show_brief(client: SyncPrefectClient, dialogue: Dialogue[Any], ask: Ask, run_id: uuid.UUID) -> None:
    """Show what the run waits for now."""
    if not update_artifact(client, run_id, *_brief(dialogue, ask)):
        create_artifact(client, run_id, *_brief(dialogue, ask))


@_beside_the_work()
def show_ending(client: SyncPrefectClient, run_id: uuid.UUID, how: str) -> None:
    """Show how the run ended, where it showed what it waits for."""
    state = _("The run is over")
    update_artifact(client, run_id, state, f"**{state}**\n\n{cell(how)}")


def cancel(client: SyncPrefectClient, run_id: uuid.UUID, why: str) -> None:
    """End the run; one that was deleted meanwhile is over, too."""
    with suppress(ObjectNotFound):
        client.set_flow_run_state(run_id, Cancelled(message=why), force=True)
        show_ending(client, run_id, why)


def _brief(dialogue: Dialogue[Any], ask: Ask) -> tuple[str, str]:
    """What is asked for since when, in a line; then how to answer, and the form's brief."""
    asked = {"form": _(dialogue.form_of(ask).kind), "no": ask.form_no, "day": office_day(ask.asked_at)}
    state = _("Waits for an answer: %(form)s since %(day)s, form %(no)s") % asked
    return state, f"**{cell(state)}**\n\n{_(HOW)}\n\n---\n\n{ask.brief}"
