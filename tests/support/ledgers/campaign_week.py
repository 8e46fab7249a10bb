"""A city in the middle of its hundred days, and the bulletin of one of its weeks."""

from datetime import date
from decimal import Decimal

from sqlalchemy import text

from models.campaigns.campaign import Campaign
from models.campaigns.target import Target
from models.words import TargetMeasure
from support.ledgers.city import random_city
from support.ledgers.happenings import random_happenings
from tasks.bulletin.issue import Issued, issue
from tasks.database import transaction

WEEK, MONDAY = date(2013, 6, 17), date(2013, 6, 24)
"""The week's first day, and the day its bulletin is issued."""
CAMPAIGN = "百日攻坚"


def busy_city(projects: int = 40) -> None:
    """Enter the city, its campaign and two targets; one of them every county has to reach."""
    random_happenings(random_city(7, projects))
    with transaction("测试") as session:
        drive = Campaign(
            name=CAMPAIGN,
            starts_on=date(2013, 6, 9),
            ends_on=date(2013, 9, 16),
            signed_from=date(2012, 1, 1),
            signed_until=date(2013, 6, 30),
            landing_definition=["registered", "construction_started"],
        )
        rate = Target(campaign=drive, name="签约项目落地率", measure=TargetMeasure.LANDING_RATE, goal=Decimal(80))
        each = Target(campaign=drive, name="每县签约项目", measure=TargetMeasure.SIGNED, goal=Decimal(2))
        each.each_county, each.position = True, 1
        session.add_all([drive, rate, each])
        session.execute(text("UPDATE project SET name = '龙都家具产业园' || id"))


def bulletin() -> Issued:
    """The week's bulletin."""
    return issue(WEEK, MONDAY)
