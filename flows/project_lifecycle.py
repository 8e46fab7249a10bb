"""One run a project: waits with the visit form until the project lands (with evidence) or exits."""

from prefect import flow
from prefect.client.schemas.objects import State

from models.i18n import mark
from tasks.dialogues.parameters.fields import AsOf, ProjectNumber
from tasks.dialogues.update_runs import update_runs
from tasks.dialogues.visit import VisitDialogue
from tasks.runs.execution import converse, refusals_as_states
from tasks.steps import begun


@flow(
    name=VisitDialogue.flow,
    flow_run_name=begun(mark("Project No. %(project_id)s")),
    timeout_seconds=300,
    validate_parameters=False,
)
@refusals_as_states
def project_lifecycle(project_id: ProjectNumber = 0, as_of: AsOf = "") -> State[None]:
    return converse(VisitDialogue(project_id), as_of, update_runs)
