"""How many runs of a kind a worker executes at once, and how long one of them may take."""

from dataclasses import dataclass

from tasks.ledger.questions import ESCALATION, INVESTOR_VISIT, LIFECYCLE, RESOLUTION


@dataclass(frozen=True, eq=False)
class Lane:
    """Runs that share threads: those of another lane never wait for them."""

    threads: int
    minutes: float  # a run that takes longer is stopped


ANSWERS = Lane(threads=8, minutes=5)
IMPORTS = Lane(threads=1, minutes=240)  # one file of 10⁶ rows takes an hour, and gigabytes
DELIVERIES = Lane(threads=2, minutes=30)
UPKEEP = Lane(threads=2, minutes=60)  # what was not mended by then is left to the next reconciliation
REST = Lane(threads=2, minutes=120)

LANES = {
    LIFECYCLE: ANSWERS,
    RESOLUTION: ANSWERS,
    INVESTOR_VISIT: ANSWERS,
    ESCALATION: ANSWERS,
    "record-fact": ANSWERS,
    "change-assignment": ANSWERS,
    "correction": ANSWERS,
    "ledger-import": IMPORTS,
    "notice-delivery": DELIVERIES,
    "reconciliation": UPKEEP,
    "escalation-sweep": UPKEEP,
    "undo-sweep": UPKEEP,  # before what was fired by mistake is sent: no export holds it up
}


def lane_of(flow: str) -> Lane:
    """The lane of a flow's runs."""
    return LANES.get(flow, REST)
