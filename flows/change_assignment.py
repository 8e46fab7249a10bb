"""By the operator: who is responsible for a project, and whether it is on hold."""

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.dialogues.change_assignment import AssignmentDialogue
from tasks.dialogues.parameters.fields import AsOf, ProjectCode
from tasks.dialogues.subjects import project_id_of
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse, refusals_as_states


@flow(name=AssignmentDialogue.flow, timeout_seconds=300, validate_parameters=False)
@refusals_as_states
def change_assignment(project: ProjectCode = "", as_of: AsOf = "") -> State[None]:
    return converse(AssignmentDialogue(project_id_of(project)), as_of, update_runs)
