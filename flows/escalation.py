"""One run an item that was raised: waits for the leader's answer, then the inspection office's, until it is closed."""

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.dialogues.escalation import EscalationDialogue
from tasks.dialogues.parameters.fields import AsOf, ItemNumber
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse


@flow(name=EscalationDialogue.flow)
def escalation(item_id: ItemNumber, as_of: AsOf = "") -> State[None]:
    """Follow one item that was raised to its leader: acknowledged, answered, supervised, verified."""
    return converse(EscalationDialogue(item_id), as_of, update_runs)
