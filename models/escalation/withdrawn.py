"""What an undone sweep had fired: kept apart, so that no query counts it."""

from datetime import date

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Moment, Recordable, partial_index, stored_by_value
from models.escalation.action_item import ActionItem
from models.escalation.notice import Delivery
from models.ledger.organisation import Person
from models.words import Occasion, Step


class UndoneSweep(Recordable, Base):
    """A sweep that was undone, by what somebody who gave this name says."""

    __tablename__ = "undone_sweep"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # its number in `sweep_log`
    as_of: Mapped[date]
    finished_at: Mapped[Moment]
    fired: Mapped[int]
    confirmed_by: Mapped[str]
    undone_by: Mapped[str]  # asserted, not proven
    reason: Mapped[str]


class WithdrawnEscalation(Recordable, Base):
    """A step that was fired and taken back before anybody acted on it; recorded when taken back."""

    __tablename__ = "withdrawn_escalation"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # its number in `escalation`
    sweep_id: Mapped[int] = mapped_column(ForeignKey("undone_sweep.id"), index=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("action_item.id"), index=True)
    item: Mapped[ActionItem] = relationship()
    round: Mapped[int]
    step: Mapped[Step]
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    recipient: Mapped[Person | None] = relationship(foreign_keys=[recipient_id])
    on_behalf_of_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    on_behalf_of: Mapped[Person | None] = relationship(foreign_keys=[on_behalf_of_id])
    policy_id: Mapped[int] = mapped_column(ForeignKey("policy.id"))
    former_step: Mapped[Step | None] = mapped_column(stored_by_value(Step, "former_step"))
    former_on: Mapped[date | None]
    raised_on: Mapped[date]
    due_on: Mapped[date]
    document_no: Mapped[int | None]
    raised_at: Mapped[Moment]
    withdrawn_by: Mapped[str]  # asserted, not proven
    reason: Mapped[str]


class WithdrawnNotice(Recordable, Base):
    """A notice of a withdrawn step; who was sent it is sent a message that takes it back."""

    __tablename__ = "withdrawn_notice"
    __table_args__ = (
        partial_index("ix_withdrawn_notice_waiting", "recipient_id", where="was_sent AND withdrawal_id IS NULL"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)  # its number in `notice`
    escalation_id: Mapped[int] = mapped_column(ForeignKey("withdrawn_escalation.id"), index=True)
    escalation: Mapped[WithdrawnEscalation] = relationship()
    recipient_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recipient: Mapped[Person] = relationship()
    occasion: Mapped[Occasion]
    text: Mapped[str]
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    delivery: Mapped[Delivery | None] = relationship(foreign_keys=[delivery_id])
    was_sent: Mapped[bool]  # perhaps; False only where it is certain that no message left
    withdrawal_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))  # the message that takes it back
    withdrawal: Mapped[Delivery | None] = relationship(foreign_keys=[withdrawal_id])


class VoidNumber(Recordable, Base):
    """A document's number that was taken and is void: never used again, its gap explained."""

    __tablename__ = "void_number"

    counter: Mapped[str] = mapped_column(primary_key=True)  # its name in `counter`, the year in it
    number: Mapped[int] = mapped_column(primary_key=True)
    escalation_id: Mapped[int] = mapped_column(ForeignKey("withdrawn_escalation.id"), unique=True)
    voided_by: Mapped[str]  # asserted, not proven
    reason: Mapped[str]
