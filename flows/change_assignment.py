"""By the operator: who is responsible for a project, who acts for its leader, and whether its clock stands still."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.dialogues.change_assignment import AssignmentDialogue
from tasks.dialogues.one_off_form import project_id_of
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse, refused


@flow(name="change-assignment")
def change_assignment(project: str, as_of: str = "") -> State[Any]:
    """Change who is responsible for the project with the code `project`, or put it on hold.

    `as_of` (ISO date; empty: today in the office's time zone) is the day the change is judged on.
    """
    return refused(lambda: converse(AssignmentDialogue(project_id_of(project)), as_of, update_runs))
