"""The numbers an office may change, as data: the ladder's, the visit's, and what counts as landed."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Recordable
from models.words import ItemKind


class Policy(Recordable, Base):
    """One version of the office's numbers, all in working days. The highest version that fits an item applies."""

    __tablename__ = "policy"
    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(unique=True)
    kind: Mapped[ItemKind | None]
    """The kind of item it is for; empty: every kind."""
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id"))
    """The campaign it is for; empty: always."""
    first_visit_within: Mapped[int] = mapped_column(server_default="10")
    visit_every: Mapped[int] = mapped_column(server_default="20")
    visit_after_resolution: Mapped[int] = mapped_column(server_default="3")
    blocker_within: Mapped[int] = mapped_column(server_default="15")
    """许昌 (Henan) closes a handed-over matter within 15 working days."""
    extension_notice: Mapped[int] = mapped_column(server_default="1")
    """泉州: an extension is asked for at least 1 working day before the due date."""
    reminder_before: Mapped[int] = mapped_column(server_default="3")
    reminder_after: Mapped[int] = mapped_column(server_default="1")
    leader_after: Mapped[int] = mapped_column(server_default="2")
    acknowledge_within: Mapped[int] = mapped_column(server_default="1")
    reply_within: Mapped[int] = mapped_column(server_default="3")
    office_after: Mapped[int] = mapped_column(server_default="3")
    office_repeat_every: Mapped[int] = mapped_column(server_default="5")
    verify_within: Mapped[int] = mapped_column(server_default="5")
    follows_general: Mapped[bool] = mapped_column(server_default="false")
    """From this version on the kind has no numbers of its own: those for every kind apply to it again."""
