"""One run a blocker: waits until it is resolved, or its project ends."""

from prefect import flow
from prefect.client.schemas.objects import State

from models.i18n import mark
from tasks.dialogues.blocker import BlockerDialogue
from tasks.dialogues.parameters.fields import AsOf, BlockerNumber
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse, refusals_as_states
from tasks.steps import begun


@flow(
    name=BlockerDialogue.flow,
    flow_run_name=begun(mark("Blocker No. %(blocker_id)s")),
    timeout_seconds=300,
    validate_parameters=False,
)
@refusals_as_states
def blocker_resolution(blocker_id: BlockerNumber = 0, as_of: AsOf = "") -> State[None]:
    return converse(BlockerDialogue(blocker_id), as_of, update_runs)
