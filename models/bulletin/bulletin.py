from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Recordable


class Bulletin(Recordable, Base):
    """A week's bulletin and its figures; pages and files are made of these alone."""

    __tablename__ = "bulletin"
    __table_args__ = (
        UniqueConstraint("year", "number"),
        CheckConstraint("week_until - week_from = 6", name="a_whole_week"),
        CheckConstraint("issued_on > week_until", name="issued_after_its_week"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    week_from: Mapped[date] = mapped_column(unique=True)  # a Monday
    week_until: Mapped[date]
    issued_on: Mapped[date]
    year: Mapped[int]
    number: Mapped[int]  # within the year, without gaps, in the order they were issued
    figures: Mapped[dict[str, Any]]
