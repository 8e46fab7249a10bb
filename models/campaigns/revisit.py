"""Revisit campaigns (回访): visits to many projects and investors, all due by one day."""

import uuid
from datetime import date
from typing import TypedDict

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Recordable
from models.escalation.action_item import ActionItem
from models.ledger.organisation import Squad


class CampaignFilters(TypedDict):
    """Whom a campaign asks and until when, in the ledger; ISO days and yuan, '' if not set."""

    units: list[str]
    sectors: list[str]
    stages: list[str]
    signed_from: str
    signed_until: str
    amount_from: str
    amount_until: str
    deadline: str
    working_days: int


class RevisitCampaign(Recordable, Base):
    """Who is to be visited by when. Its visits are ordinary items and follow the ladder."""

    __tablename__ = "revisit_campaign"
    __table_args__ = (
        CheckConstraint("due_on >= opened_on", name="due_after_it_opens"),
        CheckConstraint("visits_projects OR visits_investors", name="somebody_is_visited"),
        CheckConstraint("NOT is_cancelled OR closed_on IS NOT NULL", name="cancelled_is_closed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    opened_on: Mapped[date]
    due_on: Mapped[date]
    selection: Mapped[CampaignFilters] = mapped_column(JSONB)
    squad_id: Mapped[int | None] = mapped_column(ForeignKey("squad.id"))
    squad: Mapped[Squad | None] = relationship()
    visits_projects: Mapped[bool]
    visits_investors: Mapped[bool]
    closed_on: Mapped[date | None]
    is_cancelled: Mapped[bool] = mapped_column(server_default="false")
    progress_id: Mapped[uuid.UUID | None]  # the Prefect artifact that is its progress bar


class RevisitVisit(Recordable, Base):
    """A visit a campaign opened or brought forward; one visit may count for several campaigns."""

    __tablename__ = "revisit_visit"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("revisit_campaign.id"), primary_key=True)
    campaign: Mapped[RevisitCampaign] = relationship()
    item_id: Mapped[int] = mapped_column(ForeignKey("action_item.id"), primary_key=True, index=True)
    item: Mapped[ActionItem] = relationship()
    # Its own due day, if later than the campaign's; cancelling the campaign restores it
    former_due_on: Mapped[date | None]
    # … with how it was counted, if it was
    former_counted_from: Mapped[date | None]
    former_counted_days: Mapped[int | None]
    was_opened: Mapped[bool]  # by the campaign; False: it was planned already
