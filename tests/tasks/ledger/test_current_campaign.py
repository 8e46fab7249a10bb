"""Which campaign is on."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from models.campaigns.campaign import Campaign
from tasks.database import transaction
from tasks.ledger.current_campaign import clock_on, current_campaign

LANDING = ["registered"]


@pytest.fixture(autouse=True)
def campaigns(ledger):
    with transaction("测试") as session:
        for name, starts_on, ends_on in (
            ("招商引资项目落实年", date(2013, 1, 1), date(2013, 12, 31)),
            ("百日攻坚", date(2013, 6, 9), date(2013, 9, 16)),
            ("同日开始", date(2013, 6, 9), date(2013, 6, 10)),
        ):
            session.add(Campaign(name=name, starts_on=starts_on, ends_on=ends_on, landing_definition=LANDING))
            session.flush()


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(1999, 1, 1), "常态"),
        (date(2012, 12, 31), "常态"),
        (date(2013, 1, 1), "招商引资项目落实年"),
        (date(2013, 6, 9), "同日开始"),
        (date(2013, 6, 11), "百日攻坚"),
        (date(2013, 9, 16), "百日攻坚"),
        (date(2013, 9, 17), "招商引资项目落实年"),
        (date(2014, 1, 1), "常态"),
    ],
)
def test_the_newest_that_runs_is_the_current_one_else_the_standing_one(day, name):
    with transaction() as session:
        assert current_campaign(session, day).name == name


@pytest.mark.parametrize(
    ("monday", "name"),
    [
        (date(2013, 6, 3), "同日开始"),
        (date(2013, 6, 10), "百日攻坚"),
        (date(2013, 9, 16), "百日攻坚"),
        (date(2013, 9, 23), "招商引资项目落实年"),
    ],
)
def test_a_week_a_campaign_ended_in_is_still_its_own(monday, name):
    with transaction("测试") as session:
        session.execute(update(Campaign).where(Campaign.name == "同日开始").values(ends_on=date(2013, 6, 9)))
        assert current_campaign(session, monday + timedelta(6), monday).name == name


def test_the_standing_campaign_has_no_clock():
    with transaction() as session:
        assert clock_on(session, current_campaign(session, date(2014, 1, 1)), date(2014, 1, 1)) is None
        clock = clock_on(session, current_campaign(session, date(2013, 7, 15)), date(2013, 7, 15))
    assert clock is not None
    assert (clock.day_no, clock.days, clock.working_days) == (37, 100, 69)
