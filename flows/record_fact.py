"""By the operator: facts that arrived without a visit, capital among them."""

from prefect import flow
from prefect.client.schemas.objects import State

from models.i18n import mark
from tasks.dialogues.parameters.fields import AsOf, ProjectCode
from tasks.dialogues.record_fact import FactDialogue
from tasks.dialogues.subjects import project_id_of
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse, refusals_as_states
from tasks.steps import begun


@flow(
    name=FactDialogue.flow,
    flow_run_name=begun(mark("Record a fact · %(project)s")),
    timeout_seconds=300,
    validate_parameters=False,
)
@refusals_as_states
def record_fact(project: ProjectCode = "", as_of: AsOf = "") -> State[None]:
    return converse(FactDialogue(project_id_of(project)), as_of, update_runs)
