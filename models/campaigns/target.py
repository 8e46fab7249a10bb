"""A campaign's targets, and what counts for them.

A project counts once, for its responsible unit and leader, even if others share it; a capital
increase is no project. Its day of signing decides its cohort, its amount as signed whether it is
large enough. `projects_as_of` says when it landed, by the campaign's definition. A rate takes the
whole cohort: projects that exited stay in the whole, those landed before the campaign in the part.
Projects to be landed count only if they landed from the campaign's first day through its last.
Signed projects count even if they exited later.
"""

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, FromClause, Numeric, UniqueConstraint, and_, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Money, Recordable
from models.campaigns.campaign import Campaign
from models.ledger.organisation import Unit
from models.words import Sector, TargetMeasure


class Target(Recordable, Base):
    """One goal of a campaign. Empty filters leave nothing out; both ends of a span belong to it."""

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
    each_county: Mapped[bool] = mapped_column(server_default="false")  # and zone, by itself
    by_leader: Mapped[bool] = mapped_column(server_default="false")  # also shown split over leaders


def cohort(target: Target, ledger: FromClause) -> ColumnElement[bool]:
    """The projects a target is about, by day of signing, amount and sector; of all units."""
    project = ledger.c
    rules: list[ColumnElement[bool]] = [true()]
    if target.signed_from is not None:
        rules.append(project.signed_on >= target.signed_from)
    if target.signed_until is not None:
        rules.append(project.signed_on <= target.signed_until)
    if target.amount_from is not None:
        rules.append(project.amount >= target.amount_from)
    if target.sector is not None:
        rules.append(project.sector == target.sector)
    return and_(*rules)


def counts(target: Target, campaign: Campaign, ledger: FromClause) -> ColumnElement[bool]:
    if target.measure is TargetMeasure.SIGNED:
        return true()
    if target.measure is TargetMeasure.LANDING_RATE:
        return ledger.c.landed_on.is_not(None)
    return _lands_in(campaign, ledger)


def is_part_of(target: Target, campaign: Campaign, ledger: FromClause) -> ColumnElement[bool]:
    """Which projects make the whole: all, or those landed in the campaign and those open."""
    if target.measure is not TargetMeasure.LANDED:
        return true()
    is_open = and_(ledger.c.landed_on.is_(None), ledger.c.exited_on.is_(None))
    return is_open | _lands_in(campaign, ledger)


def _lands_in(campaign: Campaign, ledger: FromClause) -> ColumnElement[bool]:
    landed_on = ledger.c.landed_on
    return and_(landed_on >= campaign.starts_on, landed_on <= campaign.ends_on if campaign.ends_on else true())
