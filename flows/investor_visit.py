"""One run a visit that is owed to an investor: waits until it is made, or closed."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.dialogues.investor_visit import InvestorVisitDialogue
from tasks.dialogues.update_runs import update_runs
from tasks.runs.execution import converse


@flow(name="investor-visit")
def investor_visit(item_id: int, as_of: str = "") -> State[Any]:
    """Follow one visit that is owed to an investor: what it said, and the problems of its projects.

    `as_of` (ISO date; empty: today in the office's time zone) is the day the report is judged on.
    """
    return converse(InvestorVisitDialogue(item_id), as_of, update_runs)
