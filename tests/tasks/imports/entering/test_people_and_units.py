"""The units and people of a ledger file: found by any of their names, entered where new."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from models.ledger.organisation import Person, Unit
from models.ledger.project import Project
from models.office_files.rows import Effect, PersonRow, UnitRow
from models.words import (
    ItemKind,
    Role,
    UnitKind,
)
from support.ledgers.file_of_rows import (
    BUREAU,
    COUNTY,
    LEADER,
    OFFICER,
    PROBLEM,
    ROW,
    TODAY,
    bring,
    counts,
    file_of,
    items,
    project,
)
from tasks.database import transaction
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.entering.roster import with_unit
from tasks.items import corrections

pytestmark = pytest.mark.usefixtures("in_english", "ledger")


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


def test_a_person_is_told_by_the_channels_a_file_names():
    people = (PersonRow(2, LEADER, Role.LEADER, COUNTY, ("leader-system", "robot")),)
    bring(ROW, people=people)
    for again in (people, (PersonRow(2, LEADER, Role.LEADER, COUNTY),)):  # an empty cell says nothing
        bring(ROW, people=again)
        leader = project().leader
        assert leader
        assert leader.channels == ["leader-system", "robot"]


def test_the_units_an_inspector_looks_after_come_from_the_sheet_of_people():
    def inspector(*units: str) -> PersonRow:
        return PersonRow(2, "督查一科", Role.INSPECTOR, BUREAU, looks_after=units or None)

    def looked_after() -> list[str]:
        with transaction() as session:
            ids = session.scalars(select(Person.looks_after).where(Person.name == "督查一科")).one()
            return [session.get_one(Unit, unit_id).name for unit_id in ids]

    bring(ROW, people=(inspector(COUNTY, "南乐县"),))
    assert sorted(looked_after()) == sorted([COUNTY, "南乐县"])
    bring(ROW, people=(inspector(),))  # an empty cell says nothing
    assert len(looked_after()) == 2
    result = bring(ROW, people=(inspector("南乐县", "西山县"),))
    assert looked_after() == ["南乐县"]
    assert [(problem.sheet, problem.value) for problem in result.problems] == [("人员", "西山县")]
    result = bring(ROW, people=(inspector("西山县"),))
    assert looked_after() == ["南乐县"]
    bring(ROW, people=(inspector("无"),))
    assert looked_after() == []
    officer = PersonRow(3, OFFICER, Role.OFFICER, COUNTY, looks_after=(COUNTY,))
    result = bring(ROW, people=(officer,))
    assert [(problem.effect, problem.value) for problem in result.problems] == [(Effect.NOTE, COUNTY)]


def test_a_unit_that_one_file_got_wrong_another_puts_right():
    for recipient in (BUREAU, "南乐县", BUREAU):
        bring(replace(ROW, blockers=(replace(PROBLEM, recipient=recipient),)))
        (blocker,) = items(ItemKind.BLOCKER)
        assert blocker.unit.name == recipient


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


def people() -> list[str]:
    with transaction() as session:
        return list(session.scalars(select(Person.name).where(Person.name != OFFICER).order_by(Person.id)))


def leader() -> str:
    found = project().leader
    return found.name if found else ""


@pytest.mark.parametrize("written", ["县长高某", "高某（县长）"])
def test_a_person_whom_the_ledger_has_with_a_post_is_the_same_without(written):
    bring(replace(ROW, leader=written))
    result = bring(replace(ROW, leader="高某"))
    assert (counts(result), result.problems, people()) == ((0, 0, 1), (), [written])
    listed = bring(ROW, people=(PersonRow(2, "高某", Role.LEADER, COUNTY, ("robot",)),))
    assert listed.faults == ()
    assert written in people()
    assert "高某" not in people()


def test_traditional_characters_name_the_same_person():
    bring(replace(ROW, leader="王建国"))
    assert counts(bring(replace(ROW, leader="王建國"))) == (0, 0, 1)
    assert people() == ["王建国"]


@pytest.mark.parametrize("name", ["王建囯", "王健国", "汪建国"])
def test_a_name_easily_mistaken_for_a_known_one_is_named_and_makes_no_new_leader(name):
    bring(replace(ROW, leader="王建国"))
    row = replace(ROW, number=5, code="PY-2", name="食品园", leader=name)
    for expected in ((2, 0, 1), (0, 0, 3)):
        result = bring(replace(ROW, leader=name), row, replace(row, number=6, code="PY-3", name="羽绒城"))
        assert [(fault.row, fault.value, fault.suggestion) for fault in result.faults] == [
            (number, name, "王建国") for number in (4, 5, 6)
        ]
        assert (counts(result), result.rows_left_out, people(), leader()) == (expected, 0, ["王建国"], "王建国")
    assert project("PY-2").leader is None
    listed = bring(replace(ROW, leader=name), people=(PersonRow(2, name, Role.LEADER, COUNTY),))
    assert (listed.problems, leader(), people()) == ((), name, ["王建国", name])


def test_a_name_easily_mistaken_for_one_of_the_citys_is_named():
    bring(ROW, people=(PersonRow(2, "王建国", Role.LEADER, BUREAU),))
    (fault,) = bring(replace(ROW, leader="王健国")).faults
    assert (fault.value, fault.suggestion, leader()) == ("王健国", "王建国", LEADER)


@pytest.mark.parametrize(("known", "name"), [("王强", "王刚"), ("李建国", "赵建军"), ("王建国", "王书敏")])
def test_a_name_like_others_of_its_surname_is_a_new_persons(known, name):
    bring(replace(ROW, leader=known))
    assert (bring(replace(ROW, leader=name)).problems, leader()) == ((), name)


def test_a_name_that_differs_in_a_sign_is_entered_and_noted_once():
    bring(replace(ROW, leader="李建国"))
    row = replace(ROW, leader="李建民")
    result = bring(row, replace(row, number=5, code="PY-2", name="食品园"))
    assert [(note.row, note.effect, note.suggestion) for note in result.problems] == [(4, Effect.NOTE, "李建国")]
    assert leader() == "李建民"
    assert bring(row).problems == ()


def test_two_new_names_of_a_file_that_are_easily_mistaken_are_noted():
    result = bring(replace(ROW, leader="王建国"), replace(ROW, number=5, code="PY-2", name="食品园", leader="王健国"))
    assert [(note.row, note.effect, note.suggestion) for note in result.problems] == [(5, Effect.NOTE, "王建国")]
    assert people() == ["王建国", "王健国"]


def test_a_surname_with_a_post_is_nobody_known_and_noted():
    bring(replace(ROW, leader="王建国"))
    result = bring(replace(ROW, leader="王书记"))
    assert [(note.effect, note.suggestion) for note in result.problems] == [(Effect.NOTE, "王建国")]
    assert (leader(), people()) == ("王书记", ["王建国", "王书记"])
