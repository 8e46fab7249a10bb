"""By the operator: undo what was entered wrongly, with history."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.dialogues.correction import CorrectionDialogue
from tasks.dialogues.one_off_form import project_id_of
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse, refused


@flow(name="correction")
def correction(project: str, as_of: str = "") -> State[Any]:
    """Correct what the ledger says of the project with the code `project`, or undo its end.

    `as_of` (ISO date; empty: today in the office's time zone) is the day the correction is entered on.
    """
    return refused(lambda: converse(CorrectionDialogue(project_id_of(project)), as_of, update_runs))
