"""No sweep fires for a day to come or before the last one, and a leap of the clock is noticed."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.question import Ask
from models.i18n import written
from models.ledger.history import SweepLog
from models.refusal import Refused
from models.words import ClockAnswer, Step
from tasks.database import transaction
from tasks.dialogues.sweep import ClockDialogue, ClockForm
from tasks.escalation.clock import Leap, leap_to, open_question
from tasks.escalation.sweep import sweep, would_fire
from tasks.ledger.office_time import check_has_come, day_of

LEADER_HEARS, OFFICE_HEARS = date(2013, 6, 19), date(2013, 6, 24)
CAME = datetime(2013, 6, 3, 2, tzinfo=UTC)


def swept() -> list[tuple[date, int, str]]:
    with transaction() as session:
        logs = session.scalars(select(SweepLog).order_by(SweepLog.id))
        return [(log.as_of, log.fired, log.confirmed_by) for log in logs]


def count_raised() -> int:
    with transaction() as session:
        return session.scalars(select(func.count(Escalation.id))).one()


def test_a_day_to_come_fires_nothing_and_leaves_no_trace(city: int) -> None:
    with pytest.raises(Refused, match="2013年6月24日"):
        sweep(OFFICE_HEARS, today=date(2013, 6, 23))
    with pytest.raises(Refused):
        sweep(date.max.replace(month=1))  # by the office's clock
    assert (swept(), count_raised()) == ([], 0)


def test_the_clock_is_the_offices_unless_it_is_given() -> None:
    today = day_of("")
    assert check_has_come(today) == today
    with pytest.raises(Refused):
        check_has_come(date(2013, 6, 10), date(2013, 6, 9))


def test_a_day_before_the_last_sweep_fires_nothing(city: int) -> None:
    sweep(LEADER_HEARS)
    with pytest.raises(Refused, match="undo-sweep"):
        sweep(date(2013, 6, 18))
    assert swept() == [(LEADER_HEARS, 1, "")]
    assert sweep(LEADER_HEARS) == []


@pytest.mark.parametrize(
    ("last", "day", "count"),
    [
        ("2013-06-19", "2013-06-20", 0),
        ("2013-06-21", "2013-06-24", 0),  # a weekend
        ("2013-06-09", "2013-06-13", 0),  # the Dragon Boat Festival
        ("2014-01-30", "2014-02-07", 0),  # the Spring Festival
        ("2013-06-20", "2013-06-24", 2),  # Friday was not swept
        ("2013-06-19", "2013-07-10", 15),
        ("2013-06-19", "2013-06-18", 0),
    ],
)
def test_only_working_days_without_a_sweep_are_a_leap(city: int, last: str, day: str, count: int) -> None:
    sweep(date.fromisoformat(last))
    with transaction() as session:
        leap = leap_to(session, date.fromisoformat(day))
    assert (leap.working_days if leap else 0) == count


def test_before_the_first_sweep_the_oldest_item_that_waits_tells(city: int) -> None:
    def leap(day: date) -> Leap | None:
        with transaction() as session:
            return leap_to(session, day)

    with transaction("测试") as session:
        session.execute(update(ActionItem).values(recorded_at=CAME))
    assert leap(date(2013, 6, 8)) is None  # nothing is due
    assert leap(date(2013, 6, 9)) is None
    assert leap(date(2013, 6, 13)) is None
    assert leap(date(2013, 6, 14)) == Leap(None, date(2013, 6, 9), 2)
    with transaction("测试") as session:  # a ledger with old deadlines that came in yesterday
        session.execute(update(ActionItem).values(recorded_at=datetime(2013, 6, 24, 2, tzinfo=UTC)))
    assert leap(date(2013, 6, 25)) is None
    assert leap(date(2013, 6, 26)) == Leap(None, date(2013, 6, 24), 2)


@pytest.mark.parametrize("day", [date(2013, 6, 8), LEADER_HEARS, date(2014, 1, 2)])
@pytest.mark.usefixtures("busy")
def test_what_is_announced_is_what_fires(day: date) -> None:
    with transaction() as session:
        announced = would_fire(session, day)
    ids = sweep(day)
    with transaction() as session:
        fired = dict(
            session.execute(
                select(Escalation.step, func.count()).group_by(Escalation.step).where(Escalation.id.in_(ids))
            ).all()
        )
    assert announced == fired


# -- the answer


def asked(day: date) -> Ask:
    with transaction() as session:
        question = ClockDialogue().question(session, day)
        assert question is not None
        assert written(day) in question.brief
        assert Step.OFFICE.label in question.brief or Step.LEADER.label in question.brief
        ask = Ask(form_no="SWEEP-1", flow="escalation-sweep", subject_id=0, is_standing=False, brief=question.brief)
        ask.schema_sent = {"properties": {"day": {"default": str(day)}}}
        session.add(ask)
    return ask


def answer(ask: Ask, outcome: ClockAnswer, on: date) -> None:
    form = ClockForm(day=ask.prefilled["day"], outcome=outcome, filled_in_by="值班员", form_no=ask.form_no)
    apply(lambda session: ClockDialogue().apply(session, ask, form, on))


def apply(what: Callable[[Session], None]) -> None:
    with transaction("值班员") as session:
        what(session)


def sweep_waits() -> bool:
    with transaction() as session:
        return open_question(session) is not None


def test_who_says_that_the_day_is_right_lets_it_fire_and_is_named(city: int) -> None:
    sweep(date(2013, 6, 17))
    ask = asked(OFFICE_HEARS)
    assert sweep_waits()
    answer(ask, ClockAnswer.RIGHT, OFFICE_HEARS)
    assert swept()[1:] == [(OFFICE_HEARS, 1, "值班员")]
    assert not sweep_waits()


def test_who_says_that_it_is_wrong_lets_nothing_fire(city: int) -> None:
    sweep(date(2013, 6, 17))
    answer(asked(OFFICE_HEARS), ClockAnswer.WRONG, OFFICE_HEARS)
    assert len(swept()) == 1


def test_an_answer_is_good_for_the_day_asked_about_and_the_next(city: int) -> None:
    sweep(date(2013, 6, 17))
    ask = asked(date(2013, 6, 21))
    for day in (date(2013, 6, 20), date(2013, 6, 25), date(2014, 6, 1)):
        with pytest.raises(Refused):
            answer(ask, ClockAnswer.RIGHT, day)
    assert len(swept()) == 1
    answer(ask, ClockAnswer.RIGHT, date(2013, 6, 22))  # a Saturday: what was due on Friday
    assert swept()[1:] == [(date(2013, 6, 21), 1, "值班员")]


def test_while_one_question_waits_no_other_is_asked_and_a_sweep_settles_it(city: int) -> None:
    sweep(date(2013, 6, 17))
    ask = asked(OFFICE_HEARS)
    with transaction() as session:
        assert ClockDialogue().question(session, date(2013, 6, 25)) is None
    sweep(date(2013, 6, 25))
    assert not sweep_waits()
    with transaction() as session:
        assert session.get_one(Ask, ask.id).overtaken_at, "its run wakes and ends"
        assert ClockDialogue().question(session, date(2013, 6, 26)) is None
