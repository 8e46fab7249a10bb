"""What a campaign asks climbs the ladder that there is."""

from dataclasses import replace
from datetime import timedelta

from models.words import Step
from support.ledgers.revisit_city import CALENDAR, EVERYBODY, LATER, SOON, TODAY, City, campaign, owed
from tasks.escalation.sweep import sweep
from tasks.revisits.open import open_campaign


def test_visits_it_asks_for_climb_the_ladder_like_any_other(city: City) -> None:
    project, investor = city.sign(), city.investor("福建龙都家具集团")
    city.sign(due_on=SOON, investor=investor)
    open_campaign(EVERYBODY, TODAY)
    day = TODAY
    while day <= CALENDAR.add(LATER, 5):
        if CALENDAR.is_working(day):
            sweep(day)
        day += timedelta(days=1)
    assert owed(project).fired_step is Step.OFFICE
    assert owed(investor=investor).fired_step is Step.OFFICE
    assert campaign().closed_on is None


def test_a_reminder_that_has_gone_out_is_not_sent_again_when_the_visit_is_brought_forward(city: City) -> None:
    project = city.sign(due_on=SOON)
    sweep(CALENDAR.add(SOON, -3))
    opened_on = CALENDAR.add(SOON, -3)
    open_campaign(replace(EVERYBODY, deadline=CALENDAR.add(SOON, -1)), opened_on)
    item = owed(project)
    assert (item.round, item.fired_step, item.next_step) == (1, Step.REMINDER_BEFORE, Step.REMINDER_AFTER)
    assert item.next_fires_on == SOON
