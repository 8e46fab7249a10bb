import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Moment, Recordable, partial_index
from models.escalation.escalation import Escalation
from models.ledger.organisation import Person
from models.words import Occasion


class Notice(Recordable, Base):
    """One person must hear of one escalation; dropped if it is settled before a digest takes it."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("escalation_id", "recipient_id", "occasion"),
        partial_index("ix_notice_waiting", "recipient_id", where="delivery_id IS NULL AND dropped_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalation.id"))
    escalation: Mapped[Escalation] = relationship()
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    recipient: Mapped[Person] = relationship()
    occasion: Mapped[Occasion] = mapped_column(server_default=Occasion.RAISED)
    text: Mapped[str] = mapped_column(server_default="")  # beyond the facts, such as an instruction
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"), index=True)
    dropped_at: Mapped[Moment | None]  # when its item was settled before the notice was sent


class Delivery(Recordable, Base):
    """One message to one channel: a digest of notices, its body frozen."""

    __tablename__ = "delivery"
    __table_args__ = (
        partial_index(
            "ix_delivery_waiting",
            "lease_until",
            where="delivered_at IS NULL AND refused_at IS NULL AND dropped_at IS NULL",
        ),
        CheckConstraint("num_nonnulls(delivered_at, refused_at, dropped_at) <= 1", name="settled_once"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    recipient: Mapped[Person] = relationship()
    channel: Mapped[str]  # the name of the recipient's channel; empty for the built-in inbox
    body: Mapped[dict[str, Any]]
    idempotency_key: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    lease_until: Mapped[Moment | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    delivered_at: Mapped[Moment | None]
    refused_at: Mapped[Moment | None]  # for good; the same digest went on to the next channel
    dropped_at: Mapped[Moment | None]  # when all its items were settled before it was sent
    last_error: Mapped[str] = mapped_column(server_default="")
