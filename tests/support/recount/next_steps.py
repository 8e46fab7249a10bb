"""What must hold of every ledger, whatever was done to it."""

from sqlalchemy import select

from models.escalation.action_item import ActionItem
from tasks.database import transaction
from tasks.items.counting import COUNTED
from tasks.items.next_steps import set_next_steps
from tasks.ledger.workdays import calendar_around


def check_clocks() -> None:
    """Every open item has the next step that the ladder's rule gives it."""
    with transaction() as session:
        assert set_next_steps(session) == 0, "a write moved an item's clock and did not set its next step"
        columns = (ActionItem.due_on, ActionItem.counted_from, ActionItem.counted_days)
        for due_on, since, count in session.execute(select(*columns).where(*COUNTED)):
            assert since
            assert count
            counted = calendar_around(session, since, due_on).add(since, count)
            assert due_on == counted, "a write moved a due date and did not say how it is counted, or that it is not"
