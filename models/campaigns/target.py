"""A campaign's targets: a rate or a number of projects, by cohort, unit, amount and sector."""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Money, Recordable
from models.campaigns.campaign import Campaign
from models.ledger.organisation import Unit
from models.words import Sector, TargetMeasure


class Target(Recordable, Base):
    """One goal of a campaign. Empty filters leave nothing out; both ends of a span belong to it.

    The day of signing decides a project's cohort. Projects to be landed count only if they land
    within the campaign; a rate takes the whole cohort, whenever it landed.
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
    position: Mapped[int] = mapped_column(server_default="0")  # among the campaign's targets
    measure: Mapped[TargetMeasure]
    goal: Mapped[Decimal] = mapped_column(Numeric(10, 2))  # per cent for a rate, else projects
    signed_from: Mapped[date | None]
    signed_until: Mapped[date | None]
    # Yuan; compared with the figure of a dollar project too, as the ledger knows no exchange rates
    amount_from: Mapped[Money | None]
    sector: Mapped[Sector | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    unit: Mapped[Unit | None] = relationship()  # None: the whole city, or each county
    # Every county and zone must reach the goal by itself
    each_county: Mapped[bool] = mapped_column(server_default="false")
    # Also shown split over the responsible leaders
    by_leader: Mapped[bool] = mapped_column(server_default="false")
