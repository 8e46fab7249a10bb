"""What a ledger file does to known projects: again, corrected, and next to what people entered
meanwhile.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select, update

from models.escalation.action_item import ActionItem
from models.escalation.calendar import Workday
from models.escalation.policy import EVERYTHING
from models.ledger.facts import FoundBlocker
from models.ledger.history import Change
from models.ledger.organisation import Person, Unit
from models.ledger.project import Project
from models.office_files.rows import Effect, LedgerRow, MilestoneCells, PersonRow
from models.words import (
    BlockerCategory,
    Clock,
    Currency,
    ItemKind,
    ItemResult,
    MilestoneKind,
    Role,
    Sector,
    Stage,
)
from support.ledgers.file_of_rows import (
    BUREAU,
    COUNTY,
    HEADERS,
    LEADER,
    OFFICER,
    PROBLEM,
    REGISTERED,
    ROW,
    TODAY,
    ask,
    bring,
    change_numbers,
    counts,
    file_of,
    history,
    in_charge,
    is_overtaken,
    items,
    project,
)
from support.waiting import wait_until_locked
from tasks.database import transaction
from tasks.escalation.answers import Answer, Charge, hand_over, promise
from tasks.escalation.policy import adopt, present, would_fire
from tasks.escalation.sweep import sweep
from tasks.imports.entering import import_file as ledger_import
from tasks.items import corrections
from tasks.items.assignments import delegate, turn_clock
from tasks.items.blockers import open_blocker
from tasks.items.counting import re_aim
from tasks.items.facts import end_project
from tasks.items.next_steps import keep_items, set_next_steps
from tasks.items.opening import plan_visit
from tasks.ledger.locks import lock_project
from tasks.ledger.questions import LIFECYCLE, RESOLUTION

pytestmark = pytest.mark.usefixtures("in_english", "ledger")


def test_the_same_file_twice_changes_nothing_and_leaves_no_history():
    everything = replace(
        ROW,
        milestones=(REGISTERED, MilestoneCells(MilestoneKind.COMPLETED, date(2013, 12, 31))),
        blockers=(PROBLEM,),
        progress=("已注册",),
        squad="闽东南招商小分队",
        is_sme=False,
        units=f"{COUNTY}、{BUREAU}",
        extra={"申请用地": 120},
    )
    uncoded = replace(ROW, number=5, code="", name="食品园", visit_due_on=TODAY)
    people = (PersonRow(2, LEADER, Role.LEADER, COUNTY),)
    assert counts(bring(everything, uncoded, people=people)) == (2, 0, 0)
    before = history()
    assert counts(bring(everything, uncoded, people=people, as_of=date(2013, 6, 13))) == (0, 0, 2)
    assert history() == before


def test_a_corrected_file_changes_only_what_differs_and_history_names_it():
    bring(ROW, replace(ROW, number=5, code="PY-2", name="食品园"))
    before = history()
    result = bring(replace(ROW, amount=Decimal(600000000)), replace(ROW, number=5, code="PY-2", name="食品园"))
    assert counts(result) == (0, 1, 1)
    with transaction() as session:
        (change,) = session.scalars(select(Change).order_by(Change.id.desc()).limit(history() - before))
    assert (change.table_name, change.column_name, change.old, change.new) == (
        "project",
        "amount",
        500000000,
        600000000,
    )
    assert (change.actor, change.source) == ("ledger-import", "六月台账.xlsx · 台账 · row 4")


def test_an_empty_cell_erases_nothing():
    bring(replace(ROW, is_sme=True, progress=("已注册",), milestones=(REGISTERED,), extra={"备注": "重点"}))
    before = history()
    assert counts(bring(LedgerRow(number=4, code="PY-1"))) == (0, 0, 1)
    assert history() == before


def test_an_emptied_cell_erases_what_the_ledger_has_where_that_is_asked_for():
    bring(replace(ROW, is_sme=True, squad="第一小分队", extra={"备注": "重点", "说": "\\"}))
    empty = LedgerRow(
        number=4, code="PY-1", emptied=("investor", "officer", "squad", "is_sme", "sector"), dropped=("说",)
    )
    assert counts(bring(empty)) == (0, 1, 0)
    found, (visit,) = project(), items(ItemKind.VISIT)
    assert (found.investor, found.officer, found.squad, found.is_sme, found.sector) == (
        None,
        None,
        None,
        False,
        Sector.OTHER,
    )
    assert found.leader
    assert (found.leader.name, found.extra, visit.owner, visit.leader_id) == (
        LEADER,
        {"备注": "重点"},
        None,
        found.leader.id,
    )
    assert counts(bring(empty)) == (0, 0, 1)


def test_what_was_kept_of_a_cell_goes_once_its_column_says_something_else():
    headers = {"台账": HEADERS | {"officer": "责任人", "solution": "解决办法"}}
    kept = {"责任人": f"{OFFICER}、李四", "解决办法": "协调", "备注": "重点"}
    bring(replace(ROW, extra=kept), headers=headers)
    assert counts(bring(LedgerRow(number=4, code="PY-1", leader=LEADER), headers=headers)) == (0, 0, 1)
    assert counts(bring(replace(ROW, extra={"责任人": kept["责任人"]}), headers=headers)) == (0, 0, 1)
    row = replace(ROW, officer="王五", blockers=(PROBLEM,))
    assert counts(bring(row, headers=headers)) == (0, 1, 0)
    assert (project().officer.name, project().extra) == ("王五", {"备注": "重点"})
    assert counts(bring(row, headers=headers)) == (0, 0, 1)


def test_a_cell_emptied_in_one_row_and_filled_in_another_is_not_empty():
    bring(ROW, replace(ROW, number=5, officer="", emptied=("officer",)))
    assert project().officer_id


def test_what_a_person_changed_since_stays_and_the_old_file_is_told_so():
    row = replace(ROW, milestones=(MilestoneCells(MilestoneKind.REGISTERED, date(2013, 8, 1)),))
    bring(row)
    with transaction("张三") as session:
        found = session.scalars(select(Project)).one()
        found.amount, found.leader_id, found.name = Decimal(700000000), None, "家具产业园（东区）"
        found.milestones[0].planned_on = date(2013, 9, 1)
    result = bring(row)
    assert counts(result) == (0, 0, 1)
    assert (project().amount, project().leader, project().name) == (Decimal(700000000), None, "家具产业园（东区）")
    assert project().milestones[0].planned_on == date(2013, 9, 1)
    assert sorted(note.value for note in result.problems) == sorted(["2013-08-01", "500000000", LEADER, "家具产业园"])
    assert all("张三" in note.reason and note.effect is Effect.NOTE for note in result.problems)
    assert counts(bring(replace(row, amount=Decimal(800000000)))) == (0, 1, 0)
    assert project().amount == Decimal(800000000)


@pytest.mark.parametrize(
    ("corrected", "said", "holds"),
    [
        ((5, Currency.USD), (7, Currency.CNY), (7, Currency.CNY)),
        ((6, Currency.CNY), (5, Currency.USD), (5, Currency.USD)),
        ((6, Currency.USD), (5, Currency.CNY), (6, Currency.USD)),
        ((6, Currency.USD), (7, Currency.CNY), (7, Currency.CNY)),
        ((5, Currency.USD), (5, Currency.CNY), (5, Currency.USD)),
    ],
)
def test_an_amount_and_its_currency_are_one_cell(corrected, said, holds):
    bring(replace(ROW, amount=Decimal(5)))
    with transaction("张三") as session:
        found = session.scalars(select(Project)).one()
        found.amount, found.currency = Decimal(corrected[0]), corrected[1]
    bring(replace(ROW, amount=Decimal(said[0]), currency=said[1]))
    assert (project().amount, project().currency) == holds


def test_what_a_person_filled_in_an_old_file_does_not_empty_again():
    bring(replace(ROW, officer=""))
    with transaction("张三") as session:
        found = session.scalars(select(Project)).one()
        found.officer = Person(name="李四", role=Role.OFFICER, unit_id=found.unit_id)
    result = bring(replace(ROW, officer="", emptied=("officer", "squad")))
    assert counts(result) == (0, 0, 1)
    assert project().officer.name == "李四"
    assert [note.effect for note in result.problems] == [Effect.NOTE]


def test_every_changed_cell_says_in_which_row_of_the_file_it_stood():
    row = replace(ROW, blockers=(PROBLEM,), milestones=(REGISTERED,), progress=("已注册",))
    bring(row)
    with transaction() as session:
        mark = session.scalar(select(func.max(Change.id)))
        told = select(Change.table_name, Change.source).where(Change.actor == "ledger-import").distinct()
        places = dict(session.execute(told).all())
    file, place = "六月台账.xlsx", "六月台账.xlsx · 台账 · row 4"
    whole = {"project", "milestone", "progress", "action_item", "blocker"}
    assert places == dict.fromkeys(whole, place) | dict.fromkeys(("unit", "unit_alias"), f"{file} · 单位") | {
        "person": file,
        "investor": file,
    }
    bring(
        replace(
            row,
            number=9,
            sheet="七月",
            officer="新专员",
            registered_in="广东",
            blockers=(replace(PROBLEM, solution="已调剂"),),
        )
    )
    with transaction() as session:
        later = session.execute(
            select(Change.table_name, Change.source).where(Change.id > mark, Change.table_name != "person")
        )
        assert dict(later.all()) == dict.fromkeys(
            ("project", "action_item", "blocker", "investor"), f"{file} · 台账 · row 9"
        )


def test_progress_is_entered_once_however_often_it_is_reported():
    for text in ("已注册", "已开工", "已注册"):
        bring(replace(ROW, progress=(text,)))
    with transaction() as session:
        told = session.scalars(select(Change.new["text"].astext).where(Change.table_name == "progress")).all()
    assert sorted(told) == ["已开工", "已注册"]


def test_a_new_due_date_moves_visit_and_blocker():
    bring(replace(ROW, blockers=(PROBLEM,)))
    bring(replace(ROW, visit_due_on=date(2013, 8, 1), blockers=(replace(PROBLEM, due_on=date(2013, 8, 2)),)))
    assert [item.due_on for item in items(ItemKind.VISIT)] == [date(2013, 8, 1)]
    assert [item.due_on for item in items(ItemKind.BLOCKER)] == [date(2013, 8, 2)]


def test_a_day_that_one_project_had_before_is_no_old_day_of_another():
    other = replace(ROW, number=5, code="PY-2", name="食品园")
    july, august, september, october = (date(2013, month, 15) for month in (7, 8, 9, 10))
    for first, second in ((july, september), (august, september), (october, july)):
        dated = ((ROW, first), (other, second))
        bring(*(replace(row, visit_due_on=day, blockers=(replace(PROBLEM, due_on=day),)) for row, day in dated))
    assert [item.due_on for item in items(ItemKind.VISIT)] == [october, july]
    assert [item.due_on for item in items(ItemKind.BLOCKER)] == [october, july]


def test_the_date_of_a_visit_that_was_made_does_not_come_back_for_the_next():
    row = replace(ROW, visit_due_on=date(2013, 6, 13))
    bring(row)
    with transaction() as session:
        visit = session.scalars(select(ActionItem)).one()
        assert visit.project
        visit.close(TODAY, ItemResult.DONE)
        session.flush()
        plan_visit(session, visit.project, date(2013, 7, 8), TODAY)
    assert counts(bring(row)) == (0, 0, 1)
    assert [item.due_on for item in items(ItemKind.VISIT)] == [date(2013, 7, 8)]


def test_whoever_takes_over_a_project_takes_over_what_is_owed_on_it():
    bring(replace(ROW, blockers=(PROBLEM,)))
    bring(replace(ROW, officer="南乐县专员", leader="", units="南乐县"))
    (visit,), (blocker,) = items(ItemKind.VISIT), items(ItemKind.BLOCKER)
    assert visit.owner
    assert blocker.owner
    assert visit.leader
    assert (visit.owner.name, visit.unit.name, visit.leader.name) == ("南乐县专员", "南乐县", LEADER)
    assert (blocker.owner.name, blocker.unit.name) == ("南乐县专员", BUREAU)


def test_every_question_about_a_project_the_file_changed_is_overtaken():
    other = replace(ROW, number=5, code="PY-2", name="食品园", blockers=(PROBLEM,))
    bring(replace(ROW, blockers=(PROBLEM,)), other)
    first, second = items(ItemKind.BLOCKER)
    visits = [ask(LIFECYCLE, item.project_id or 0) for item in (first, second)]
    blockers = [ask(RESOLUTION, item.id) for item in (first, second)]
    changed = replace(ROW, blockers=(replace(PROBLEM, due_on=date(2013, 8, 2)),))
    bring(changed, replace(other, progress=("已注册",)))
    assert [is_overtaken(each) for each in (*visits, *blockers)] == [True] * 4


def test_an_unchanged_file_overtakes_no_question():
    bring(ROW)
    waiting = ask(LIFECYCLE, project().id)
    bring(ROW)
    assert not is_overtaken(waiting)


def test_what_a_leader_handed_to_others_stays_with_them_whatever_file_comes():
    row = replace(ROW, blockers=(PROBLEM,))
    bring(row)
    sweep(date(2013, 6, 24))
    (raised,) = items(ItemKind.BLOCKER)
    with transaction() as session:
        lock_project(session, raised.project_id or 0)
        unit = session.scalars(select(Unit).where(Unit.name == "南乐县")).one()
        chief = Person(name="南乐县分包领导", role=Role.LEADER, unit=unit)
        session.add(chief)
        session.flush()
        item = session.get_one(ActionItem, raised.id)
        said = Answer("分管副市长", "请南乐牵头", datetime(2013, 6, 24, 2, tzinfo=UTC), date(2013, 6, 24))
        hand_over(session, item, said, Charge(item.owner, chief, unit))
    assert counts(bring(row, as_of=date(2013, 6, 25))) == (0, 0, 1)
    bring(replace(row, leader="新任分包领导"), as_of=date(2013, 6, 25))
    (handed,) = items(ItemKind.BLOCKER)
    assert in_charge(handed) == (OFFICER, "南乐县分包领导", "南乐县")
    (visit,) = items(ItemKind.VISIT)
    assert in_charge(visit) == (OFFICER, "新任分包领导", COUNTY)


def test_new_numbers_wait_for_a_project_that_is_being_opened_again():
    bring(ROW)
    with transaction("专员") as session:
        end_project(session, lock_project(session, project().id), Stage.LANDED, TODAY, TODAY)
    with ThreadPoolExecutor(1) as hands:
        with transaction("专员") as session:
            corrections.reopen(session, lock_project(session, project().id), TODAY)
            session.flush()
            adopting = hands.submit(change_numbers)
            wait_until_locked()
        adopting.result(timeout=10)


def test_a_dry_run_in_the_same_transaction_lets_no_old_calendar_wind_the_clocks():
    bring(ROW)
    with transaction("督查室") as session:
        numbers = present(session).model_copy(update={"reminder_before": 5})
        would_fire(session, numbers, EVERYTHING, TODAY)
        with transaction("luodi db upgrade") as other:
            keep_items(other)
            other.execute(update(Workday).where(Workday.day == date(2013, 6, 21)).values(is_working=False))
            re_aim(other, [date(2013, 6, 21)])
            set_next_steps(other)
        adopt(session, numbers)


def test_a_date_a_file_moves_ends_the_promise_and_counts_a_hold_from_that_day():
    row = replace(ROW, blockers=(PROBLEM,), visit_due_on=date(2013, 6, 21))
    bring(row)
    sweep(date(2013, 6, 24))
    (blocker,) = items(ItemKind.BLOCKER)
    with transaction() as session:
        project = lock_project(session, blocker.project_id or 0)
        said = Answer("分管副市长", "月底前", datetime(2013, 6, 25, 2, tzinfo=UTC), date(2013, 6, 25))
        promise(session, session.get_one(ActionItem, blocker.id), said, date(2013, 6, 28))
        turn_clock(session, project, Clock.HOLD, "环评公示", "副市长", date(2013, 6, 25))
    later = replace(row, blockers=(replace(PROBLEM, due_on=date(2013, 7, 30)),), visit_due_on=date(2013, 7, 29))
    bring(later, as_of=date(2013, 7, 15))
    (blocker,) = items(ItemKind.BLOCKER)
    assert (blocker.promised_on, blocker.entry_step, blocker.is_paused) == (None, None, True)
    with transaction() as session:
        project = lock_project(session, blocker.project_id or 0)
        turn_clock(session, project, Clock.RESUME, "公示结束", "副市长", date(2013, 7, 17))
    due = [item.due_on for kind in (ItemKind.BLOCKER, ItemKind.VISIT) for item in items(kind)]
    assert due == [date(2013, 8, 1), date(2013, 7, 31)]  # each two working days later: the 15th and 16th


def test_new_numbers_wait_for_a_file_that_is_under_way():
    bring(ROW)
    with ThreadPoolExecutor(1) as hands:
        with transaction("ledger-import") as session:
            ledger_import._import(session, file_of(replace(ROW, number=5, code="PY-2", name="食品园")), TODAY)
            session.flush()
            adopting = hands.submit(change_numbers)
            wait_until_locked()
        adopting.result(timeout=10)
    # that both projects are wound by the new numbers is audited when the ledger is closed


def test_a_file_waits_for_a_form_that_names_a_delegate_of_a_leader_it_names_too():
    def people(channel: str) -> tuple[PersonRow, ...]:
        return (PersonRow(2, LEADER, Role.LEADER, COUNTY, (channel,)),)

    bring(ROW, people=people("inbox"))
    with ThreadPoolExecutor() as pool:
        with transaction("张三") as session:
            found = lock_project(session, project().id)
            work = pool.submit(bring, ROW, people=people("webhook"))
            wait_until_locked()
            delegate(found, found.officer, first_on=TODAY, last_on=TODAY)
        assert counts(work.result()) == (0, 0, 1)
    assert (project().leader.channels, project().leader.delegate_from) == (["webhook"], TODAY)


def test_new_numbers_wait_for_whoever_moves_a_clock():
    bring(ROW)
    with ThreadPoolExecutor(1) as hands:
        with transaction("专员") as session:
            found = lock_project(session, project().id)
            adopting = hands.submit(change_numbers)
            wait_until_locked()
            plan = FoundBlocker(BlockerCategory.LAND, BUREAU, "用地指标未落实", "", date(2013, 7, 1))
            open_blocker(session, found, plan, TODAY)
        adopting.result(timeout=10)
