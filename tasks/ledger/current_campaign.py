from datetime import date

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from models.campaigns.campaign import Campaign
from models.campaigns.clock import CampaignClock, clock_of
from models.campaigns.target import Target
from tasks.ledger.workdays import calendar_around


def current_campaign(session: Session, as_of: date, since: date | None = None) -> Campaign:
    """The newest campaign that runs on the day, else the standing one.

    With `since`, a campaign that ended on that day or later still runs: a bulletin reports its end.
    """
    endless = Campaign.ends_on.is_(None)
    runs = and_(Campaign.starts_on <= as_of, endless | (Campaign.ends_on >= (since or as_of)))
    newest = (runs.desc(), Campaign.starts_on.desc(), Campaign.id.desc())
    return session.scalars(select(Campaign).where(runs | endless).order_by(*newest).limit(1)).one()


def targets_of(session: Session, campaign: Campaign) -> list[Target]:
    in_order = (Target.position, Target.id)
    return list(session.scalars(select(Target).where(Target.campaign_id == campaign.id).order_by(*in_order)))


def clock_on(session: Session, campaign: Campaign, day: date) -> CampaignClock | None:
    """The campaign's clock at the end of a day; None if the campaign has no end.

    `OutsideCalendar` when it lies outside the office's calendar.
    """
    if campaign.ends_on is None:
        return None
    return clock_of(
        campaign.starts_on, campaign.ends_on, calendar_around(session, campaign.starts_on, campaign.ends_on), day
    )
