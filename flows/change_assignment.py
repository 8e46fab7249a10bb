"""By the operator: who is responsible for a project, and whether it is on hold."""

from prefect import flow
from prefect.client.schemas.objects import State

from models.i18n import mark
from tasks.dialogues.change_assignment import AssignmentDialogue
from tasks.dialogues.parameters.fields import AsOf, ProjectCode
from tasks.dialogues.subjects import project_id_of
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse, refusals_as_states
from tasks.steps import begun


@flow(
    name=AssignmentDialogue.flow,
    flow_run_name=begun(mark("Change the assignment · %(project)s")),
    timeout_seconds=300,
    validate_parameters=False,
)
@refusals_as_states
def change_assignment(project: ProjectCode = "", as_of: AsOf = "") -> State[None]:
    return converse(AssignmentDialogue(project_id_of(project)), as_of, update_runs)
