"""One run an item that was raised: waits for the leader's answer, then the inspection office's, until it is closed."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.dialogues.escalation import EscalationDialogue
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse


@flow(name="escalation")
def escalation(item_id: int, as_of: str = "") -> State[Any]:
    """Follow one item that was raised to its leader: acknowledged, answered, supervised, verified.

    `as_of` (ISO date; empty: today in the office's time zone) is the day deadlines are judged on.
    """
    return converse(EscalationDialogue(item_id), as_of, update_runs)
