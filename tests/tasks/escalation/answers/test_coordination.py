"""A unit asks for its leader's help."""

import uuid
from datetime import UTC, date, datetime, time

import pytest
from sqlalchemy import select

from models.escalation.notice import Notice
from models.escalation.question import Ask
from models.i18n import written
from models.ledger.organisation import Person
from models.refusal import Refused
from models.words import BlockerOutcome, Clock, Occasion, Role, Step
from support.answers import (
    ANSWERED,
    LEADER_HEARD,
    NEW,
    OFFICE_HEARD,
    OPENED,
    answering,
    climbed,
    hold,
    named,
    promised,
    raised,
    said,
    state,
    sweep_daily,
    told,
)
from tasks.database import transaction
from tasks.dialogues.blocker import BlockerDialogue, BlockerForm
from tasks.escalation.answers import grant_extension, instruct
from tasks.escalation.sweep import sweep
from tasks.escalation.unheard import unheard_items
from tasks.items.blockers import ask_coordination, extend
from tasks.items.open_items import last_raised
from tasks.items.requests import asks_coordination, request


def coordination(item_id: int, as_of: date) -> None:
    with answering(item_id) as (session, item):
        ask_coordination(session, item, "需市政府协调指标", "国土局科长", as_of)


def test_a_unit_that_needs_coordination_is_heard_by_the_leader_at_once(item: int) -> None:
    asked = date(2013, 6, 13)  # two working days before it is due
    coordination(item, asked)
    coordination(item, asked)
    assert climbed(item) == [(1, Step.LEADER, asked)]
    assert told(Occasion.RAISED) == {"清丰县分包领导": "需市政府协调指标"}
    assert told(Occasion.COPY) == {"清丰县招商局专员": ""}
    sweep_daily(OFFICE_HEARD, asked)
    assert climbed(item)[1] == (1, Step.OFFICE, date(2013, 6, 20))  # three working days after it was due


def test_a_unit_that_asks_for_its_leader_on_hold_is_heard_when_the_clock_goes_on(item: int) -> None:
    hold(Clock.HOLD, date(2013, 6, 5))
    coordination(item, date(2013, 6, 6))
    assert raised(item) == []
    hold(Clock.RESUME, date(2013, 6, 7))
    assert climbed(item) == [(1, Step.LEADER, date(2013, 6, 7))]
    hold(Clock.HOLD, date(2013, 6, 8))
    hold(Clock.RESUME, date(2013, 6, 9))
    assert climbed(item) == [(1, Step.LEADER, date(2013, 6, 7))], "asked before this hold, and heard"


def test_a_date_set_on_hold_does_not_let_the_question_to_the_leader_be_forgotten(item: int) -> None:
    hold(Clock.HOLD, date(2013, 6, 5))
    coordination(item, date(2013, 6, 6))
    with answering(item) as (session, owed):
        extend(session, owed, NEW, "等待省厅批复", "分管副市长", date(2013, 6, 7))
    hold(Clock.RESUME, date(2013, 6, 13))
    assert climbed(item) == [(1, Step.LEADER, date(2013, 6, 13))]


def test_who_asked_before_and_asks_again_on_hold_is_heard_when_the_clock_goes_on(item: int) -> None:
    coordination(item, date(2013, 6, 4))
    with answering(item) as (session, owed):
        grant_extension(session, owed, said(as_of=date(2013, 6, 5)), NEW)
    hold(Clock.HOLD, date(2013, 6, 6))
    coordination(item, date(2013, 6, 7))
    hold(Clock.RESUME, date(2013, 6, 13))
    assert climbed(item) == [(1, Step.LEADER, date(2013, 6, 4)), (2, Step.LEADER, date(2013, 6, 13))]


def test_a_leader_who_heard_on_the_day_the_hold_began_is_not_told_twice(item: int) -> None:
    coordination(item, date(2013, 6, 5))
    hold(Clock.HOLD, date(2013, 6, 5))
    hold(Clock.RESUME, date(2013, 6, 7))
    assert climbed(item) == [(1, Step.LEADER, date(2013, 6, 5))]


def test_while_a_promise_stands_the_leader_is_not_asked_again(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    promised(item)
    coordination(item, date(2013, 6, 21))
    assert len(climbed(item)) == 3
    assert state(item).promised_on == NEW


def test_what_the_office_has_is_extended_by_nobody_else(item: int) -> None:
    sweep_daily(OFFICE_HEARD)
    with answering(item) as (session, owed):
        instruct(session, owed, said(), NEW)
        with pytest.raises(Refused, match=written(OFFICE_HEARD)):
            extend(session, owed, date(2013, 8, 1), "等待省厅批复", "分管副市长", date(2013, 6, 25))
    assert state(item).due_on == NEW


def test_what_the_office_has_or_what_is_on_hold_goes_back_to_no_leader(item: int) -> None:
    hold(Clock.HOLD, OPENED)
    coordination(item, date(2013, 6, 5))
    assert climbed(item) == []
    hold(Clock.RESUME, OPENED)
    sweep_daily(OFFICE_HEARD)
    with answering(item) as (session, found):
        instruct(session, found, said(as_of=OFFICE_HEARD), NEW)
    coordination(item, date(2013, 6, 25))
    assert [step for _round, step, _day in climbed(item)][-1] is Step.OFFICE


def test_a_request_that_was_answered_is_not_raised_again(item: int) -> None:
    """The leader had the item already when its unit asked, and moved its date."""
    sweep_daily(LEADER_HEARD)
    coordination(item, ANSWERED)
    with answering(item) as (session, owed):
        grant_extension(session, owed, said(), NEW)
    sweep(date(2013, 6, 21))
    assert [step for _round, step, _day in climbed(item)].count(Step.LEADER) == 1
    with transaction() as session:
        assert unheard_items(session) == []


@pytest.mark.parametrize(("hour", "waits"), [(1, False), (3, True)], ids=["before", "after"])
def test_a_reply_answers_only_what_was_asked_before_it(item: int, hour: int, waits: bool) -> None:
    """On one day, too: the leader answers at ten o'clock; the unit asks before that, or after."""
    sweep_daily(LEADER_HEARD)
    with answering(item) as (session, owed):
        ask_coordination(session, owed, "需省厅批复", "科长", ANSWERED, datetime.combine(ANSWERED, time(hour), UTC))
        session.flush()
        raised_to = last_raised(session, item)
        assert raised_to
        raised_to.replied_at = said().at
        session.flush()
        assert asks_coordination(session, owed) is waits
        assert bool(request(session, owed)) is waits


def test_the_form_keeps_the_moment_at_which_its_unit_asked(item: int) -> None:
    answered_at = datetime(2013, 6, 13, 7, 30, tzinfo=UTC)
    ask = Ask(id=uuid.uuid4(), answered_at=answered_at)
    answer = BlockerForm(
        outcome=BlockerOutcome.COORDINATION, due_on=NEW, reason="需省厅批复", filled_in_by="科长", form_no="1"
    )
    with answering(item) as (session, owed):
        BlockerDialogue(item).apply(session, ask, answer, date(2013, 6, 13))
        assert owed.blocker
        assert owed.blocker.coordination_asked_at == answered_at


def test_every_inspector_who_has_it_hears_what_its_unit_asks(item: int) -> None:
    with transaction("测试") as session:
        office = named(session, "督查室科长").unit
        session.add(Person(name="督查室副科长", role=Role.INSPECTOR, unit=office))
    sweep_daily(OFFICE_HEARD)
    coordination(item, OFFICE_HEARD)
    with transaction() as session:
        heard = select(Person.name).join(Notice, Notice.recipient_id == Person.id).where(Notice.text != "")
        assert set(session.scalars(heard)) == {"督查室科长", "督查室副科长"}
