"""One run a visit that is owed to an investor: waits until it is made, or closed."""

from prefect import flow
from prefect.client.schemas.objects import State

from models.i18n import mark
from tasks.dialogues.investor_visit import InvestorVisitDialogue
from tasks.dialogues.parameters.fields import AsOf, ItemNumber
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse, refusals_as_states
from tasks.steps import begun


@flow(
    name=InvestorVisitDialogue.flow,
    flow_run_name=begun(mark("Visit to an investor, No. %(item_id)s")),
    timeout_seconds=300,
    validate_parameters=False,
)
@refusals_as_states
def investor_visit(item_id: ItemNumber = 0, as_of: AsOf = "") -> State[None]:
    return converse(InvestorVisitDialogue(item_id), as_of, update_runs)
