from datetime import date

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Recordable, labelled
from models.i18n import mark
from models.words import Role, UnitKind


class Unit(Recordable, Base):
    """A county, zone or bureau. Renamed units keep their old names as aliases."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[UnitKind] = mapped_column(server_default=UnitKind.COUNTY)
    aliases: Mapped[list["UnitAlias"]] = relationship(back_populates="unit", cascade="all, delete-orphan")


class UnitAlias(Base):
    __tablename__ = "unit_alias"

    name: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    unit: Mapped[Unit] = relationship(back_populates="aliases")


class Person(Recordable, Base):
    """A person; the delegate acts while they are away (AB角)."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("name", "unit_id"),
        CheckConstraint(
            "num_nonnulls(delegate_id, delegate_from, delegate_until) IN (0, 3)", name="delegate_has_dates"
        ),
        CheckConstraint("delegate_from <= delegate_until", name="delegate_dates_in_order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[Role]
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    unit: Mapped[Unit] = relationship()
    # Notice channels in order of preference: names, see `Channel`.
    channels: Mapped[list[str]] = mapped_column(server_default="[]")
    # The units an inspector looks after, by `Unit.id`.
    looks_after: Mapped[list[int]] = mapped_column(JSONB, server_default="[]")
    delegate_id: Mapped[int | None] = labelled(mark("Acts for the leader"), ForeignKey("person.id"))
    delegate: Mapped["Person | None"] = relationship(remote_side="Person.id")
    delegate_from: Mapped[date | None] = labelled(mark("Acts from"))
    delegate_until: Mapped[date | None] = labelled(mark("Acts until"))

    def acting(self, as_of: date) -> "Person":
        """Who acts for this person on that day: the delegate while one is set, else themselves."""
        if self.delegate and self.delegate_from and self.delegate_until:
            return self.delegate if self.delegate_from <= as_of <= self.delegate_until else self
        return self


class Squad(Recordable, Base):
    """A professional investment squad (专业招商小分队)."""

    __tablename__ = "squad"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
