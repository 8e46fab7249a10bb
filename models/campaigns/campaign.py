from datetime import date

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Recordable


class Campaign(Recordable, Base):
    """A period in which a cohort is pushed. The standing one has no end and takes every project.

    `landing_definition` names the milestones that together count as landed. Offices define landing
    differently: registered in 海南; registered, land paid for and construction started in 三明.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("signed_from <= signed_until", name="cohort_in_order"),
        CheckConstraint("jsonb_array_length(landing_definition) > 0", name="landing_is_defined"),
        Index(None, "starts_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    signed_from: Mapped[date | None]
    signed_until: Mapped[date | None]
    landing_definition: Mapped[list[str]]
