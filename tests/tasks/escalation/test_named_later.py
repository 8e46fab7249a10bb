"""Whoever is named late hears with the next sweep, in its transaction: undone, tried and refused
with it.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import delete, func, select, update

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Notice
from models.ledger.history import SweepLog
from models.ledger.organisation import Person
from models.ledger.project import Project
from models.refusal import Refused
from models.words import Occasion, Role, Step
from support.answers import LAND, LEADER, LEADER_HEARD, OFFICE_HEARD, OFFICER, OPENED, name_inspector, said
from support.waiting import wait_until_locked
from tasks.database import transaction
from tasks.escalation import trial as trials
from tasks.escalation.answers import acknowledge
from tasks.escalation.report import reached_nobody
from tasks.escalation.sweep import sweep
from tasks.escalation.trial import page, try_sweep
from tasks.escalation.undo import undo
from tasks.items.blockers import ask_coordination, open_blocker
from tasks.items.next_steps import set_next_steps
from tasks.items.wording import step_name
from tasks.ledger.locks import lock_project

ASKED_ON, FOUND_ON = date(2013, 6, 5), date(2013, 6, 7)
REMINDED = date(2013, 6, 18)


def another_project() -> int:
    with transaction("测试") as session:
        first = session.scalars(select(Project).order_by(Project.id)).first()
        assert first
        columns = {"sector": first.sector, "unit": first.unit, "amount": first.amount, "signed_on": first.signed_on}
        more = Project(code=f"PY-{first.id + 900}", name="另一项目", officer=first.officer, **columns)
        session.add(more)
        session.flush()
        return more.id


def blocker_without_leader(project: int) -> int:
    """A blocker whose project has no leader, with a bureau that has none either."""
    with transaction("测试") as session:
        found = lock_project(session, project)
        found.leader = None
        item = open_blocker(session, found, LAND, OPENED)
        session.flush()
        return item.id


def ask(item: int) -> None:
    with transaction("测试") as session:
        owed = session.get_one(ActionItem, item)
        lock_project(session, owed.project_id or 0)
        ask_coordination(session, owed, "请市里协调用地指标", "专员", ASKED_ON)


def name_leader(item: int) -> None:
    with transaction("测试") as session:
        session.get_one(ActionItem, item).leader_id = LEADER


def steps_of(item: int) -> list[tuple[Step, date]]:
    with transaction() as session:
        rows = select(Escalation.step, Escalation.raised_on).where(Escalation.item_id == item)
        return [(step, day) for step, day in session.execute(rows.order_by(Escalation.id))]


def told_of(item: int, occasion: Occasion) -> set[int]:
    with transaction() as session:
        rows = select(Notice.recipient_id).join(Escalation, Escalation.id == Notice.escalation_id)
        return set(session.scalars(rows.where(Escalation.item_id == item, Notice.occasion == occasion)))


def last_sweep() -> int:
    with transaction() as session:
        return session.scalars(select(func.max(SweepLog.id))).one()


@pytest.fixture
def asked(project: int) -> int:
    """A blocker whose unit asked for a leader whom nobody knew, and who is named by now."""
    item = blocker_without_leader(project)
    ask(item)
    assert steps_of(item) == []
    name_leader(item)
    return item


def test_the_sweep_itself_raises_what_waited_for_a_leader_and_says_so(asked: int) -> None:
    assert len(sweep(FOUND_ON)) == 1
    assert steps_of(asked) == [(Step.LEADER, FOUND_ON)]
    assert sweep(FOUND_ON) == []
    assert told_of(asked, Occasion.RAISED) == {LEADER}


def test_a_sweep_of_a_past_day_raises_nothing_to_whom_was_named(asked: int) -> None:
    with transaction("测试") as session:
        session.add(SweepLog(as_of=date(2013, 6, 8), finished_at=func.now(), fired=0))
    with pytest.raises(Refused):
        sweep(FOUND_ON)
    assert steps_of(asked) == []


def test_what_a_sweep_raised_to_whom_was_named_is_undone_with_it_and_raised_by_the_next(asked: int) -> None:
    sweep(FOUND_ON)
    assert undo(last_sweep(), "值班员", "时钟不准").count == 1
    assert steps_of(asked) == []
    sweep(FOUND_ON)
    assert steps_of(asked) == [(Step.LEADER, FOUND_ON)]


def test_a_request_that_a_sweep_raised_reads_as_a_request(asked: int) -> None:
    sweep(FOUND_ON)
    with transaction() as session:
        (escalation,) = session.scalars(select(Escalation).where(Escalation.item_id == asked))
        assert step_name(escalation) == "请求分包领导协调"


def test_a_reminder_nobody_heard_of_what_is_raised_by_now_goes_to_nobody_else(asked: int) -> None:
    with transaction("测试") as session:  # as former versions did: the reminder fired, and nobody heard
        owed = session.get_one(ActionItem, asked)
        reminder = Escalation(item_id=asked, round=1, step=Step.REMINDER_BEFORE, policy_id=1, due_on=owed.due_on)
        reminder.raised_on = date(2013, 6, 6)
        owed.fired_step, owed.fired_on = reminder.step, reminder.raised_on
        session.add(reminder)
        session.flush()
        set_next_steps(session)
    sweep(FOUND_ON)
    assert steps_of(asked) == [(Step.REMINDER_BEFORE, date(2013, 6, 6)), (Step.LEADER, FOUND_ON)]
    assert told_of(asked, Occasion.RAISED) == {LEADER}


def test_a_trial_names_who_was_named_and_raises_nothing(asked: int) -> None:
    trial = try_sweep(FOUND_ON, FOUND_ON)
    assert trial.fires == 1
    assert "清丰县分包领导" in page(trial)
    assert steps_of(asked) == []


def test_what_former_versions_addressed_late_is_undone_to_before_it_fired(project: int) -> None:
    item = blocker_without_leader(project)
    with transaction("测试") as session:  # as former versions did: the step fired, and nobody heard
        session.get_one(ActionItem, item).leader_id = LEADER
    sweep(LEADER_HEARD)
    with transaction("测试") as session:
        session.execute(delete(Notice))
        session.execute(update(Escalation).where(Escalation.item_id == item).values(recipient_id=None))
    late = date(2013, 12, 2)
    sweep(late)
    assert steps_of(item) == [(Step.LEADER, late)]
    undo(last_sweep(), "值班员", "时钟不准")
    assert steps_of(item) == []
    sweep(date(2013, 6, 20))
    assert steps_of(item) == [(Step.LEADER, date(2013, 6, 20))]
    assert told_of(item, Occasion.RAISED) == {LEADER}


def test_a_leader_found_after_former_versions_passed_the_empty_step_gets_a_copy_of_the_notice(project: int) -> None:
    item, inspector = blocker_without_leader(project), name_inspector()
    with transaction("测试") as session:
        session.get_one(ActionItem, item).leader_id = LEADER
    sweep(LEADER_HEARD)
    with transaction("测试") as session:  # as former versions did: it fired, and nobody heard
        of_item = select(Escalation.id).where(Escalation.item_id == item)
        session.execute(delete(Notice).where(Notice.escalation_id.in_(of_item)))
        session.execute(update(Escalation).where(Escalation.id.in_(of_item)).values(recipient_id=None))
        owed = session.get_one(ActionItem, item)
        owed.leader_id = None
    sweep(OFFICE_HEARD)
    assert (told_of(item, Occasion.RAISED), told_of(item, Occasion.COPY)) == ({inspector}, {OFFICER})
    name_leader(item)
    for day in (date(2013, 6, 25), date(2013, 6, 26)):
        sweep(day)
    assert told_of(item, Occasion.COPY) == {OFFICER, LEADER}


def test_a_reminder_that_somebody_heard_ends_that_a_matter_reaches_nobody(project: int) -> None:
    item = blocker_without_leader(project)
    with transaction("测试") as session:
        session.execute(update(ActionItem).values(owner_id=None, leader_id=None))
        session.execute(update(Person).values(role=Role.OPERATOR))
    sweep(REMINDED)
    assert "用地指标未落实" in reached_nobody()
    with transaction("测试") as session:
        session.execute(update(ActionItem).values(owner_id=OFFICER))
    sweep(REMINDED)
    assert steps_of(item) == [(Step.REMINDER_AFTER, REMINDED)]
    assert reached_nobody() == ""
    sweep(LEADER_HEARD)
    assert "用地指标未落实" in reached_nobody()  # the leader's day has come, and there is none
    name_inspector()
    name_leader(item)
    sweep(date(2013, 7, 1))
    assert steps_of(item)[1:] == [(Step.LEADER, date(2013, 7, 1))]  # and has his days before the office


# -- at once with others


def at_once(*works: Callable[[], object]) -> None:
    together = threading.Barrier(len(works))

    def begin(work: Callable[[], object]) -> object:
        together.wait(timeout=10)
        return work()

    with ThreadPoolExecutor(len(works)) as hands:
        for act in [hands.submit(begin, work) for work in works]:
            act.result(timeout=60)


def test_a_sweep_locks_what_waited_for_somebody_in_the_order_of_all_others(city: int) -> None:
    """It held the project that was asked for, and waited for one before it: a deadlock."""
    later = another_project()
    passed, asks = blocker_without_leader(city), blocker_without_leader(later)
    with transaction("测试") as session:
        session.execute(update(Person).where(Person.role == Role.LEADER).values(role=Role.OPERATOR))
        session.get_one(ActionItem, asks).due_on = date(2013, 12, 2)
        session.flush()
        set_next_steps(session)
    sweep(LEADER_HEARD)
    assert steps_of(passed) == [(Step.OFFICE, LEADER_HEARD)]
    ask(asks)
    for item in (passed, asks):
        name_leader(item)
    with ThreadPoolExecutor(1) as hands:
        with transaction("专员") as session:
            lock_project(session, city)
            swept = hands.submit(sweep, date(2013, 6, 20))
            wait_until_locked()
            lock_project(session, later)
        swept.result(timeout=20)
    assert told_of(passed, Occasion.COPY) == {OFFICER, LEADER}
    assert steps_of(asks) == [(Step.LEADER, date(2013, 6, 20))]


def test_two_sweeps_and_an_answer_at_once_raise_each_matter_once(asked: int, project: int) -> None:
    items = [asked, blocker_without_leader(another_project())]
    for item in items[1:]:
        ask(item)
        name_leader(item)

    def acknowledges() -> None:
        with transaction("领导") as session:
            owed = session.get_one(ActionItem, asked)
            lock_project(session, project)
            try:
                acknowledge(session, owed, said("已阅", FOUND_ON))
            except Refused:
                return  # before the sweep nothing was raised

    at_once(lambda: sweep(FOUND_ON), lambda: sweep(FOUND_ON), acknowledges)
    assert [steps_of(item) for item in items] == [[(Step.LEADER, FOUND_ON)]] * len(items)
    with transaction() as session:
        assert [log.fired for log in session.scalars(select(SweepLog).order_by(SweepLog.fired))] == [0, len(items)]


def test_a_trial_that_would_keep_others_waiting_gives_up_and_says_so(
    city: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trials, "PATIENCE", "100ms", raising=False)
    with ThreadPoolExecutor(1) as hands, transaction("导入") as session:
        lock_project(session, city)
        tried = hands.submit(try_sweep, LEADER_HEARD, LEADER_HEARD)
        with pytest.raises(Refused, match=r"just now|稍后"):
            tried.result(timeout=20)


def test_a_sweep_that_comes_between_leaves_the_trial_its_days(city: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trial asked for the last sweep, then waited for a sweep that went further."""
    with ThreadPoolExecutor(1) as hands:
        with transaction("测试") as session:
            lock_project(session, city)
            tried = hands.submit(try_sweep, LEADER_HEARD, REMINDED)
            wait_until_locked()
            session.add(SweepLog(as_of=REMINDED, finished_at=func.now(), fired=0))
        trial = tried.result(timeout=20)
    assert [day for day, _count in trial.before] == []
