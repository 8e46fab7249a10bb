"""One run a project: waits with the visit form until the project lands (with evidence) or exits."""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from tasks.dialogues.update_runs import update_runs
from tasks.dialogues.visit import VisitDialogue
from tasks.runs.execution import converse


@flow(name="project-lifecycle")
def project_lifecycle(project_id: int, as_of: str = "") -> State[Any]:
    """Follow one project: enter what the last visit found, then ask for the next visit.

    `as_of` (ISO date; empty: today in the office's time zone) is the day deadlines are judged on.
    """
    return converse(VisitDialogue(project_id), as_of, update_runs)
