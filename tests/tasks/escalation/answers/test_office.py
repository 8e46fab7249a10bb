"""What the inspection office answers: instruct, close."""

from datetime import date

import pytest

from models.refusal import Refused
from models.words import Clock, ItemResult, Occasion, Step
from support.answers import (
    LEADER_HEARD,
    NEW,
    OFFICE_HEARD,
    OPENED,
    answering,
    climbed,
    hold,
    locked,
    raised,
    report,
    said,
    state,
    sweep_daily,
    told,
    verifications,
    visit,
)
from tasks.escalation.answers import close, instruct
from tasks.items.open_items import open_items, open_visit


def test_an_instruction_is_a_new_round_that_comes_back_to_the_office_the_working_day_after(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    with answering(item) as (session, owed):
        instruct(session, owed, said("7月1日前办结", date(2013, 6, 25), "督查室科长"), NEW)
    sweep_daily(date(2013, 7, 2), date(2013, 6, 25))
    assert climbed(item)[4:] == [(2, Step.REMINDER_BEFORE, date(2013, 6, 26)), (2, Step.OFFICE, date(2013, 7, 2))]
    assert [each.document_no for each in raised(item) if each.step is Step.OFFICE] == [2, 3]
    assert (raised(item)[3].reply, state(item).due_on) == ("7月1日前办结", NEW)
    assert told(Occasion.INSTRUCTED) == {"清丰县招商局专员": "7月1日前办结", "清丰县分包领导": "7月1日前办结"}


def test_instructed_again_they_get_the_newer_text(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    for text, day in (("7月1日前办结", NEW), ("改为7月8日前", date(2013, 7, 8))):
        with answering(item) as (session, owed):
            instruct(session, owed, said(text, date(2013, 6, 25)), day)
    assert set(told(Occasion.INSTRUCTED).values()) == {"改为7月8日前"}
    assert (state(item).due_on, state(item).round) == (date(2013, 7, 8), 2)


@pytest.mark.parametrize("last", [OPENED, LEADER_HEARD])
def test_the_office_orders_nothing_that_is_not_before_it(item: int, last: date) -> None:
    sweep_daily(last)
    with answering(item) as (session, owed):
        with pytest.raises(Refused):
            instruct(session, owed, said(), NEW)
        with pytest.raises(Refused):
            close(session, owed, said())


def test_a_visit_the_office_closes_is_followed_by_the_next(city: int) -> None:
    sweep_daily(OFFICE_HEARD)
    with locked() as (session, _found):
        owed = open_visit(session, city)
        assert owed is not None
        with pytest.raises(Refused):
            close(session, owed, said("", OFFICE_HEARD))
        close(session, owed, said("企业已停业", OFFICE_HEARD))
        assert (owed.result, owed.next_step) == (ItemResult.WITHDRAWN, None)
        following = open_visit(session, city)
        assert following is not None
        assert following.due_on == date(2013, 7, 22)  # 20 working days after 24 June
    assert verifications(owed.id) == []


def test_a_blocker_the_office_closes_pulls_the_visit_forward(item: int) -> None:
    visit(date(2013, 6, 14), date(2013, 7, 29))
    sweep_daily(OFFICE_HEARD)
    with answering(item) as (session, owed):
        close(session, owed, said("已另行供地", OFFICE_HEARD))
    with locked() as (session, found):
        following = open_visit(session, found.id)
        assert following is not None
        assert following.due_on == date(2013, 6, 27)
    report(as_of=date(2013, 6, 25), progress="开挖基础")
    assert verifications(item) == []


def test_what_the_office_opens_on_a_project_on_hold_waits_with_the_rest(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    hold(Clock.HOLD, date(2013, 6, 25))
    with locked() as (session, found):
        owed = open_visit(session, found.id)
        assert owed is not None
        close(session, owed, said("企业已停业", date(2013, 6, 25)))
    with locked() as (session, found):
        assert [each.is_paused for each in open_items(session, found.id)] == [True, True]
