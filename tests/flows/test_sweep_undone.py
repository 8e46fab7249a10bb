"""A sweep that does not trust the clock asks; what one fired by mistake is taken back."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect.logging import disable_run_logger
from sqlalchemy import func, select

from flows.close_revisit_campaign import close_revisit_campaign
from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.question import Ask
from models.i18n import written
from models.ledger.history import SweepLog
from models.words import ClockAnswer, LeaderAnswer, Step, Verdict
from support.office import Office
from support.office.days import days_ago, today, working_day, working_today
from support.programs.receiver import Receiver
from tasks.database import transaction
from tasks.escalation.clock import open_question
from tasks.escalation.undo import sweep_names
from tasks.ledger.questions import ESCALATION

SWEEP, UNDO = "escalation-sweep", "undo-sweep"
WHO, WHY = "市商务局 值班员", "服务器时钟错误"


@pytest.fixture
def working(office: Office) -> Iterator[Office]:
    """The office, which works today."""
    with working_today():
        yield office


def last_swept(count: int) -> None:
    """Let the last sweep have been that many working days ago."""
    with transaction(source="test") as session:
        day = working_day(-count)
        session.add(SweepLog(as_of=day, finished_at=datetime.now(UTC) - timedelta(count), fired=0))


def raised(item_id: int) -> list[Step]:
    with transaction() as session:
        steps = select(Escalation.step).where(Escalation.item_id == item_id).order_by(Escalation.id)
        return list(session.scalars(steps))


def sweep_waits() -> uuid.UUID | None:
    """The number of the question that keeps sweeps from firing."""
    with transaction() as session:
        ask = open_question(session)
        return ask.id if ask else None


def asked_by(office: Office, run: str) -> Ask:
    ask = office.errand_asked(run)
    assert written(today()) in ask.brief
    assert sweep_waits() == ask.id
    return ask


def test_after_a_leap_of_the_clock_one_run_asks_and_fires_once_somebody_has_confirmed(working: Office) -> None:
    office = working
    _project_id, item_id = office.stall(working_day(-2))
    last_swept(12)
    run = office.start(SWEEP)
    ask = asked_by(office, run)
    assert Step.LEADER.label in ask.brief
    office.reconcile()

    meanwhile = office.done(SWEEP)
    assert meanwhile["state_type"] == "FAILED"
    assert run in meanwhile["state"]["message"]
    assert raised(item_id) == []
    assert not office.resume(ask, None).is_accepted

    assert office.answer(ask, outcome=ClockAnswer.RIGHT.label, filled_in_by=WHO).is_accepted
    ended = office.finished(run)
    assert ended["state_type"] == "COMPLETED", ended["state"]["message"]
    assert WHO in ended["state"]["message"]
    assert raised(item_id) == [Step.LEADER]
    with transaction() as session:
        log = session.scalars(select(SweepLog).order_by(SweepLog.id.desc()).limit(1)).one()
    assert (log.as_of, log.confirmed_by) == (today(), WHO)
    assert sweep_waits() is None
    assert office.done(SWEEP)["state_type"] == "COMPLETED"


def test_who_says_that_the_clock_is_wrong_leaves_everything_as_it_is(working: Office) -> None:
    office = working
    _project_id, item_id = office.stall(working_day(-2))
    last_swept(12)
    run = office.start(SWEEP)
    assert office.answer(asked_by(office, run), outcome=ClockAnswer.WRONG.label, filled_in_by=WHO).is_accepted
    ended = office.finished(run)
    assert ended["state_type"] == "FAILED"
    assert WHO in ended["state"]["message"]
    assert raised(item_id) == []


def test_a_question_whose_run_was_cancelled_is_asked_by_the_next(working: Office) -> None:
    office = working
    last_swept(12)
    run = office.start(SWEEP)
    ask = asked_by(office, run)
    office.cancel(run)
    office.finished(run)
    office.reconcile()
    assert office.ask(ask).verdict is Verdict.SUPERSEDED
    again = office.start(SWEEP)
    asked_by(office, again)
    office.sweep(working_day(0))  # by somebody who names the day
    assert office.finished(again)["state_type"] == "COMPLETED"


def test_a_day_to_come_is_refused_wherever_it_would_be_written(office: Office) -> None:
    project_id, _item_id = office.stall(working_day(3))
    day, code = str(days_ago(-190)), office.project(project_id).code
    with transaction() as session:
        before = session.scalars(select(func.count(SweepLog.id))).one()
    starts: dict[str, dict[str, Any]] = {
        SWEEP: {},
        "notice-delivery": {},
        "ledger-import": {},
        "revisit-campaign": {"name": "预订的回访", "working_days": 5},
        "record-fact": {"project": code},
    }
    runs = {name: office.start(name, as_of=day, **given) for name, given in starts.items()}
    for name, run in runs.items():
        ended = office.finished(run)
        assert ended["state_type"] == "FAILED", name
        assert written(days_ago(-190)) in ended["state"]["message"], (name, ended["state"]["message"])
    with disable_run_logger():
        closed = close_revisit_campaign.fn("预订的回访", outcome="close", reason="试", as_of=day)
    assert closed.is_failed()
    assert written(days_ago(-190)) in (closed.message or "")
    assert office.done("ledger-import", as_of=day, dry_run=True)["state_type"] == "COMPLETED"
    with transaction() as session:
        assert session.scalars(select(func.count(SweepLog.id))).one() == before


def test_a_sweep_is_undone_by_a_form_and_who_heard_of_it_hears_that_it_is_void(
    office: Office, receiver: Receiver
) -> None:
    _project_id, item_id = office.stall(working_day(-2))
    _other, answered = office.stall(working_day(-2))
    with transaction() as session:
        before = session.get_one(ActionItem, item_id)
    office.sweep(working_day(0))
    form, theirs = office.raised_asked(item_id), office.raised_asked(answered)
    acknowledged = {"outcome": LeaderAnswer.ACKNOWLEDGE.label, "filled_in_by": "副县长"}
    assert office.answer(theirs, **acknowledged).is_accepted
    office.raised_asked(answered, theirs)
    with transaction() as session:
        name = sweep_names(session)[0]
    deployment = office.http.get(f"/deployments/{office.deployment(UNDO)}").json()
    assert (
        deployment["parameter_openapi_schema"]["properties"]["sweep"]["enum"][0].split(" · ")[0] == name.split(" · ")[0]
    )

    tried = office.done(UNDO, sweep=name, reason=WHY, filled_in_by=WHO)
    assert tried["state_type"] == "COMPLETED", tried["state"]["message"]
    assert raised(item_id) == [Step.LEADER]
    assert all(words in office.artifact(UNDO) for words in (WHY, Step.LEADER.label, "副县长"))

    undone = office.done(UNDO, sweep=name, reason=WHY, filled_in_by=WHO, dry_run=False)
    assert undone["state_type"] == "FAILED"  # what the leader acknowledged stays
    assert (raised(item_id), raised(answered)) == ([], [Step.LEADER])
    with transaction() as session:
        after = session.get_one(ActionItem, item_id)
    assert (after.fired_step, after.next_step, after.next_fires_on) == (
        before.fired_step,
        before.next_step,
        before.next_fires_on,
    )
    assert office.finished(form.flow_run_id)["state_type"] == "COMPLETED"
    assert office.live_runs(ESCALATION, item_id) == []
    office.done("notice-delivery")
    assert [line["occasion"] for message in receiver.messages for line in message.body["notices"]][-1] == "withdrawn"
    assert (Step.LEADER, "withdrawn") in receiver.told(item_id)
    with transaction() as session:
        rest = sweep_names(session)[0]  # with fewer steps
    assert office.done(UNDO, sweep=rest, reason=WHY, filled_in_by=WHO, dry_run=False)["state_type"] == "FAILED"

    office.sweep(working_day(0))
    assert raised(item_id) == [Step.LEADER]
    office.reconcile()
    assert office.raised_asked(item_id, form)
