"""What a campaign wants to reach: a rate or a number of projects, of a cohort, by a unit, an amount or a sector."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Money, Recordable
from models.campaigns.campaign import Campaign
from models.ledger.organisation import Unit
from models.words import Sector, TargetMeasure


class Target(Recordable, Base):
    """One line of a campaign's goals. Filters that are empty leave nothing out; both ends of a span belong to it.

    The day a project was signed decides its cohort. What is to be landed counts, beside that, only from the campaign's
    first day through its last; a rate takes the whole cohort, whenever it landed.
    """

    __tablename__ = "target"
    __table_args__ = (
        UniqueConstraint("campaign_id", "name"),
        CheckConstraint("goal > 0", name="goal_positive"),
        CheckConstraint("measure <> 'landing_rate' OR goal <= 100", name="rate_at_most_whole"),
        CheckConstraint("signed_from <= signed_until", name="cohort_in_order"),
        CheckConstraint("NOT (each_county AND unit_id IS NOT NULL)", name="each_county_or_one_unit"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id"))
    campaign: Mapped[Campaign] = relationship()
    name: Mapped[str]
    position: Mapped[int] = mapped_column(server_default="0")
    """Its place among the campaign's targets."""
    measure: Mapped[TargetMeasure]
    goal: Mapped[Decimal] = mapped_column(Numeric(10, 2))
    """Per cent of the cohort for a rate, else a number of projects."""
    signed_from: Mapped[date | None]
    signed_until: Mapped[date | None]
    amount_from: Mapped[Money | None]
    """At least so many yuan; dollar projects are held against it by their figure, for the ledger knows no rates."""
    sector: Mapped[Sector | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    unit: Mapped[Unit | None] = relationship()
    """Whose target it is; empty: the whole city's, or that of each county."""
    each_county: Mapped[bool] = mapped_column(server_default="false")
    """Every county and zone has to reach the goal by itself."""
    by_leader: Mapped[bool] = mapped_column(server_default="false")
    """Whether it is shown, too, how the projects are split over the responsible leaders."""
