"""One run a blocker: waits until it is resolved, or its project ends."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.dialogues.blocker import BlockerDialogue
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse


@flow(name="blocker-resolution")
def blocker_resolution(blocker_id: int, as_of: str = "") -> State[Any]:
    """Follow one blocker: resolved, extended, or in need of coordination.

    `as_of` (ISO date; empty: today in the office's time zone) is the day deadlines are judged on.
    """
    return converse(BlockerDialogue(blocker_id), as_of, update_runs)
