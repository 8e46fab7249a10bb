"""What a sweep fired by mistake is taken back, to the letter; what somebody acted on stays."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import func, select, text, update

from deployments.sample.workbook import write_sample
from models.campaigns.campaign import Campaign
from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.notice import Delivery, Notice
from models.escalation.withdrawn import UndoneSweep, VoidNumber, WithdrawnEscalation, WithdrawnNotice
from models.ledger.facts import FoundBlocker
from models.ledger.history import Counter, SweepLog
from models.ledger.organisation import Person
from models.refusal import Refused
from models.tables import Base
from models.words import BlockerCategory, Clock, ItemKind, Role, Step
from support.answers import said
from support.recount.next_steps import check_clocks
from support.waiting import wait_until_locked
from tasks.bulletin.issue import issue, voided
from tasks.database import alembic_config, engine, snapshot, transaction, upgrade
from tasks.dossiers import facts as dossier_facts
from tasks.dossiers.correspondence import escalations
from tasks.dossiers.correspondence import notices as dossier_notices
from tasks.escalation.answers import acknowledge, grant_extension, promise
from tasks.escalation.policy import adopt, present
from tasks.escalation.sweep import sweep
from tasks.escalation.undo import sweep_names, sweep_number, undo, would_undo
from tasks.escalation.undo_report import page
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.reader import read_ledger
from tasks.items.assignments import turn_clock
from tasks.items.blockers import ask_coordination, open_blocker, resolve_blocker
from tasks.ledger.locks import lock_project
from tasks.notices.delivery import LEASE, _waiting
from tasks.notices.digest import gather
from tasks.notices.withdrawals import gather_withdrawals

RIGHT, FORGED = date(2013, 6, 18), date(2014, 1, 2)
WHO, WHY = "值班员 王工", "服务器时钟错误"
LEFT_OUT = (
    "change",
    "counter",
    "undone_sweep",
    "withdrawn_escalation",
    "withdrawn_notice",
    "void_number",
    "outbox_event",
)
Rows = dict[str, list[dict[str, Any]]]


def ledger_now() -> Rows:
    """Every column of every table, but for history, counters, and what is kept of the withdrawn."""
    with snapshot() as session:
        return {
            table.name: [dict(row) for row in session.execute(select(table).order_by(*table.primary_key)).mappings()]
            for table in Base.metadata.sorted_tables
            if table.name not in LEFT_OUT
        }


def last_sweep() -> int:
    with transaction() as session:
        return session.scalars(select(func.max(SweepLog.id))).one()


def count(table: type[Base]) -> int:
    with transaction() as session:
        return session.scalars(select(func.count()).select_from(table)).one()


@pytest.mark.usefixtures("ledger")
def test_a_wrong_day_on_which_nothing_fired_keeps_no_later_sweep_out() -> None:
    sweep(RIGHT)
    sweep(FORGED, today=FORGED)
    with pytest.raises(Refused):
        sweep(date(2013, 6, 19))
    with transaction() as session:
        newest = sweep_names(session)[0]
    assert would_undo(sweep_number(newest)).count == 0
    assert undo(sweep_number(newest), WHO, WHY).count == 0
    assert sweep(date(2013, 6, 19)) == []
    with pytest.raises(Refused):
        undo(sweep_number(newest), WHO, WHY)


def assert_undone_to_the_letter(day: date = FORGED) -> None:
    before = ledger_now()
    fired = sweep(day, today=day)
    assert fired
    assert ledger_now() != before
    undoing = undo(last_sweep(), WHO, WHY)
    assert ledger_now() == before
    assert (undoing.count, undoing.kept) == (len(fired), [])
    assert count(WithdrawnEscalation) == len(fired)
    check_clocks()


@pytest.mark.usefixtures("busy")
def test_a_random_city_is_as_it_was_before_column_by_column() -> None:
    sweep(RIGHT)
    assert_undone_to_the_letter()


@pytest.mark.usefixtures("ledger")
def test_the_sample_is_as_it_was_before_every_item_of_it(tmp_path: Path) -> None:
    today = date(2026, 11, 27)
    write_sample(tmp_path / "ledger.xlsx", today)
    import_ledger(read_ledger(tmp_path / "ledger.xlsx"), today)
    sweep(today, today=today)
    with transaction() as session:
        climbing = session.scalars(select(func.count()).where(ActionItem.next_step.is_not(None))).one()
    assert_undone_to_the_letter(date(2027, 6, 1))
    assert count(WithdrawnEscalation) == climbing > 70


@pytest.mark.usefixtures("busy")
def test_the_numbers_of_a_campaign_that_the_sweep_ended_apply_again() -> None:
    with transaction("测试") as session:
        campaign = session.scalars(select(Campaign.id)).first()
        numbers = present(session).model_copy(update={"leader_after": 4, "reminder_before": 1})
        adopt(session, numbers, (campaign, None))
    sweep(RIGHT)
    assert_undone_to_the_letter()


def test_a_leader_named_after_a_sweep_was_undone_hears_though_the_sweep_passed_the_empty_rung(city: int) -> None:
    with transaction("测试") as session:
        session.execute(update(ActionItem).values(leader_id=None))
        leaders = session.scalars(select(Person.id).where(Person.role == Role.LEADER)).all()
        session.execute(update(Person).where(Person.id.in_(leaders)).values(role=Role.OPERATOR))
    sweep(RIGHT)
    assert_undone_to_the_letter(date(2013, 6, 19))
    with transaction("测试") as session:
        session.execute(update(ActionItem).values(leader_id=leaders[0]))
    sweep(date(2013, 6, 19))
    with transaction() as session:
        raised = session.scalars(select(Escalation).order_by(Escalation.id)).all()
        assert [(each.step, each.document_no) for each in raised] == [(Step.REMINDER_AFTER, None), (Step.LEADER, None)]


def test_a_sweep_of_a_wrong_day_that_found_nobody_leaves_no_trace(city: int) -> None:
    with transaction("测试") as session:
        session.execute(update(Person).where(Person.role == Role.INSPECTOR).values(role=Role.OPERATOR))
    sweep(date(2013, 6, 19))
    before = ledger_now()
    assert sweep(FORGED, today=FORGED) == []
    assert ledger_now()["action_item"] != before["action_item"]
    undo(last_sweep(), WHO, WHY)
    assert ledger_now() == before


def test_the_next_sweep_fires_what_is_due_by_then(city: int) -> None:
    sweep(date(2013, 6, 19))  # the leader
    sweep(FORGED)
    undo(last_sweep(), WHO, WHY)
    sweep(date(2013, 6, 24))
    with transaction() as session:
        raised = session.scalars(select(Escalation).order_by(Escalation.id)).all()
        assert [each.step for each in raised] == [Step.LEADER, Step.OFFICE]
        assert [each.document_no for each in raised] == [None, 1]
        assert session.scalars(select(VoidNumber.counter)).all() == ["supervision notice 2014"]


def test_a_sweep_is_undone_once(city: int) -> None:
    sweep(date(2013, 6, 19))
    number = last_sweep()
    undo(number, WHO, WHY)
    after = ledger_now()
    with pytest.raises(Refused):
        undo(number, WHO, WHY)
    assert ledger_now() == after
    with transaction() as session:
        assert sweep_names(session) == []
        (undone,) = session.scalars(select(UndoneSweep)).all()
    assert (undone.as_of, undone.undone_by, undone.reason) == (date(2013, 6, 19), WHO, WHY)


@pytest.mark.parametrize("name", ["", "abc", "１２", "99999999999 · x"])
def test_a_name_without_a_number_is_refused(name: str) -> None:
    with pytest.raises(Refused):
        sweep_number(name)


def test_a_sweep_is_offered_by_its_number_day_and_steps(city: int) -> None:
    sweep(date(2013, 6, 19))
    with transaction() as session:
        (name,) = sweep_names(session)
    assert sweep_number(name) == last_sweep()
    assert "2013年6月19日" in name
    assert would_undo(sweep_number(name)).steps == {Step.LEADER: 1}
    assert count(Escalation) == 1


# -- what somebody has acted on


@pytest.fixture
def raised(city: int) -> Iterator[tuple[int, int]]:
    """The project's visit and its sweep, which raised it to the leader."""
    sweep(date(2013, 6, 19))
    with transaction() as session:
        item = session.scalars(select(ActionItem.id).where(ActionItem.kind == ItemKind.VISIT)).one()
    yield item, last_sweep()
    check_clocks()


def act(item: int, deed: Any) -> None:
    with transaction("测试") as session:
        owed = session.get_one(ActionItem, item)
        lock_project(session, owed.project_id or 0)
        deed(session, owed)


DAY = date(2013, 6, 20)
DEEDS = {
    "确认": lambda session, item: acknowledge(session, item, said(as_of=DAY)),
    "答复": lambda session, item: promise(session, item, said(as_of=DAY), date(2013, 6, 28)),
    "同意延期": lambda session, item: grant_extension(session, item, said(as_of=DAY), date(2013, 6, 28)),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_what_was_answered_stays_and_is_named(raised: tuple[int, int], deed: str) -> None:
    item, number = raised
    act(item, DEEDS[deed])
    before = ledger_now()
    undoing = undo(number, WHO, WHY)
    assert undoing.count == 0
    assert [(kept.item_id, kept.step) for kept in undoing.kept] == [(item, Step.LEADER)]
    assert undoing.kept[0].why in page(undoing, WHY)
    assert without(ledger_now(), "sweep_log") == without(before, "sweep_log")


def without(rows: Rows, *tables: str) -> Rows:
    return {name: table for name, table in rows.items() if name not in tables}


def test_what_fired_on_stays_until_its_later_step_is_undone(city: int) -> None:
    sweep(date(2013, 6, 19))
    first = last_sweep()
    sweep(date(2013, 6, 24))
    second = last_sweep()
    assert [kept.step for kept in undo(first, WHO, WHY).kept] == [Step.LEADER]
    assert undo(second, WHO, WHY).count == 1
    assert undo(first, WHO, WHY).count == 1
    assert count(Escalation) == 0


def test_what_is_on_hold_since_is_undone_and_goes_on_from_the_step_before(raised: tuple[int, int], city: int) -> None:
    item, number = raised
    with transaction("测试") as session:
        turn_clock(session, lock_project(session, city), Clock.HOLD, "环评公示", "副市长", DAY)
    assert undo(number, WHO, WHY).count == 1
    with transaction("测试") as session:
        turn_clock(session, lock_project(session, city), Clock.RESUME, "公示结束", "副市长", date(2013, 6, 24))
    with transaction() as session:
        owed = session.get_one(ActionItem, item)
        assert (owed.round, owed.fired_step, owed.resumed_step) == (1, None, None)


@pytest.fixture
def blocker(city: int) -> int:
    """A blocker that is due with the project's visit."""
    with transaction("测试") as session:
        found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", date(2013, 6, 17))
        item = open_blocker(session, lock_project(session, city), found, date(2013, 6, 3))
        session.flush()
        return item.id


def test_a_blocker_for_which_coordination_was_asked_since_stays_with_its_leader(blocker: int) -> None:
    sweep(date(2013, 6, 19))
    act(blocker, lambda session, item: ask_coordination(session, item, "请国土局协调", "专员", DAY))
    assert [(kept.item_id, kept.step) for kept in undo(last_sweep(), WHO, WHY).kept] == [(blocker, Step.LEADER)]


def test_what_is_closed_stays(blocker: int) -> None:
    sweep(date(2013, 6, 19))
    act(blocker, lambda session, item: resolve_blocker(session, item, "已解决", "专员", DAY))
    undoing = undo(last_sweep(), WHO, WHY)
    assert ([kept.item_id for kept in undoing.kept], undoing.count) == ([blocker], 1)


# -- at once with others


def test_an_answer_that_comes_first_stays_and_one_that_comes_later_has_nothing_to_answer(
    raised: tuple[int, int],
) -> None:
    item, number = raised
    with ThreadPoolExecutor(1) as hands:
        with transaction("测试") as session:
            owed = session.get_one(ActionItem, item)
            lock_project(session, owed.project_id or 0)
            undone = hands.submit(undo, number, WHO, WHY)
            wait_until_locked()
            acknowledge(session, owed, said(as_of=DAY))
        assert [kept.step for kept in undone.result(timeout=10).kept] == [Step.LEADER]


def test_two_at_once_undo_each_step_once_while_others_sweep(blocker: int) -> None:
    for day in (date(2013, 6, 19), date(2013, 6, 24), date(2013, 7, 1), date(2013, 7, 8)):
        sweep(day)
        number, together = last_sweep(), threading.Barrier(3)

        def hurry(work: Any, *given: Any) -> Any:
            together.wait(timeout=10)  # noqa: B023 - done before the next day comes
            try:
                return work(*given)
            except Refused:
                return None

        with ThreadPoolExecutor(3) as hands:
            jobs = [(undo, number, WHO, WHY), (undo, number, WHO, WHY), (sweep, day)]
            undone = [job.result(timeout=30) for job in [hands.submit(hurry, *job) for job in jobs]]
        assert sum(each.count for each in undone[:2] if each) == 2
        check_clocks()
        sweep(day)
    with transaction() as session:
        climbed = session.scalars(select(Escalation.step).where(Escalation.item_id == blocker).order_by(Escalation.id))
        assert climbed.all() == [Step.LEADER, Step.OFFICE, Step.OFFICE_REPEAT_1, Step.OFFICE_REPEAT_2]


# -- notices and numbers


def notices() -> list[Notice]:
    with transaction() as session:
        return list(session.scalars(select(Notice).order_by(Notice.id)))


def test_a_notice_that_was_not_sent_is_withdrawn_without_a_word(raised: tuple[int, int]) -> None:
    _item, number = raised
    assert len(notices()) == 2
    assert undo(number, WHO, WHY).recipients == 2
    assert notices() == []
    gather_withdrawals()
    assert count(Delivery) == 0


def test_a_message_that_waits_is_dropped_and_its_other_notices_wait_for_the_next(
    raised: tuple[int, int], city: int
) -> None:
    sweep(date(2013, 6, 24))  # the office: the leader's first notice and its copy are in one message
    assert gather(date(2013, 6, 24)) == []
    undo(last_sweep(), WHO, WHY)
    with transaction() as session:
        leader = session.scalars(select(Delivery).join(Delivery.recipient).where(Person.name == "清丰县分包领导")).one()
    assert leader.dropped_at
    assert [
        (each.recipient_id, each.delivery_id) for each in notices() if each.recipient_id == leader.recipient_id
    ] == [(leader.recipient_id, None)]
    assert gather_withdrawals() == []
    assert count(WithdrawnNotice) == 2
    assert gather(date(2013, 6, 24)) == []
    assert all(each.delivery_id for each in notices())


@pytest.mark.parametrize("how", ["delivered", "tried", "under way"])
def test_who_was_sent_a_notice_is_sent_one_message_that_takes_all_of_theirs_back(blocker: int, how: str) -> None:
    sweep(date(2013, 6, 19))
    gather(date(2013, 6, 19))
    with transaction() as session:
        for number in session.scalars(select(Delivery.id)).all():
            session.execute(text(LEASE), {"id": number})
            if how != "under way":
                free = {"delivered": {"delivered_at": datetime.now(UTC)}, "tried": {}}[how]
                session.execute(update(Delivery).where(Delivery.id == number).values(lease_until=None, **free))
    undo(last_sweep(), WHO, WHY)
    before = count(Delivery)
    assert gather_withdrawals() == []
    assert gather_withdrawals() == []
    with transaction() as session:
        sent = session.scalars(select(Delivery).where(Delivery.id > before).order_by(Delivery.recipient_id)).all()
        assert [(each.recipient.role, len(each.body["notices"])) for each in sent] == [
            (Role.OFFICER, 2),
            (Role.LEADER, 2),
        ]
        assert all(WHY in each.body["markdown"] and "龙都家具产业园" in each.body["markdown"] for each in sent)
        assert {line["occasion"] for each in sent for line in each.body["notices"]} == {"withdrawn"}
    waiting = {number for number, _channel in _waiting()}
    assert waiting >= {each.id for each in sent}, "a message without notices is never dropped as settled"


def test_a_number_it_took_is_void_and_the_next_one_follows_it(city: int) -> None:
    sweep(date(2013, 6, 24))
    undo(last_sweep(), WHO, WHY)
    sweep(date(2013, 6, 24))
    with transaction() as session:
        (void,) = session.scalars(select(VoidNumber)).all()
        assert (void.counter, void.number, void.voided_by, void.reason) == ("supervision notice 2013", 1, WHO, WHY)
        assert session.scalars(select(Escalation.document_no)).all() == [2]
        assert session.scalars(select(Counter.value)).all() == [2]


# -- where it is read


def test_a_bulletin_that_names_a_number_says_when_it_is_void(city: int) -> None:
    sweep(date(2013, 6, 24))
    issued = issue(date(2013, 6, 24), date(2013, 7, 1))
    assert [(matter.notice_year, matter.notice_no) for matter in issued.figures.agenda.shown] == [(2013, 1)]
    assert voided(issued) == []
    undo(last_sweep(), WHO, WHY)
    assert voided(issued) == [(2013, 1)]


def test_a_dossier_shows_the_void_number_who_took_it_back_and_why(city: int) -> None:
    sweep(date(2013, 6, 24))
    gather(date(2013, 6, 24))
    with transaction() as session:
        session.execute(update(Delivery).values(delivered_at=datetime.now(UTC)))
    undo(last_sweep(), WHO, WHY)
    gather_withdrawals()
    with snapshot() as session:
        data = dossier_facts.gather(session, city, date(2013, 6, 25))
        fired, sent = escalations(data), dossier_notices(data)
        shown, told = str(fired), str(sent)
    assert all(words in shown for words in ("督办〔2013〕1号（作废）", WHO, WHY)), shown
    assert "撤回通知待发送" in told


@pytest.mark.usefixtures("busy")
def test_what_former_versions_swept_can_be_undone_too() -> None:
    ids = [number for day in (RIGHT, date(2013, 6, 21), date(2013, 7, 1)) for number in sweep(day)]
    fired = select(Escalation.id, Escalation.sweep_id, Escalation.former_step, Escalation.former_on)
    fired = fired.where(Escalation.id.in_(ids)).order_by(Escalation.id)
    with transaction() as session:
        before = session.execute(fired).all()
    with engine().begin() as connection:
        config = alembic_config(connection)
        command.downgrade(config, ScriptDirectory.from_config(config).get_revision("0010").down_revision)
    upgrade()
    with transaction() as session:
        assert session.execute(fired).all() == before
