"""What the ladder fired, who answered what, and which messages told of it."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.action_item import ActionItem
from models.base import Base, Moment, Recordable
from models.organisation import Person
from models.words import Occasion, Step


class Escalation(Recordable, Base):
    """One step of the ladder fired once for one item and round."""

    __tablename__ = "escalation"
    __table_args__ = (UniqueConstraint("item_id", "round", "step"), Index(None, "raised_on"))

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("action_item.id"))
    item: Mapped[ActionItem] = relationship()
    round: Mapped[int]
    step: Mapped[Step]
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    recipient: Mapped[Person | None] = relationship(foreign_keys=[recipient_id])
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    on_behalf_of: Mapped[Person | None] = relationship(foreign_keys=[on_behalf_of_id])
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"))
    raised_on: Mapped[date]
    due_on: Mapped[date]
    """The date that was due, or promised, when it fired."""
    document_no: Mapped[int | None]
    """The number of the supervision notice within the year of `raised_on`; one for each item and round."""
    acknowledged_at: Mapped[Moment | None]
    acknowledged_by: Mapped[str] = mapped_column(server_default="")
    replied_at: Mapped[Moment | None]
    replied_by: Mapped[str] = mapped_column(server_default="")
    reply: Mapped[str] = mapped_column(server_default="")


class Notice(Recordable, Base):
    """That one person must hear of one escalation, and why; gathered into a digest, or dropped when it is settled."""

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("escalation_id", "recipient_id", "occasion"),
        Index("ix_notice_waiting", "recipient_id", postgresql_where=text("delivery_id IS NULL AND dropped_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    escalation_id: Mapped[int] = mapped_column(ForeignKey("escalation.id"))
    escalation: Mapped[Escalation] = relationship()
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    recipient: Mapped[Person] = relationship()
    occasion: Mapped[Occasion] = mapped_column(server_default=Occasion.RAISED)
    text: Mapped[str] = mapped_column(server_default="")
    """What it says beyond the facts of the item: an instruction, say."""
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"), index=True)
    dropped_at: Mapped[Moment | None]
    """When its item was found settled before anybody was told."""


class Delivery(Recordable, Base):
    """One message to one channel: a digest of notices, its body frozen."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index(
            "ix_delivery_waiting",
            "lease_until",
            postgresql_where=text("delivered_at IS NULL AND refused_at IS NULL AND dropped_at IS NULL"),
        ),
        CheckConstraint("num_nonnulls(delivered_at, refused_at, dropped_at) <= 1", name="settled_once"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    recipient: Mapped[Person] = relationship()
    channel: Mapped[str]
    """The name of the recipient's channel; empty for the built-in inbox."""
    body: Mapped[dict[str, Any]]
    idempotency_key: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    lease_until: Mapped[Moment | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    delivered_at: Mapped[Moment | None]
    refused_at: Mapped[Moment | None]
    """When the channel refused it for good; the same digest went on to the next channel."""
    dropped_at: Mapped[Moment | None]
    """When everything it tells of was found settled before it was sent."""
    last_error: Mapped[str] = mapped_column(server_default="")
