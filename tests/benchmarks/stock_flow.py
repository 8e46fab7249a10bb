"""The usual way to write the visit form with Prefect alone; run as a script, it serves itself with
a process a run.
"""

from datetime import date
from enum import StrEnum
from itertools import count

from prefect import flow, suspend_flow_run
from prefect.input import RunInput
from pydantic import BaseModel, Field

NAME = "bench-stock"


class Outcome(StrEnum):
    """What a visit ends with."""

    CONTINUE = "continue"
    LANDED = "landed"
    TERMINATED = "terminated"
    LOST = "lost"


class Milestone(BaseModel):
    """A milestone that was reached."""

    kind: str
    done_on: date
    evidence: str


class Blocker(BaseModel):
    """A problem that holds the project back."""

    category: str
    recipient_unit: str
    description: str
    proposed_solution: str = ""
    due_on: date


class Topics(BaseModel):
    """The six topics of the revisit."""

    policy: str = ""
    promises: str = ""
    supplies: str = ""
    environment: str = ""
    service: str = ""
    difficulties: str = ""


class VisitForm(RunInput):
    """The same fields as Luodi's visit form."""

    visited_on: date = Field(title="Visited on")
    progress: str = Field(title="Progress", description="What has changed since the last visit")
    next_visit_on: date = Field(title="Next visit by")
    outcome: Outcome = Field(Outcome.CONTINUE, title="Outcome")
    topics: Topics = Field(Topics(), title="Six topics of the revisit")
    milestones: list[Milestone] = Field([], title="Milestones reached")
    blockers: list[Blocker] = Field([], title="New blockers")
    reason: str = Field("", title="Reason for the exit")
    filled_in_by: str = Field(title="Filled in by")


@flow(name=NAME)
def visits(project_id: int) -> None:
    """Ask for one visit after the other; each answer resumes the run in a new process."""
    for visit in count(1):
        answer = suspend_flow_run(wait_for_input=VisitForm, key=f"visit-{visit}")
        if answer.outcome is not Outcome.CONTINUE:
            return


if __name__ == "__main__":
    visits.serve(name=NAME)
