"""What the ladder fired, to whom it was said, and which messages carried it. Written by the sweep, never edited."""

import uuid
from datetime import date

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Recordable
from models.words import Step


class Escalation(Recordable, Base):
    """One step of the ladder fired once for one item and round."""

    __tablename__ = "escalation"
    __table_args__ = (UniqueConstraint("item_id", "round", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("action_item.id"))
    round: Mapped[int]
    step: Mapped[Step]
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"))
    raised_on: Mapped[date]
    acknowledged_at: Mapped[Moment | None]
    replied_at: Mapped[Moment | None]
    reply: Mapped[str] = mapped_column(server_default="")


class Notice(Recordable, Base):
    """What one person must hear of one escalation."""

    __tablename__ = "notice"
    __table_args__ = (UniqueConstraint("escalation_id", "recipient_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalation.id"))
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"), index=True)
    text: Mapped[str]


class Delivery(Recordable, Base):
    """One message to one channel: a digest of notices, its body frozen."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "ix_delivery_waiting",
            "lease_until",
            postgresql_where=text("delivered_at IS NULL AND refused_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    channel: Mapped[str]
    body: Mapped[str]
    idempotency_key: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    lease_until: Mapped[Moment | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    delivered_at: Mapped[Moment | None]
    refused_at: Mapped[Moment | None]
    last_error: Mapped[str] = mapped_column(server_default="")
