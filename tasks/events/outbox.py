"""What a transaction writes into the outbox besides what the database writes there itself."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.events.outbox import OutboxEvent


def count_as_one(session: Session) -> None:
    """Write no event a row in this transaction: it announces as a whole what it did."""
    session.execute(text("SELECT set_config('luodi.is_bulk', 'yes', true)"))


def announce(session: Session, name: str, **payload: object) -> None:
    """Send this event once the transaction has committed; days as ISO text."""
    session.add(OutboxEvent(name=name, payload=payload))
