"""What a hold does to a date that was given."""

from datetime import date

import pytest

from models.escalation.action_item import ActionItem
from models.words import AT_OFFICE, Clock, Step
from support.answers import (
    ANSWERED,
    LEADER_HEARD,
    OFFICE_HEARD,
    answering,
    climbed,
    hold,
    promised,
    said,
    state,
    sweep_daily,
)
from tasks.database import transaction
from tasks.escalation.answers import grant_extension, instruct, promise
from tasks.escalation.sweep import sweep


@pytest.mark.parametrize(("last", "round_no", "left"), [(date(2013, 6, 18), 1, Step.LEADER), (LEADER_HEARD, 2, None)])
def test_a_pause_gives_back_its_working_days_and_is_a_new_round_once_the_leader_has_heard(
    item: int, last: date, round_no: int, left: Step | None
) -> None:
    sweep_daily(last)
    hold(Clock.HOLD, date(2013, 6, 20))
    assert (state(item).next_step, state(item).is_paused) == (None, True)
    sweep_daily(date(2013, 6, 26), date(2013, 6, 20))
    hold(Clock.RESUME, date(2013, 6, 27))  # 20, 21, 24, 25 and 26 June were worked
    after = state(item)
    assert (after.due_on, after.round, after.is_paused) == (date(2013, 6, 24), round_no, False)
    assert after.next_step is (left or Step.REMINDER_BEFORE)
    sweep(date(2013, 6, 27))
    assert climbed(item)[-1] == (round_no, Step.LEADER, date(2013, 6, 27))


def test_a_promise_is_moved_by_a_pause_and_stands(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    promised(item)
    hold(Clock.HOLD, date(2013, 6, 21))
    hold(Clock.RESUME, date(2013, 6, 25))
    after = state(item)
    assert (after.promised_on, after.due_on, after.round) == (date(2013, 7, 3), date(2013, 6, 19), 2)
    sweep_daily(date(2013, 7, 31), date(2013, 6, 25))
    assert climbed(item)[4] == (2, Step.OFFICE, date(2013, 7, 4))


@pytest.mark.parametrize(
    ("answer", "last"), [(promise, LEADER_HEARD), (grant_extension, LEADER_HEARD), (instruct, OFFICE_HEARD)]
)
def test_a_date_given_on_hold_is_moved_only_by_what_the_clock_stood_afterwards(
    item: int, answer: object, last: date
) -> None:
    sweep_daily(last)
    hold(Clock.HOLD, date(2013, 6, 25))
    with answering(item) as (session, owed):
        answer(session, owed, said(as_of=date(2013, 7, 15)), date(2013, 7, 22))
    hold(Clock.RESUME, date(2013, 7, 17))
    moved = state(item)
    assert (moved.promised_on or moved.due_on) == date(2013, 7, 24)  # two working days: the 15th and 16th
    with transaction() as session:
        stood = [(pause.from_on, pause.until_on) for pause in session.get_one(ActionItem, item).pauses]
    assert stood == [(date(2013, 6, 25), date(2013, 7, 15)), (date(2013, 7, 15), date(2013, 7, 17))]


def test_a_resume_cuts_no_time_to_reply_that_began_late(item: int) -> None:
    sweep(date(2013, 6, 21))  # two days late
    hold(Clock.HOLD, date(2013, 6, 24))
    hold(Clock.RESUME, date(2013, 6, 25))
    sweep_daily(date(2013, 6, 28), date(2013, 6, 25))
    assert climbed(item) == [
        (1, Step.LEADER, date(2013, 6, 21)),
        (2, Step.LEADER, date(2013, 6, 25)),
        (2, Step.OFFICE, date(2013, 6, 28)),
    ]


def test_a_promise_for_years_ahead_keeps_no_project_on_hold(item: int) -> None:
    sweep_daily(LEADER_HEARD)
    promised(item, date(2017, 5, 3))
    hold(Clock.HOLD, date(2013, 6, 21))
    hold(Clock.RESUME, date(2013, 6, 25))  # 21 and 24 June were worked
    assert state(item).promised_on == date(2017, 5, 5)


def test_a_day_on_hold_raises_nothing_to_a_level_of_the_office_it_had_not_reached(item: int) -> None:
    """The levels count from the day the one before really fired, not from a due date of long
    ago.
    """
    sweep_daily(LEADER_HEARD)
    promised(item, date(2013, 7, 17))
    sweep_daily(date(2013, 7, 18), ANSWERED)
    assert climbed(item)[-1] == (2, Step.OFFICE, date(2013, 7, 18))
    hold(Clock.HOLD, date(2013, 7, 19))
    hold(Clock.RESUME, date(2013, 7, 22))
    sweep(date(2013, 7, 23))
    assert not {step for _round, step, _day in climbed(item)} & set(AT_OFFICE[1:])
