"""What a run's page shows beside its logs: the brief it waits with, and its answers in a row."""

import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import httpx
from prefect import task
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import State
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.logging import get_logger
from prefect.states import Cancelled, Completed
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from models.escalation.question import Ask
from models.i18n import gettext as _
from models.i18n import mark
from models.words import Verdict
from tasks.database import transaction
from tasks.documents.markdown import cell
from tasks.ledger.office_time import office_day
from tasks.runs.dialogue import Dialogue
from tasks.runs.prefect_api import create_artifact, find_artifact, update_artifact
from tasks.steps import PLAIN

P = ParamSpec("P")
T = TypeVar("T")
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


def _beside_the_work(show: Callable[P, T]) -> Callable[P, T | None]:
    """Nothing rests on a brief: one that was not written is current again after the next step."""

    @wraps(show)
    def shown(*arguments: P.args, **parameters: P.kwargs) -> T | None:
        try:
            return show(*arguments, **parameters)
        except (PrefectHTTPStatusError, httpx.TransportError, SQLAlchemyError) as problem:
            get_logger().warning("a run's brief was not written, or where it is not noted: %r", problem)
            return None

    return shown


@_beside_the_work
def show_first_brief(client: SyncPrefectClient, dialogue: Dialogue[Any], ask: Ask, run_id: uuid.UUID) -> uuid.UUID:
    """Show what a new run waits for; returns the number of its page."""
    return create_artifact(client, run_id, *_brief(dialogue, ask))


@_beside_the_work
def show_brief(client: SyncPrefectClient, dialogue: Dialogue[Any], ask: Ask, run_id: uuid.UUID) -> None:
    """Show what the run waits for now, where it showed what it waited for before."""
    brief = _brief(dialogue, ask)
    if ask.page_id and update_artifact(client, ask.page_id, *brief):
        return
    page_id = find_artifact(client, run_id)
    if page_id is None or not update_artifact(client, page_id, *brief):
        page_id = create_artifact(client, run_id, *brief)
    with transaction(source=dialogue.flow) as session:
        session.execute(update(Ask).where(Ask.id == ask.id).values(page_id=page_id))


@_beside_the_work
def show_ending(client: SyncPrefectClient, run_id: uuid.UUID, how: str) -> None:
    """Show how the run ended, where it showed what it waits for."""
    state = _("The run is over")
    if page_id := find_artifact(client, run_id):
        update_artifact(client, page_id, state, f"**{state}**\n\n{cell(how)}")


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
