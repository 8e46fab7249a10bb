import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Identity, func
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment

# The triggers that write events: table, statement, name
TELLING = (
    ("project", "INSERT", "tell_project_signed"),
    ("project", "UPDATE", "tell_project_moved"),
    ("action_item", "UPDATE", "tell_item_closed"),
    ("visit", "INSERT", "tell_visit_made"),
    ("blocker", "INSERT", "tell_blocker_opened"),
    ("escalation", "INSERT", "tell_escalation_raised"),
    ("escalation", "UPDATE", "tell_escalation_answered"),
    ("bulletin", "INSERT", "tell_bulletin_issued"),
)


class OutboxEvent(Base):
    """An event that is still to reach Prefect; its row goes once Prefect has stored it.

    The database writes the row with the fact itself (`TELLING`), so that neither
    comes without the other. Numbers of other tables are no foreign keys: a row lives for seconds.
    """

    __tablename__ = "outbox_event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(server_default=func.gen_random_uuid())  # Prefect takes each once
    name: Mapped[str]
    occurred_at: Mapped[Moment] = mapped_column(server_default=func.clock_timestamp())
    project_id: Mapped[int | None]
    investor_id: Mapped[int | None]
    unit_id: Mapped[int | None]
    leader_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]]
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    attempts: Mapped[int] = mapped_column(server_default="0")
