from datetime import date

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Moment, Recordable, stored_by_value
from models.escalation.action_item import ActionItem
from models.ledger.organisation import Person
from models.words import Step


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
    # The sweep that fired it, of `sweep_log` or `undone_sweep`; None: a unit asked for its leader.
    sweep_id: Mapped[int | None] = mapped_column(index=True)
    # What the item had fired before; undoing the sweep restores it.
    former_step: Mapped[Step | None] = mapped_column(stored_by_value(Step, "former_step"))
    former_on: Mapped[date | None]
    raised_on: Mapped[date]
    due_on: Mapped[date]  # the date that was due, or promised, when it fired
    # The number of the supervision notice within the year of `raised_on`; one per item and round.
    document_no: Mapped[int | None]
    acknowledged_at: Mapped[Moment | None]
    acknowledged_by: Mapped[str] = mapped_column(server_default="")
    # Others were put in charge, with these words; it answers nothing.
    handed_over_at: Mapped[Moment | None]
    handed_over_by: Mapped[str] = mapped_column(server_default="")
    handed_over_with: Mapped[str] = mapped_column(server_default="")
    replied_at: Mapped[Moment | None]
    replied_by: Mapped[str] = mapped_column(server_default="")
    reply: Mapped[str] = mapped_column(server_default="")
