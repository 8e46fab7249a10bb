"""By the operator: a milestone, a problem, progress, landing or exit that arrived without a visit."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.dialogues.one_off_form import project_id_of
from tasks.dialogues.record_fact import FactDialogue
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse, refused


@flow(name="record-fact")
def record_fact(project: str, as_of: str = "") -> State[Any]:
    """Record what happened on the project with the code `project`: the form opens prefilled with what is known.

    `as_of` (ISO date; empty: today in the office's time zone) is the day the report is judged on.
    """
    return refused(lambda: converse(FactDialogue(project_id_of(project)), as_of, update_runs))
