"""By the operator: undo what was entered wrongly, with history."""

from prefect import flow
from prefect.client.schemas.objects import State

from models.i18n import mark
from tasks.dialogues.correction import CorrectionDialogue
from tasks.dialogues.parameters.fields import AsOf, ProjectCode
from tasks.dialogues.subjects import project_id_of
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse, refusals_as_states
from tasks.steps import begun


@flow(
    name=CorrectionDialogue.flow,
    flow_run_name=begun(mark("Correct the ledger · %(project)s")),
    timeout_seconds=300,
    validate_parameters=False,
)
@refusals_as_states
def correction(project: ProjectCode = "", as_of: AsOf = "") -> State[None]:
    return converse(CorrectionDialogue(project_id_of(project)), as_of, update_runs)
