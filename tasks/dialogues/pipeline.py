"""Steps that end many a run, as its page shows them: runs opened, forms renewed."""

from datetime import date

from prefect import task

from models.i18n import mark
from tasks.dialogues import update_runs
from tasks.dialogues.parameters import offers
from tasks.runs.opening import RunsNotOpened
from tasks.runs.prefect_api import server_heals
from tasks.steps import PLAIN, called, raise_unfinished, retried

PAUSES = [2.0, 8.0]  # seconds; what is not opened by then is left to reconciliation


def _heals(fault: BaseException) -> bool:
    return isinstance(fault, RunsNotOpened) or server_heals(fault)


@task(task_run_name=called(mark("Enter what was answered meanwhile")), **PLAIN)
def enter_answers() -> None:
    raise_unfinished(update_runs.enter_answers())


@task(task_run_name=called(mark("Enter what was answered meanwhile")), **PLAIN)
def enter_answers_or_refuse() -> None:
    update_runs.enter_answers_or_refuse()


@task(task_run_name=called(mark("Open and wake the runs that wait for people")), **PLAIN, **retried(_heals, PAUSES))
def open_runs(as_of: str = "") -> None:
    update_runs.update_runs(as_of=as_of)


@task(task_run_name=called(mark("Renew the choices of the start forms")), **PLAIN, **retried(server_heals, PAUSES))
def offer_choices() -> None:
    offers.offer_choices()


def try_to_open_runs(day: date | None = None) -> str:
    """Open and wake all runs; returns why some could not be, if any."""
    return update_runs.try_to_update_runs(str(day or ""), open_runs)
