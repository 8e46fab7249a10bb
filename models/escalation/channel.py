from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Moment, Recordable


class Channel(Recordable, Base):
    """Where messages go. Address and key are sealed; what opens them is in no database."""

    __tablename__ = "channel"

    name: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]  # of the address, for people; empty if it is no web address
    has_key: Mapped[bool]  # whether its messages are signed
    sealed: Mapped[str]
    sealed_with: Mapped[str]  # the fingerprint of the secret key
    changed_at: Mapped[Moment]
