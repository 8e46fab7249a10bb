"""What a ledger file does to the ledger: once, again, corrected, wrong, and next to what people entered meanwhile."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, update

from models.escalation.action_item import ActionItem
from models.escalation.calendar import Workday
from models.escalation.policy import EVERYTHING
from models.escalation.question import Ask
from models.ledger.facts import FoundBlocker
from models.ledger.history import Change
from models.ledger.organisation import Person, Unit
from models.ledger.project import Investor, Project
from models.office_files.rows import BlockerCells, Effect, LedgerFile, LedgerRow, MilestoneCells, PersonRow, UnitRow
from models.words import (
    BlockerCategory,
    Clock,
    Currency,
    Exit,
    ItemKind,
    ItemResult,
    MilestoneKind,
    Role,
    Sector,
    Stage,
    Step,
    UnitKind,
    VisitOutcome,
)
from support.waiting import wait_until_locked
from tasks.database import transaction
from tasks.escalation.answers import Answer, Charge, close, hand_over, instruct, promise
from tasks.escalation.policy import adopt, present, would_fire
from tasks.escalation.sweep import sweep
from tasks.imports.entering import import_file as ledger_import
from tasks.imports.entering.import_file import ImportResult, import_ledger
from tasks.imports.entering.people_and_units import with_unit
from tasks.items import corrections
from tasks.items.assignments import Absence, delegate, turn_clock
from tasks.items.blockers import extend, open_blocker, resolve_blocker
from tasks.items.facts import end_project
from tasks.items.next_steps import keep_items, set_next_step, set_next_steps
from tasks.items.next_visit import plan_visit
from tasks.ledger.locks import lock_project
from tasks.ledger.questions import LIFECYCLE, RESOLUTION

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

TODAY = date(2013, 6, 9)
"""A Sunday, and a working day; the three days after it are off."""
COUNTY, BUREAU = "清丰县", "市国土资源局"
OFFICER, LEADER = "清丰县招商局专员", "清丰县分包领导"
ROW = LedgerRow(
    number=4,
    code="PY-1",
    name="家具产业园",
    investor="闽兴家居有限公司",
    registered_in="福建泉州",
    sector=Sector.FURNITURE,
    units=COUNTY,
    amount=Decimal(500000000),
    currency=Currency.CNY,
    signed_on=date(2013, 3, 1),
    officer=OFFICER,
    leader=LEADER,
)
REGISTERED = MilestoneCells(MilestoneKind.REGISTERED, None, date(2013, 4, 1), "营业执照")
STARTED = MilestoneCells(MilestoneKind.CONSTRUCTION_STARTED, None, date(2013, 5, 2), "施工许可证")
PROBLEM = BlockerCells("用地指标未落实", BlockerCategory.LAND, "市国土局", "统筹调剂", date(2013, 6, 20))
HEADERS = {"claim": "项目状态", "units": "责任单位", "recipient": "解决单位", "problem": "存在的主要问题"}


def file_of(*rows: LedgerRow, **more: Any) -> LedgerFile:
    """A file with these rows, and the county and a bureau on its sheet of units."""
    units = (
        UnitRow(2, COUNTY, UnitKind.COUNTY, is_kind_given=True),
        UnitRow(3, "南乐县", UnitKind.COUNTY, is_kind_given=True),
        UnitRow(4, BUREAU, UnitKind.BUREAU, is_kind_given=True, aliases=("市国土局",)),
    )
    rows = tuple(replace(row, sheet="台账") for row in sorted(rows, key=lambda row: row.number))
    parts = {"headers": {"台账": HEADERS}, "rows": rows, "row_count": len(rows), "units": units} | more
    return LedgerFile("六月台账.xlsx", **parts)


def bring(*rows: LedgerRow, as_of: date = TODAY, **more: Any) -> ImportResult:
    """Import a file with these rows."""
    return import_ledger(file_of(*rows, **more), as_of)


def counts(result: ImportResult) -> tuple[int, int, int]:
    """New, changed and unchanged projects."""
    return result.new, result.changed, result.unchanged


def project(code: str = "PY-1") -> Project:
    """A project with all that hangs on it."""
    with transaction() as session:
        found = session.scalars(select(Project).where(Project.code == code)).one()
        _loaded = found.investor, found.unit, found.co_units, found.officer, found.leader, found.squad, found.milestones
        return found


def items(kind: ItemKind, *, is_open: bool = True) -> list[ActionItem]:
    """What is owed, or was, oldest first."""
    with transaction() as session:
        asked = select(ActionItem).where(ActionItem.kind == kind, ActionItem.closed_on.is_(None) == is_open)
        found = list(session.scalars(asked.order_by(ActionItem.id)))
        for item in found:
            _loaded = item.blocker and item.blocker.recipient_unit, item.owner, item.leader, item.unit, item.milestone
        return found


def history() -> int:
    """How much history there is."""
    with transaction() as session:
        return session.scalars(select(func.count()).select_from(Change)).one()


def ask(flow: str, subject_id: int) -> uuid.UUID:
    """A question that waits on the subject; returns its number."""
    with transaction() as session:
        waiting = Ask(form_no="1", flow=flow, subject_id=subject_id, is_standing=True, schema_sent={}, brief="")
        session.add(waiting)
        session.flush()
        return waiting.id


def is_overtaken(ask_id: uuid.UUID) -> bool:
    """Whether the question is out of date."""
    with transaction() as session:
        return session.get_one(Ask, ask_id).overtaken_at is not None


def test_a_new_project_enters_with_its_people_and_investor():
    assert counts(bring(ROW)) == (1, 0, 0)
    entered = project()
    assert (entered.name, entered.amount, entered.currency) == ("家具产业园", Decimal(500000000), Currency.CNY)
    assert (entered.sector, entered.stage, entered.signed_on) == (Sector.FURNITURE, Stage.SIGNED, date(2013, 3, 1))
    assert entered.investor
    assert (entered.investor.name, entered.investor.registered_in) == (
        "闽兴家居有限公司",
        "福建泉州",
    )
    for person, name, role in ((entered.officer, OFFICER, Role.OFFICER), (entered.leader, LEADER, Role.LEADER)):
        assert person
        assert (person.name, person.role, person.unit_id) == (name, role, entered.unit_id)


def test_the_first_visit_is_due_ten_working_days_after_the_project_came_in():
    bring(ROW)
    (visit,) = items(ItemKind.VISIT)
    assert (visit.opened_on, visit.due_on) == (date(2013, 3, 1), date(2013, 6, 26))
    assert visit.owner
    assert visit.leader
    assert (visit.owner.name, visit.leader.name) == (OFFICER, LEADER)
    assert (visit.next_step, visit.next_fires_on) == (Step.REMINDER_BEFORE, date(2013, 6, 21))


def test_a_due_date_in_the_file_holds_for_the_visit_also_when_it_is_over():
    bring(replace(ROW, visit_due_on=date(2013, 5, 31)))
    assert [visit.due_on for visit in items(ItemKind.VISIT)] == [date(2013, 5, 31)]


def test_what_was_due_before_there_was_a_calendar_can_be_owed_on():
    bring(replace(ROW, signed_on=date(1980, 1, 1), visit_due_on=date(1981, 1, 1)))
    (visit,) = items(ItemKind.VISIT)
    with transaction() as session:
        set_next_step(session, session.get_one(ActionItem, visit.id))
    (after,) = items(ItemKind.VISIT)
    assert after.next_fires_on == visit.next_fires_on


def test_a_planned_milestone_is_owed_and_a_reached_one_is_not():
    plan = MilestoneCells(MilestoneKind.COMPLETED, date(2013, 12, 31))
    bring(replace(ROW, milestones=(REGISTERED, plan)))
    (item,) = items(ItemKind.MILESTONE)
    assert item.milestone
    assert (item.milestone.kind, item.due_on) == (MilestoneKind.COMPLETED, date(2013, 12, 31))
    assert [each.kind for each in project().milestones if each.is_proven] == [MilestoneKind.REGISTERED]


def test_a_problem_becomes_a_blocker_of_the_unit_that_can_solve_it():
    bring(replace(ROW, blockers=(PROBLEM,)))
    (item,) = items(ItemKind.BLOCKER)
    assert item.blocker
    assert item.owner
    assert (item.blocker.description, item.blocker.category) == ("用地指标未落实", BlockerCategory.LAND)
    assert (item.blocker.recipient_unit.name, item.unit.name, item.owner.name) == (BUREAU, BUREAU, OFFICER)
    assert (item.opened_on, item.due_on, item.blocker.proposed_solution) == (TODAY, date(2013, 6, 20), "统筹调剂")


def test_a_problem_without_unit_category_or_date_falls_to_the_responsible_unit_within_fifteen_working_days():
    bring(replace(ROW, blockers=(BlockerCells("道路不通"),)))
    (item,) = items(ItemKind.BLOCKER)
    assert item.blocker
    assert (item.blocker.recipient_unit.name, item.blocker.category) == (COUNTY, BlockerCategory.OTHER)
    assert item.due_on == date(2013, 7, 3)


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


def test_the_problems_of_a_row_are_numbered_as_they_stand():
    told = [replace(PROBLEM, description=f"问题{n}") for n in range(9, 0, -1)]
    bring(replace(ROW, blockers=tuple(told)))
    assert [item.blocker.description for item in items(ItemKind.BLOCKER)] == [each.description for each in told]


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


def test_a_landing_that_was_taken_back_is_not_believed_again_from_the_same_file():
    row = replace(ROW, claim=VisitOutcome.LANDED, claim_cell="已落地", milestones=(REGISTERED, STARTED))
    bring(row)
    assert project().stage is Stage.LANDED
    with transaction("张三") as session:
        corrections.reopen(session, lock_project(session, project().id), TODAY)
    result = bring(row)
    assert counts(result) == (0, 0, 1)
    assert project().stage is Stage.FOLLOW_UP
    assert [(note.value, note.effect) for note in result.problems] == [("已落地", Effect.NOTE)]


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


@pytest.mark.parametrize(
    ("row", "is_like"),
    [
        ({"name": "龙都家具产业园", "investor": ""}, False),
        ({"name": "龙都家具产业园"}, True),
        ({"name": "家具产业园区", "investor": "别的公司"}, True),
        ({"name": "家具产业园二期"}, False),
        ({"name": "家具产业园", "investor": "别的公司"}, True),
        ({"name": "化工厂"}, False),
    ],
)
def test_a_new_project_much_like_a_known_one_is_noted(row, is_like):
    bring(ROW)
    result = bring(replace(ROW, **{"code": "", "signed_on": date(2013, 4, 1)} | row))
    assert counts(result) == (1, 0, 0)
    assert [(note.suggestion, note.effect) for note in result.problems] == [("PY-1", Effect.NOTE)] * is_like


def test_a_new_project_whose_namesake_another_unit_has_is_noted():
    bring(ROW)
    result = bring(
        replace(ROW, code="PY-2", units="南乐县"), replace(ROW, number=5, name="化工厂", units="南乐县", code="")
    )
    assert counts(result) == (2, 0, 0)
    assert [(note.row, note.suggestion, note.effect) for note in result.problems] == [(4, "PY-1", Effect.NOTE)]


def test_a_project_luodi_numbered_gets_its_offices_code_once_a_file_has_one():
    bring(replace(ROW, code=""))
    result = bring(replace(ROW, amount=Decimal(7)))
    assert (counts(result), project("PY-1").amount) == ((0, 1, 0), Decimal(7))
    assert [(note.effect, "LD-2013-001" in note.reason) for note in result.problems] == [(Effect.NOTE, True)]
    with transaction() as session:
        cell = select(Change.old, Change.new, Change.source).where(Change.column_name == "code")
        assert session.execute(cell).all() == [("LD-2013-001", "PY-1", "六月台账.xlsx · 台账 · row 4")]
    again = bring(replace(ROW, amount=Decimal(7)))
    assert (counts(again), again.problems) == ((0, 0, 1), ())
    exported_before = bring(replace(ROW, code="LD-2013-001", amount=Decimal(7)))
    assert (counts(exported_before), project("PY-1").amount) == ((0, 0, 1), Decimal(7))


def test_two_codes_for_one_name_are_two_projects():
    first, second = replace(ROW, code=""), replace(ROW, number=5, code="PY-2")
    bring(first)
    assert counts(bring(replace(ROW, code="LD-2013-001"), second)) == (1, 0, 1)
    assert counts(bring(replace(ROW, code="PY-3"), replace(second, code="PY-4"))) == (1, 1, 0)
    assert counts(bring(replace(ROW, code="PY-3"), second, replace(ROW, number=6, code="PY-4"))) == (0, 0, 3)


def test_progress_is_entered_once_however_often_it_is_reported():
    for text in ("已注册", "已开工", "已注册"):
        bring(replace(ROW, progress=(text,)))
    with transaction() as session:
        told = session.scalars(select(Change.new["text"].astext).where(Change.table_name == "progress")).all()
    assert sorted(told) == ["已开工", "已注册"]


def test_several_units_are_one_responsible_and_others_beside_it():
    bring(replace(ROW, units="清丰县、\n市国土局"))
    assert (project().unit.name, [unit.name for unit in project().co_units]) == (COUNTY, [BUREAU])
    bring(replace(ROW, units="清丰县；南乐县"))
    assert [unit.name for unit in project().co_units] == ["南乐县"]


def test_a_cell_that_names_fewer_units_takes_the_others_away():
    def others() -> list[str]:
        return [unit.name for unit in project().co_units]

    bring(replace(ROW, units=f"{COUNTY}、南乐县、市国土局"))
    assert counts(bring(replace(ROW, units=""))) == (0, 0, 1)
    assert len(others()) == 2
    assert counts(bring(replace(ROW, units=f"{COUNTY}、南乐县"))) == (0, 1, 0)
    assert others() == ["南乐县"]
    assert counts(bring(replace(ROW, units="南乐县"))) == (0, 1, 0)
    assert (project().unit.name, others()) == ("南乐县", [])
    assert counts(bring(replace(ROW, units="南乐县"))) == (0, 0, 1)


def test_a_project_that_was_moved_to_a_unit_beside_it_is_with_that_one_only_once():
    bring(replace(ROW, units=f"{COUNTY}、{BUREAU}"))
    with transaction("张三") as session:
        found = session.scalars(select(Project)).one()
        master = replace(corrections.master_of(found), unit="南乐县")
        corrections.correct(session, found, master, TODAY)
    bring(replace(ROW, units=f"{COUNTY}、南乐县"))
    assert (project().unit.name, [unit.name for unit in project().co_units]) == ("南乐县", [BUREAU])


def test_an_unknown_unit_is_reported_with_the_known_ones_and_the_others_go_in():
    result = bring(replace(ROW, units="濮上县"), replace(ROW, number=5, code="PY-2"))
    (problem,) = result.problems
    assert (problem.row, problem.column, problem.value, problem.effect) == (
        4,
        "责任单位",
        "濮上县",
        Effect.ROW_LEFT_OUT,
    )
    assert COUNTY in problem.reason
    assert BUREAU in problem.reason
    assert (counts(result), result.rows_left_out) == ((1, 0, 0), 1)


def test_an_unknown_recipient_leaves_the_problem_with_the_responsible_unit():
    result = bring(replace(ROW, blockers=(replace(PROBLEM, recipient="市土地局"),)))
    assert [(problem.column, problem.effect) for problem in result.problems] == [("解决单位", Effect.CELL_LEFT_OUT)]
    (item,) = items(ItemKind.BLOCKER)
    assert item.unit.name == COUNTY


def test_an_alias_belongs_to_one_unit():
    units = (
        UnitRow(2, COUNTY, UnitKind.COUNTY, is_kind_given=True, aliases=("县政府",)),
        UnitRow(3, "南乐县", UnitKind.COUNTY, is_kind_given=True, aliases=("县政府",)),
    )
    result = bring(replace(ROW, units="县政府"), units=units)
    assert [(problem.sheet, problem.row, problem.value) for problem in result.problems] == [("单位", 3, "县政府")]
    assert project().unit.name == COUNTY


def test_a_person_of_the_city_serves_every_county_and_one_of_a_county_only_theirs():
    people = (PersonRow(2, "张三", Role.LEADER, BUREAU), PersonRow(3, "李四", Role.LEADER, "南乐县"))
    bring(replace(ROW, leader="张三"), replace(ROW, number=5, code="PY-2", leader="李四"), people=people)
    with transaction() as session:
        homes = session.execute(select(Person.name, Unit.name).join(Unit, Person.unit_id == Unit.id)).all()
    assert sorted(homes) == sorted([("张三", BUREAU), ("李四", "南乐县"), ("李四", COUNTY), (OFFICER, COUNTY)])


def test_a_project_proven_by_its_milestones_lands_and_owes_nothing():
    bring(replace(ROW, blockers=(PROBLEM,), milestones=(MilestoneCells(MilestoneKind.COMPLETED, TODAY),)))
    result = bring(replace(ROW, claim=VisitOutcome.LANDED, milestones=(REGISTERED, STARTED)))
    assert (counts(result), result.problems) == ((0, 1, 0), ())
    assert (project().stage, project().ended_on) == (Stage.LANDED, date(2013, 5, 2))
    for kind in (ItemKind.VISIT, ItemKind.BLOCKER, ItemKind.MILESTONE):
        (item,) = items(kind, is_open=False)
        assert (item.result, item.closed_on, items(kind)) == (ItemResult.PROJECT_ENDED, TODAY, [])


@pytest.mark.parametrize(
    "milestones", [(), (REGISTERED,), (REGISTERED, replace(STARTED, evidence=""))], ids=["none", "one", "unproven"]
)
def test_landed_without_date_and_evidence_stays_open_and_says_what_is_missing(milestones):
    result = bring(replace(ROW, claim=VisitOutcome.LANDED, claim_cell="已落地", milestones=milestones))
    (problem,) = result.problems
    assert (problem.column, problem.value, problem.effect) == ("项目状态", "已落地", Effect.CELL_LEFT_OUT)
    assert "Construction started" in problem.reason
    assert (project().stage, len(items(ItemKind.VISIT))) == (Stage.SIGNED, 1)


def test_a_project_landed_on_the_day_its_corrected_milestones_say():
    row = replace(ROW, claim=VisitOutcome.LANDED, claim_cell="已落地", milestones=(REGISTERED, STARTED))
    bring(row)
    later = replace(row, milestones=(REGISTERED, replace(STARTED, done_on=date(2013, 5, 20))))
    assert counts(bring(later)) == (0, 1, 0)
    assert (project().stage, project().ended_on) == (Stage.LANDED, date(2013, 5, 20))
    assert counts(bring(later)) == (0, 0, 1)


def test_an_end_needs_its_reason():
    bring(ROW)
    claim = replace(ROW, claim=VisitOutcome.LOST, ended_on=date(2013, 6, 3))
    assert [problem.column for problem in bring(claim).problems] == ["项目状态"]
    assert bring(replace(claim, exit_reason="投资方撤资")).problems == ()
    ended = project()
    assert (ended.stage, ended.exit, ended.exit_reason) == (Stage.EXITED, Exit.LOST, "投资方撤资")
    assert (ended.ended_on, items(ItemKind.VISIT)) == (date(2013, 6, 3), [])


def test_a_corrected_file_corrects_how_a_project_ended_and_an_old_one_does_not():
    row = replace(ROW, claim=VisitOutcome.TERMINATED, claim_cell="终止", exit_reason="资金", ended_on=date(2013, 5, 1))
    bring(row)
    right = replace(row, claim=VisitOutcome.LOST, exit_reason="资金不到位", ended_on=date(2013, 5, 2))
    assert (counts(bring(right)), counts(bring(right))) == ((0, 1, 0), (0, 0, 1))
    found = project()
    assert (found.exit, found.exit_reason, found.ended_on) == (Exit.LOST, "资金不到位", date(2013, 5, 2))
    assert counts(bring(LedgerRow(number=4, code="PY-1", claim=VisitOutcome.LOST))) == (0, 0, 1)
    with transaction("张三") as session:
        session.scalars(select(Project)).one().exit_reason = "投资方撤资"
    result = bring(right)
    assert (counts(result), project().exit_reason) == ((0, 0, 1), "投资方撤资")
    assert [(note.value, note.effect, "张三" in note.reason) for note in result.problems] == [
        ("资金不到位", Effect.NOTE, True)
    ]
    assert counts(bring(replace(right, exit_reason="另有项目"))) == (0, 1, 0)


def test_an_ended_project_stays_ended_and_its_problems_are_only_noted():
    landed = replace(ROW, claim=VisitOutcome.LANDED, milestones=(REGISTERED, STARTED))
    bring(landed)
    assert bring(landed).problems == ()
    terminated = replace(ROW, claim=VisitOutcome.TERMINATED, exit_reason="解约", blockers=(PROBLEM,))
    result = bring(terminated)
    assert [(problem.column, problem.effect) for problem in result.problems] == [
        ("项目状态", Effect.CELL_LEFT_OUT),
        ("存在的主要问题", Effect.NOTE),
    ]
    assert (project().stage, items(ItemKind.BLOCKER), len(result.faults)) == (Stage.LANDED, [], 1)


def test_a_milestone_reached_closes_what_was_owed_on_it():
    bring(replace(ROW, milestones=(MilestoneCells(MilestoneKind.REGISTERED, date(2013, 7, 1)),)))
    bring(replace(ROW, milestones=(REGISTERED,)))
    (item,) = items(ItemKind.MILESTONE, is_open=False)
    assert (item.result, item.closed_on, items(ItemKind.MILESTONE)) == (ItemResult.DONE, TODAY, [])


def test_a_plan_that_moves_takes_its_due_date_along():
    for day in (date(2013, 7, 1), date(2013, 8, 1)):
        bring(replace(ROW, milestones=(MilestoneCells(MilestoneKind.REGISTERED, day),)))
    assert [item.due_on for item in items(ItemKind.MILESTONE)] == [date(2013, 8, 1)]


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


def test_an_old_file_takes_no_extension_back():
    bring(replace(ROW, blockers=(PROBLEM,)))
    with transaction() as session:
        blocker = session.scalars(select(ActionItem).where(ActionItem.kind == ItemKind.BLOCKER)).one()
        extend(session, blocker, date(2013, 7, 31), "等待批复", "副县长", TODAY)
    assert counts(bring(replace(ROW, blockers=(PROBLEM,)))) == (0, 0, 1)
    assert [item.due_on for item in items(ItemKind.BLOCKER)] == [date(2013, 7, 31)]


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


def test_a_resolved_problem_is_not_opened_again_by_the_same_words():
    bring(replace(ROW, blockers=(PROBLEM,)))
    with transaction() as session:
        blocker = session.scalars(select(ActionItem).where(ActionItem.kind == ItemKind.BLOCKER)).one()
        resolve_blocker(session, blocker, "已落实", "国土局", TODAY)
    result = bring(replace(ROW, blockers=(PROBLEM,)))
    assert (items(ItemKind.BLOCKER), result.faults) == ([], ())
    assert [(note.column, note.effect) for note in result.problems] == [("存在的主要问题", Effect.NOTE)]
    bring(replace(ROW, blockers=(replace(PROBLEM, description="二期用地指标未落实"),)))
    assert len(items(ItemKind.BLOCKER)) == 1


def test_a_problem_told_again_with_more_detail_is_the_same_blocker():
    bring(replace(ROW, blockers=(BlockerCells("用地指标未落实"),)))
    assert counts(bring(replace(ROW, blockers=(PROBLEM,)))) == (0, 1, 0)
    (item,) = items(ItemKind.BLOCKER)
    assert item.blocker
    assert (item.blocker.category, item.blocker.proposed_solution) == (BlockerCategory.LAND, "统筹调剂")
    assert (item.unit.name, item.due_on) == (BUREAU, date(2013, 6, 20))


def test_whoever_takes_over_a_project_takes_over_what_is_owed_on_it():
    bring(replace(ROW, blockers=(PROBLEM,)))
    bring(replace(ROW, officer="南乐县专员", leader="", units="南乐县"))
    (visit,), (blocker,) = items(ItemKind.VISIT), items(ItemKind.BLOCKER)
    assert visit.owner
    assert blocker.owner
    assert visit.leader
    assert (visit.owner.name, visit.unit.name, visit.leader.name) == ("南乐县专员", "南乐县", LEADER)
    assert (blocker.owner.name, blocker.unit.name) == ("南乐县专员", BUREAU)


def test_two_rows_of_one_project_are_one_and_the_later_wins_where_it_says_something():
    later = LedgerRow(number=9, code="PY-1", name="家具产业园二期", blockers=(PROBLEM,), progress=("已开工",))
    result = bring(later, replace(ROW, progress=("已注册",)))
    assert counts(result) == (1, 0, 0)
    assert (project().name, project().amount, len(items(ItemKind.BLOCKER))) == ("家具产业园二期", Decimal(500000000), 1)
    assert [(note.row, note.effect) for note in result.problems] == [(9, Effect.NOTE)]


def test_without_a_code_name_investor_and_unit_tell_the_project_and_luodi_numbers_it():
    rows = [
        replace(ROW, code="", number=number, name=name, signed_on=date(year, 3, 1))
        for number, name, year in ((4, "甲", 2012), (5, "乙", 2013), (6, "丙", 2013))
    ]
    assert counts(bring(*rows)) == (3, 0, 0)
    assert [project(code).name for code in ("LD-2012-001", "LD-2013-001", "LD-2013-002")] == ["甲", "乙", "丙"]
    assert counts(bring(*rows, replace(rows[2], number=7, name="丁"))) == (1, 0, 3)
    assert project("LD-2013-003").name == "丁"


def test_numbers_go_on_after_those_an_exported_ledger_brought_along():
    bring(replace(ROW, code="LD-2013-007"), replace(ROW, number=5, code="", name="食品园"))
    assert project("LD-2013-008").name == "食品园"


def test_counties_that_number_from_one_do_not_write_into_each_others_projects():
    bring(replace(ROW, code="1"))
    result = bring(replace(ROW, code="1", name="食品园", units="南乐县"))
    assert [(problem.row, problem.value, problem.effect) for problem in result.problems] == [
        (4, "1", Effect.ROW_LEFT_OUT)
    ]
    assert (project("1").name, project("1").unit.name) == ("家具产业园", COUNTY)


def test_a_row_that_could_be_several_projects_is_left_out():
    bring(ROW, replace(ROW, number=5, code="PY-2"))
    result = bring(replace(ROW, code=""))
    (problem,) = result.problems
    assert problem.effect is Effect.ROW_LEFT_OUT
    assert "PY-1, PY-2" in problem.reason


def test_the_same_name_with_another_investor_is_another_project():
    bring(ROW)
    assert counts(bring(replace(ROW, code="", investor="晋源家居有限公司"))) == (1, 0, 0)
    assert counts(bring(replace(ROW, code="", investor="", number=5, name="食品园"))) == (1, 0, 0)
    assert counts(bring(replace(ROW, code="", number=5, name="食品园"))) == (0, 1, 0)


def test_a_new_project_must_say_what_it_is_and_every_empty_cell_is_named():
    result = bring(LedgerRow(number=4, code="PY-9", units=COUNTY), LedgerRow(number=5, name="无名", units=COUNTY))
    assert sorted((problem.row, problem.effect) for problem in result.problems) == [
        (4, Effect.ROW_LEFT_OUT),
        (4, Effect.ROW_LEFT_OUT),
        (4, Effect.ROW_LEFT_OUT),
        (5, Effect.ROW_LEFT_OUT),
        (5, Effect.ROW_LEFT_OUT),
    ]
    assert (counts(result), result.rows_left_out, result.cells_left_out) == ((0, 0, 0), 2, 0)


def test_what_is_still_to_come_is_no_fact():
    early = replace(ROW, milestones=(replace(REGISTERED, done_on=date(2013, 6, 10)),))
    result = bring(early, replace(ROW, number=5, code="PY-2", signed_on=date(2013, 6, 10)))
    assert [(problem.row, problem.effect) for problem in result.problems] == [
        (4, Effect.CELL_LEFT_OUT),
        (5, Effect.ROW_LEFT_OUT),
    ]
    assert not any(each.done_on for each in project().milestones)


def test_everything_wrong_with_a_row_is_told_at_once():
    late = replace(REGISTERED, done_on=date(2013, 6, 10))
    blocker = replace(PROBLEM, recipient="无名局")
    result = bring(replace(ROW, units="无名县", signed_on=date(2013, 6, 10), milestones=(late,), blockers=(blocker,)))
    assert sorted(problem.value for problem in result.problems) == ["2013-06-10", "2013-06-10", "无名县", "无名局"]
    assert {problem.effect for problem in result.problems} == {Effect.ROW_LEFT_OUT}
    assert (result.rows_left_out, result.cells_left_out) == (1, 0)


def test_a_plan_out_of_reach_is_taken_for_a_slip():
    result = bring(replace(ROW, visit_due_on=date(2031, 6, 9)))
    assert (len(result.faults), items(ItemKind.VISIT)[0].due_on) == (1, date(2013, 6, 26))


def test_a_dry_run_tells_and_leaves_nothing():
    before = history()
    result = import_ledger(file_of(ROW), TODAY, dry_run=True)
    assert (counts(result), result.is_dry_run, history()) == ((1, 0, 0), True, before)


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


def test_the_same_file_from_two_sides_at_once_enters_once():
    rows = [replace(ROW, code="", number=number, name=f"项目{number}") for number in range(4, 34)]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _side: bring(*rows), range(2)))
    assert sorted(counts(result) for result in results) == [(0, 0, 30), (30, 0, 0)]
    assert len(items(ItemKind.VISIT)) == 30


def test_what_the_inspection_office_has_is_verified_once_a_file_says_it_is_reached():
    plan = MilestoneCells(MilestoneKind.REGISTERED, date(2013, 6, 3))
    bring(replace(ROW, milestones=(plan,)))
    sweep(date(2013, 6, 17))  # five working days and more after the plan
    reached = replace(plan, done_on=date(2013, 6, 14), evidence="营业执照")
    bring(replace(ROW, milestones=(reached,)), as_of=date(2013, 6, 17))
    (done,) = items(ItemKind.MILESTONE, is_open=False)
    (verification,) = items(ItemKind.VERIFY)
    assert (verification.verifies_id, verification.due_on) == (done.id, date(2013, 6, 24))
    assert counts(bring(replace(ROW, milestones=(reached,)), as_of=date(2013, 6, 17))) == (0, 0, 1)
    assert len(items(ItemKind.VERIFY)) == 1


def test_a_plan_moved_by_a_file_starts_a_new_round_once_the_leader_has_heard():
    plan = MilestoneCells(MilestoneKind.REGISTERED, date(2013, 6, 6))
    bring(replace(ROW, milestones=(plan,)))
    sweep(date(2013, 6, 8))
    (raised,) = items(ItemKind.MILESTONE)
    assert (raised.fired_step, raised.round) == (Step.LEADER, 1)
    bring(replace(ROW, milestones=(replace(plan, planned_on=date(2013, 7, 15)),)))
    (moved,) = items(ItemKind.MILESTONE)
    assert (moved.fired_step, moved.round, moved.next_step) == (None, 2, Step.REMINDER_BEFORE)
    assert moved.next_fires_on == date(2013, 7, 10)


def test_a_person_is_told_by_the_channels_a_file_names():
    people = (PersonRow(2, LEADER, Role.LEADER, COUNTY, ("leader-system", "robot")),)
    bring(ROW, people=people)
    for again in (people, (PersonRow(2, LEADER, Role.LEADER, COUNTY),)):  # an empty cell says nothing
        bring(ROW, people=again)
        leader = project().leader
        assert leader
        assert leader.channels == ["leader-system", "robot"]


def in_charge(item: ActionItem) -> tuple[str | None, str | None, str]:
    """Officer, leader and unit of an item."""
    return item.owner and item.owner.name, item.leader and item.leader.name, item.unit.name


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


def test_a_unit_that_one_file_got_wrong_another_puts_right():
    for recipient in (BUREAU, "南乐县", BUREAU):
        bring(replace(ROW, blockers=(replace(PROBLEM, recipient=recipient),)))
        (blocker,) = items(ItemKind.BLOCKER)
        assert blocker.unit.name == recipient


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
            set_next_steps(other)
        adopt(session, numbers)


def test_a_plan_whose_item_the_office_has_closed_is_not_owed_again_by_the_same_file():
    plan = MilestoneCells(MilestoneKind.REGISTERED, date(2013, 6, 13))
    row = replace(ROW, milestones=(plan,))
    bring(row)
    sweep(date(2013, 6, 28))
    (owed,) = items(ItemKind.MILESTONE)
    with transaction() as session:
        lock_project(session, owed.project_id or 0)
        item = session.get_one(ActionItem, owed.id)
        for decide, day in ((instruct, (date(2013, 7, 15),)), (close, ())):
            decide(session, item, Answer("督查室", "已说明", datetime.now(UTC), date(2013, 7, 1)), *day)
    assert counts(bring(row, as_of=date(2013, 7, 18))) == (0, 0, 1)
    assert items(ItemKind.MILESTONE) == []
    bring(replace(ROW, milestones=(replace(plan, planned_on=date(2013, 8, 1)),)), as_of=date(2013, 7, 18))
    assert [item.due_on for item in items(ItemKind.MILESTONE)] == [date(2013, 8, 1)]


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


def change_numbers() -> None:
    with transaction("督查室") as session:
        adopt(session, present(session).model_copy(update={"reminder_before": 5}))


def test_a_file_waits_for_a_form_that_names_a_delegate_of_a_leader_it_names_too():
    def people(channel: str) -> tuple[PersonRow, ...]:
        return (PersonRow(2, LEADER, Role.LEADER, COUNTY, (channel,)),)

    bring(ROW, people=people("inbox"))
    with ThreadPoolExecutor() as pool:
        with transaction("张三") as session:
            found = lock_project(session, project().id)
            work = pool.submit(bring, ROW, people=people("webhook"))
            wait_until_locked()
            delegate(found, Absence(found.officer, TODAY, TODAY))
        assert counts(work.result()) == (0, 0, 1)
    assert (project().leader.channels, project().leader.delegate_from) == (["webhook"], TODAY)


@pytest.mark.parametrize("is_first", [True, False])
def test_an_investor_who_is_new_to_a_form_and_to_a_file_is_entered_once(is_first):
    bring(ROW)
    with ThreadPoolExecutor() as pool:
        with transaction("张三") as session:
            found = lock_project(session, project().id)
            master = replace(corrections.master_of(found), investor="晋源家居有限公司")
            if is_first:
                corrections.correct(session, found, master, TODAY)
            row = replace(ROW, investor=master.investor, registered_in="山西")
            work = pool.submit(bring, replace(row, code="PY-2", name="食品园") if is_first else row)
            wait_until_locked()
            if not is_first:
                corrections.correct(session, found, master, TODAY)
        assert counts(work.result())[2] == 0
    assert (project().investor.name, project().investor.registered_in) == ("晋源家居有限公司", "山西")


def test_a_form_waits_for_a_file_that_enters_the_investor_it_names():
    bring(ROW)
    with ThreadPoolExecutor() as pool:
        with transaction("ledger-import") as session:
            session.add(Investor(name="晋源家居有限公司"))
            session.flush()

            def answer() -> None:
                with transaction("张三") as other:
                    found = lock_project(other, project().id)
                    master = replace(corrections.master_of(found), investor="晋源家居有限公司")
                    corrections.correct(other, found, master, TODAY)

            work = pool.submit(answer)
            wait_until_locked()
        work.result()
    assert project().investor.name == "晋源家居有限公司"


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


def test_a_person_named_with_their_unit_is_that_units_and_nobody_else():
    people = (
        PersonRow(2, "张三", Role.LEADER, COUNTY),
        PersonRow(3, "张三", Role.LEADER, BUREAU),
        PersonRow(4, "阿里·马", Role.OFFICER, COUNTY),
    )
    rows = (
        replace(ROW, leader=with_unit("市国土局", "张三"), officer="阿里·马"),
        replace(ROW, number=5, code="PY-2", leader="张三", officer=with_unit(BUREAU, "新来的")),
    )
    assert not bring(*rows, people=people).faults
    with transaction() as session:
        projects = session.scalars(select(Project).order_by(Project.code)).all()
        assert [(each.leader.unit.name, each.officer.unit.name, each.officer.name) for each in projects] == [
            (BUREAU, COUNTY, "阿里·马"),
            (COUNTY, BUREAU, "新来的"),
        ]
    assert bring(*rows, people=people).changed == 0


def test_a_units_name_in_quotes_may_hold_separators():
    joint = UnitRow(9, "水务局、城管局联合办", UnitKind.BUREAU, is_kind_given=True)
    file = file_of(replace(ROW, units="“水务局、城管局联合办”、清丰县"))
    assert not import_ledger(replace(file, units=(*file.units, joint)), TODAY).faults
    with transaction() as session:
        project = session.scalars(select(Project)).one()
        assert (project.unit.name, [unit.name for unit in project.co_units]) == (joint.name, [COUNTY])
