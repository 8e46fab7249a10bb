"""How many runs of a kind a worker executes at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from deployments.entrypoints import declared


@dataclass(frozen=True, eq=False)
class Lane:
    """Runs that share threads: those of another lane never wait for them."""

    threads: int


ANSWERS = Lane(threads=8)
BATCH = Lane(threads=2)
OF_QUEUE = {"forms": ANSWERS, "batch": BATCH}  # the queue `prefect.yaml` names, whatever an operator moved it to
OF_ITSELF = 2  # threads for each flow that starts itself: a second run is told at once that one is under way
ALONE = {"ledger-import": 1}  # one file of 10⁶ rows takes gigabytes


@cache
def lanes() -> Mapping[str, Lane]:
    """The lane of each flow: its queue's, or its own when it starts itself."""
    return {
        entry["name"]: Lane(ALONE.get(entry["name"], OF_ITSELF))
        if "schedules" in entry
        else OF_QUEUE[entry["work_pool"]["work_queue_name"]]
        for entry in declared()
    }
