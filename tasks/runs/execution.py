"""One execution of a human-step flow: drain, next, ask. No exception leaves it."""

import uuid
from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, ParamSpec

import httpx
from prefect import suspend_flow_run
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import Pause, PrefectHTTPStatusError
from prefect.input import RunInput
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from models.escalation.question import Ask
from models.i18n import gettext as _
from models.i18n import sentences
from models.ledger.project import Subject
from models.refusal import Refused
from models.words import Verdict
from tasks.database import transaction
from tasks.ledger.office_time import check_has_come, day_of
from tasks.runs.dialogue import Dialogue, claim, drain, is_done, put_question
from tasks.runs.page import show_answer, show_brief, show_ending
from tasks.runs.parameters import read_parameters
from tasks.runs.prefect_api import read_run, write_form

P = ParamSpec("P")
UpdateRuns = Callable[[Subject, str], object]  # opens and wakes the runs of a project or an investor


def converse(dialogue: Dialogue[Any], as_of: str, update_runs: UpdateRuns) -> State[None]:
    """Enter the answer, then suspend with the next question; without one the run ends.

    After an answer was entered, `update_runs` opens and wakes the runs of its project or investor.
    """
    try:
        check_has_come(day_of(as_of))
        return _converse(dialogue, uuid.UUID(str(flow_run.id)), as_of, update_runs)
    except Refused as refusal:
        return failed(str(refusal))
    except Exception as fault:  # raised, it would leave a run that no later answer can reach
        get_run_logger().exception(_("The step failed; reconciliation will go on with it"))
        return Failed(message=f"{type(fault).__name__}: {fault}")


def _converse(dialogue: Dialogue[Any], run_id: uuid.UUID, as_of: str, update_runs: UpdateRuns) -> State[None]:
    if not claim(dialogue, run_id):
        return Completed(message=_("Another run serves this already."))
    with get_client(sync_client=True) as client:
        judged = drain(client, dialogue, run_id, as_of)
        applied = [ask for ask in judged if ask.verdict is Verdict.APPLIED]
        for ask in judged:
            verdict = ask.verdict and ask.verdict.label
            get_run_logger().info(f"{ask.form_no} · {ask.filled_in_by} · {verdict} {ask.reason}")
            show_answer(dialogue, ask)
        done = is_done(dialogue, run_id)
        if applied or done:
            with transaction() as session:
                subject = dialogue.subject(session)
            update_runs(subject, as_of)
        if not done:
            ask_next(client, dialogue, run_id, as_of)
        with transaction() as session:
            remarks = [ask.reason for ask in applied if ask.reason]
            message = sentences([dialogue.ending(session, run_id), *remarks])
        show_ending(client, run_id, message)
    return Completed(message=message)


def ask_next(client: SyncPrefectClient, dialogue: Dialogue[Any], run_id: uuid.UUID, as_of: str) -> None:
    with transaction(source=dialogue.flow) as session:
        ask = put_question(session, dialogue, run_id, day_of(as_of))
        label = dialogue.label(session)
    if label.name != flow_run.name or not set(label.tags) <= set(flow_run.tags):  # its deployment's tags may be there
        client.update_flow_run(run_id, name=label.name, tags=list(label.tags))
    if ask:
        _suspend(client, dialogue, run_id, ask)


def _suspend(client: SyncPrefectClient, dialogue: Dialogue[Any], run_id: uuid.UUID, ask: Ask) -> None:
    """Let the run wait; nudged in the same moment, it is left to its next execution."""

    class Form(RunInput):
        @classmethod
        def save(cls, keyset: Any, flow_run_id: uuid.UUID | None = None) -> None:
            """Prefect calls it once the run is suspended, and deletes what was written before."""
            try:
                write_form(client, run_id, ask)
            except (PrefectHTTPStatusError, httpx.TransportError):
                get_run_logger().exception(_("The form was not written; reconciliation will write it"))
            show_brief(client, dialogue, ask, run_id)

    try:
        suspend_flow_run(wait_for_input=Form, key=str(ask.id))
    except RuntimeError:
        run = read_run(client, run_id)
        if run and run.state_type is StateType.SCHEDULED:
            raise Pause(state=run.state) from None
        raise


def refusals_as_states(flow: Callable[P, State[None]]) -> Callable[P, State[None]]:
    """Let a refusal end the flow's run as failed, with its reason as the state's message.

    Its parameters are read here, so Prefect must not (`validate_parameters=False`): it would speak
    English, and of types.
    """

    @wraps(flow)
    def ended(*arguments: P.args, **parameters: P.kwargs) -> State[None]:
        try:
            given = signature(flow).bind(*arguments, **parameters).arguments
            return flow(**read_parameters(flow, given))  # type: ignore[call-arg]  # by name, as the signature has them
        except Refused as refusal:
            return failed(str(refusal))

    return ended


def failed(message: str) -> State[None]:
    """The state of a run that fails; its log says why, too."""
    get_run_logger().error(message)
    return Failed(message=message)


def end(message: str, *problems: str) -> State[None]:
    """The state a run ends in: failed where there are problems, which follow the message."""
    remaining = [problem for problem in problems if problem]
    text = sentences([message, *remaining])
    return failed(text) if remaining else Completed(message=text)
