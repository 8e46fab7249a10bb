"""One run an escalated item: waits for the leader, then the inspection office."""

from prefect import flow
from prefect.client.schemas.objects import State

from models.i18n import mark
from tasks.dialogues.escalation import EscalationDialogue
from tasks.dialogues.parameters.fields import AsOf, ItemNumber
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse, refusals_as_states
from tasks.steps import begun


@flow(
    name=EscalationDialogue.flow,
    flow_run_name=begun(mark("Supervision of matter No. %(item_id)s")),
    timeout_seconds=300,
    validate_parameters=False,
)
@refusals_as_states
def escalation(item_id: ItemNumber = 0, as_of: AsOf = "") -> State[None]:
    return converse(EscalationDialogue(item_id), as_of, update_runs)
