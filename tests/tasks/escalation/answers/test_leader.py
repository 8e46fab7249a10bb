"""What the leader answers: acknowledge, promise, extend."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select

from models.escalation.action_item import Extension
from models.ledger.project import Progress
from models.refusal import Refused
from models.words import ItemResult, Step
from support.answers import (
    ANSWERED,
    DUE,
    LAND,
    LEADER_HEARD,
    NEW,
    OFFICE_HEARD,
    OPENED,
    answering,
    climbed,
    locked,
    promised,
    raised,
    resolve,
    said,
    state,
    sweep_daily,
    verifications,
)
from tasks.database import transaction
from tasks.escalation.answers import Charge, acknowledge, grant_extension, hand_over, instruct, promise
from tasks.items.blockers import extend, open_blocker


def test_an_extension_before_the_due_date_stays_in_the_round_and_repeats_no_reminder(item: int) -> None:
    sweep_daily(date(2013, 6, 13))
    with answering(item) as (session, owed):
        extend(session, owed, NEW, "等待省厅批复", "分管副市长", date(2013, 6, 14))
    sweep_daily(date(2013, 7, 31), date(2013, 6, 14))
    assert climbed(item)[:3] == [
        (1, Step.REMINDER_BEFORE, date(2013, 6, 9)),
        (1, Step.REMINDER_AFTER, date(2013, 7, 2)),
        (1, Step.LEADER, date(2013, 7, 3)),
    ]


def test_an_extension_the_leader_grants_is_a_new_round_from_the_new_date(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    with answering(item) as (session, owed):
        grant_extension(session, owed, said(), NEW)
    sweep_daily(date(2013, 7, 8), ANSWERED)
    assert climbed(item)[3:] == [
        (2, Step.REMINDER_BEFORE, date(2013, 6, 26)),
        (2, Step.REMINDER_AFTER, date(2013, 7, 2)),
        (2, Step.LEADER, date(2013, 7, 3)),
        (2, Step.OFFICE, date(2013, 7, 8)),
    ]
    with transaction() as session:
        granted = session.scalars(select(Extension)).one()
        assert (granted.former_due_on, granted.due_on, granted.granted_by) == (DUE, NEW, "分管副市长")
        replied = raised(item)[2]
        assert (replied.replied_at, replied.replied_by, replied.reply) == (said().at, "分管副市长", "本周内协调到位")
        assert replied.acknowledged_at == said().at
        assert session.scalars(select(Progress.text)).all() == []  # an answer is no progress


def test_a_promise_that_is_kept_ends_it_without_the_office(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    promised(item)
    sweep_daily(NEW, ANSWERED)
    resolve(item, NEW)
    sweep_daily(date(2013, 7, 31), NEW)
    assert climbed(item)[3:] == [(2, Step.REMINDER_BEFORE, date(2013, 6, 26))]
    assert (state(item).result, verifications(item)) == (ItemResult.RESOLVED, [])


def test_a_promise_that_is_broken_is_the_offices_on_the_working_day_after(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    promised(item)
    sweep_daily(date(2013, 7, 9), ANSWERED)
    assert climbed(item)[4:] == [(2, Step.OFFICE, date(2013, 7, 2)), (2, Step.OFFICE_REPEAT_1, date(2013, 7, 9))]
    office = raised(item)[4]
    assert (office.due_on, office.document_no) == (NEW, 2)  # the visit's notice was the first
    assert state(item).due_on == DUE


def test_a_second_promise_is_refused_and_only_an_extension_moves_the_date(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    promised(item)
    with answering(item) as (session, owed):
        with pytest.raises(Refused, match="2013-07-01"):
            promise(session, owed, said(), date(2013, 7, 15))
        grant_extension(session, owed, said(), date(2013, 7, 15))
        assert (owed.promised_on, owed.entry_step, owed.round) == (None, None, 2)
        assert (owed.due_on, owed.next_step) == (date(2013, 7, 15), Step.REMINDER_BEFORE)


@pytest.mark.parametrize(("text", "day"), [("", NEW), ("协调", ANSWERED), ("协调", DUE)])
def test_a_date_is_promised_or_granted_with_words_and_for_a_day_to_come(item: int, text: str, day: date) -> None:
    sweep_daily(LEADER_HEARD)
    for answer in (promise, grant_extension):
        with answering(item) as (session, owed), pytest.raises(Refused):
            answer(session, owed, said(text), day)


def test_the_leader_acknowledges_once_and_the_clock_runs_on(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    with answering(item) as (session, owed):
        acknowledge(session, owed, said())
        with pytest.raises(Refused):
            acknowledge(session, owed, said(by="别人"))
    leader = raised(item)[2]
    assert (leader.acknowledged_at, leader.acknowledged_by, leader.replied_at) == (said().at, "分管副市长", None)
    sweep_daily(OFFICE_HEARD, ANSWERED)
    assert climbed(item)[3:] == [(1, Step.OFFICE, OFFICE_HEARD)]


@pytest.mark.parametrize("answer", [promise, grant_extension, instruct])
def test_a_date_beyond_the_offices_calendar_is_refused_in_words(item: int, answer: object) -> None:
    sweep_daily(OFFICE_HEARD if answer is instruct else LEADER_HEARD)
    with pytest.raises(Refused, match="2099-05-04"), answering(item) as (session, owed):
        answer(session, owed, said(), date(2099, 5, 4))


def test_an_extension_or_a_blocker_beyond_the_offices_calendar_is_refused_in_words(item: int) -> None:
    far = date(2099, 5, 4)
    with pytest.raises(Refused, match="2099-05-04"), answering(item) as (session, owed):
        extend(session, owed, far, "等待省厅批复", "分管副市长", date(2013, 6, 14))
    with pytest.raises(Refused, match="2099-05-04"), locked() as (session, found):
        open_blocker(session, found, replace(LAND, due_on=far), OPENED)


@pytest.mark.parametrize("answer", [acknowledge, promise, grant_extension, hand_over])
def test_the_leaders_answer_is_too_late_once_the_office_has_heard(item: int, answer: object) -> None:
    sweep_daily(OFFICE_HEARD)
    with answering(item) as (session, owed):
        more = {acknowledge: (), hand_over: (Charge(None, None, owed.unit),)}.get(answer, (NEW,))
        with pytest.raises(Refused, match="2013-06-24"):
            answer(session, owed, said(), *more)


def test_nothing_is_answered_on_what_is_closed_or_was_never_raised(item: int) -> None:
    with answering(item) as (session, owed), pytest.raises(Refused):
        acknowledge(session, owed, said())
    sweep_daily(LEADER_HEARD)
    resolve(item, ANSWERED)
    with answering(item) as (session, owed), pytest.raises(Refused):
        promise(session, owed, said(), NEW)
