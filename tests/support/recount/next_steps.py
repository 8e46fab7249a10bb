"""What must hold of every ledger, whatever was done to it."""

from tasks.database import transaction
from tasks.items.next_steps import set_next_steps


def check_clocks() -> None:
    """Every open item has the next step that the ladder's rule gives it."""
    with transaction() as session:
        assert set_next_steps(session) == 0, "a write moved an item's clock and did not set its next step"
