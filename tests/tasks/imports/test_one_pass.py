"""All that is wrong with a file is named in one pass, and a person is shown how to mend it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from models.ledger.organisation import Person, Unit, UnitAlias
from models.ledger.project import Project
from models.office_files.names.names import unit_of_sheet
from models.office_files.rows import Effect, Problem
from models.words import Role, UnitKind
from support.ledgers.sheets import write
from tasks.database import transaction
from tasks.imports.entering.import_file import ImportResult, import_ledger
from tasks.imports.errors import MissingColumns, NoHeader
from tasks.imports.reader import read_ledger
from tasks.imports.report import outcome, problem_table, report
from tasks.imports.units import UnitRefused, add_alias, add_unit

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

AS_OF = date(2013, 6, 9)
HEAD = ["编号", "项目名称", "责任单位", "总投资（万元）", "签约日期", "时间节点"]
ROW = ["PY-1", "家具园", "清丰县", 5000, date(2013, 3, 1), ""]
UNITS = [["名称", "类型", "别名"], ["清丰县", "县区", ""], ["市国土资源局", "局委", "市国土局"]]
PEOPLE = [["姓名", "角色", "单位", "通知渠道"], ["李卫东", "分包领导", "清丰县", "oa"]]


def bring(tmp_path: Path, units: Sequence[str] = (), **sheets: Sequence[Sequence[object]]) -> ImportResult:
    file = read_ledger(write(tmp_path / "台账.xlsx", sheets), units=units)
    return import_ledger(file, AS_OF)


def without(*rows: Sequence[object], column: int) -> list[list[object]]:
    return [[cell for index, cell in enumerate(row) if index != column] for row in rows]


# -- one pass


def test_an_unknown_unit_and_an_unreadable_amount_in_one_row_are_named_together(tmp_path):
    result = bring(tmp_path, 台账=[HEAD, [*ROW[:2], "不明县", "很多", date(2014, 1, 1), date(2099, 1, 1)]], 单位=UNITS)
    assert {problem.column for problem in result.faults} == {"责任单位", "总投资（万元）", "签约日期", "时间节点"}
    assert {problem.effect for problem in result.faults} == {Effect.ROW_LEFT_OUT}
    assert result.rows_left_out == 1


@pytest.mark.parametrize("bad", [{2: "不明县"}, {3: "很多"}], ids=["unknown unit", "unreadable amount"])
def test_what_a_row_lacks_is_named_with_what_is_wrong_in_it(tmp_path, bad):
    row = [bad.get(index, cell) for index, cell in enumerate(ROW)]
    row[4] = ""
    result = bring(tmp_path, 台账=[HEAD, row], 单位=UNITS)
    assert {problem.column for problem in result.faults} == {HEAD[next(iter(bad))], "签约日期"}


def test_a_known_project_needs_no_more_than_its_code(tmp_path):
    bring(tmp_path, 台账=[HEAD, ROW], 单位=UNITS)
    result = bring(tmp_path, 台账=[HEAD, ["PY-1", "", "", "很多", "", ""]])
    assert [problem.column for problem in result.faults] == ["总投资（万元）"]


# -- the report


def result_with(*problems: Problem) -> ImportResult:
    return ImportResult("六月.xlsx", ("台账",), 60, 58, 1, 0, problems)


FAULT = Problem("台账", 7, "责任单位", "不明县", "unknown", Effect.ROW_LEFT_OUT)
NOTE = Problem("台账", 1, "", "小计", "a subtotal", Effect.NOTE)


def test_the_table_shows_faults_before_notes_and_equal_faults_as_one_with_their_rows():
    rows = (3, 4, 5, 9)
    table = problem_table(result_with(NOTE, *(replace(FAULT, row=row) for row in rows)))
    assert [line["Row"] for line in table] == ["3–5, 9", 1]
    assert "row 3–5, 9, 责任单位** “不明县”: unknown (4 times)" in report(
        result_with(*(replace(FAULT, row=row) for row in rows))
    )


def test_a_table_that_is_cut_says_how_many_more_there_are():
    table = problem_table(result_with(*(replace(FAULT, value=str(row)) for row in range(1234))))
    assert table[-1]["Reason"] == "… and 234 more."
    assert len(table) == 1001


# -- units


def test_an_unknown_unit_is_linked_to_the_form_that_adds_it(tmp_path, monkeypatch):
    monkeypatch.setenv("LUODI_DESK_URL", "http://desk")
    result = bring(tmp_path, 台账=[HEAD, [*ROW[:2], "不明县[](x)", *ROW[3:]]], 单位=UNITS)
    assert "](http://desk/units/new?name=%E4%B8%8D%E6%98%8E%E5%8E%BF%5B%5D%28x%29)" in report(result)
    assert "单位" in result.faults[0].reason
    assert "类型" in result.faults[0].reason


def test_a_unit_is_added_by_a_form_and_its_rows_go_in_then(tmp_path):
    sheets = {"台账": [HEAD, [*ROW[:2], "不明县", *ROW[3:]]]}
    bring(tmp_path, 单位=UNITS)
    assert bring(tmp_path, **sheets).new == 0
    for _again in range(2):
        add_unit(" 不明县 ", UnitKind.COUNTY, actor="desk")
    assert bring(tmp_path, **sheets).new == 1


def test_a_unit_may_be_another_name_of_a_known_one(tmp_path):
    bring(tmp_path, 单位=UNITS)
    for _again in range(2):
        add_alias("清丰", "清丰县", actor="desk")
    with transaction() as session:
        owner = select(Unit.name).join(UnitAlias, UnitAlias.unit_id == Unit.id).where(UnitAlias.name == "清丰")
        assert session.scalars(owner).one() == "清丰县"


def test_a_name_that_is_taken_is_refused(tmp_path):
    bring(tmp_path, 单位=UNITS)
    with pytest.raises(UnitRefused):
        add_alias("清丰县", "市国土资源局", actor="desk")
    with pytest.raises(UnitRefused):
        add_unit("市国土局", UnitKind.BUREAU, actor="desk")
    with pytest.raises(UnitRefused):
        add_alias("某局", "没有的局", actor="desk")
    with pytest.raises(UnitRefused):
        add_unit("\u200b", UnitKind.BUREAU, actor="desk")


# -- sheets called after units


def test_a_sheet_called_after_a_unit_gives_it_to_its_rows(tmp_path):
    sheets = {"1.清丰县（2个）": without(HEAD, ROW, column=2)}
    result = bring(tmp_path, **sheets, 单位=UNITS)
    assert result.new == 1
    (note,) = result.problems
    assert note.effect is Effect.NOTE
    assert "清丰县" in note.reason
    with transaction() as session:
        assert session.scalars(select(Unit.name).join(Project, Project.unit_id == Unit.id)).one() == "清丰县"


def test_empty_cells_of_such_a_sheet_mean_its_unit_and_filled_ones_what_they_say(tmp_path):
    rows = [HEAD, [*ROW[:2], "", *ROW[3:]], ["PY-2", "食品园", "市国土局", *ROW[3:]]]
    assert bring(tmp_path, 清丰县=rows, 单位=UNITS).new == 2
    with transaction() as session:
        units = select(Project.code, Unit.name).join(Unit, Project.unit_id == Unit.id)
        assert dict(session.execute(units).all()) == {"PY-1": "清丰县", "PY-2": "市国土资源局"}


def test_sheets_called_after_units_are_read_even_if_their_columns_differ(tmp_path):
    other = ["PY-2", "食品园", *ROW[2:]]
    sheets = {"清丰县": without(HEAD, ROW, column=2), "南乐县": [HEAD[1:2] + HEAD[3:], other[1:2] + other[3:]]}
    assert bring(tmp_path, **sheets, 单位=[*UNITS, ["南乐县", *UNITS[1][1:]]]).new == 2


def test_projects_of_one_name_on_sheets_of_two_units_are_two(tmp_path):
    county, other = without(HEAD, ROW, column=2), [HEAD[1:2] + HEAD[3:], ROW[1:2] + ROW[3:]]
    result = bring(tmp_path, 清丰县=county, 南乐县=other, 单位=[*UNITS, ["南乐县", *UNITS[1][1:]]])
    assert result.new == 2
    with transaction() as session:
        units = session.scalars(select(Unit.name).join(Project, Project.unit_id == Unit.id)).all()
    assert sorted(units) == ["南乐县", "清丰县"]


@pytest.mark.parametrize("title", ["台账", "全市各县区", "六月", "汇总区"])
def test_other_sheets_still_need_a_column_of_units(tmp_path, title):
    with pytest.raises(MissingColumns, match="责任单位"):
        bring(tmp_path, **{title: without(HEAD[1:], ROW[1:], column=1)}, 单位=UNITS)


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        *(("清丰县", "清丰县"), ("3、清丰县", "清丰县"), ("清丰县(12)", "清丰县"), ("市商务局", "市商务局")),
        *(("工业园区", "工业园区"), ("市财政局", ""), ("台账", ""), ("各县区", ""), ("全市县区", ""), ("县区", "")),
        *(("重点县区", ""), ("落地县区", ""), ("签约项目县区", "")),
    ],
)
def test_the_unit_that_a_sheet_is_called_after(title, unit):
    assert unit_of_sheet(title, {"市商务局"}) == unit


# -- workbooks without a ledger


@pytest.mark.parametrize("names", [("单位",), ("单位", "人员")])
def test_a_workbook_of_units_or_people_alone_goes_in(tmp_path, names):
    result = bring(tmp_path, **{name: {"单位": UNITS, "人员": PEOPLE}[name] for name in names})
    assert (result.units_changed, result.people_changed) == (2, len(names) - 1)
    assert f"New or changed are 2 units and {len(names) - 1} people." in outcome(result)
    with transaction() as session:
        assert len(session.scalars(select(Unit.id)).all()) == 2
    again = bring(tmp_path, **{name: {"单位": UNITS, "人员": PEOPLE}[name] for name in names})
    assert (again.units_changed, again.people_changed) == (0, 0)


def test_a_workbook_of_squads_alone_goes_in(tmp_path):
    assert bring(tmp_path, 小分队=[["名称"], ["闽东南招商小分队"]]).faults == ()


def test_a_sheet_that_is_not_understood_beside_units_is_still_refused(tmp_path):
    with pytest.raises(NoHeader):
        bring(tmp_path, 单位=UNITS, 六月=[["甲", "乙"], ["家具园", 5000], ["食品园", 1200]])


def test_a_changed_channel_is_reported(tmp_path):
    bring(tmp_path, 单位=UNITS, 人员=PEOPLE)
    result = bring(tmp_path, 人员=[PEOPLE[0], [*PEOPLE[1][:3], "oa、robot"]])
    (note,) = result.problems
    assert (note.sheet, note.row, note.column, note.value, note.effect) == (
        "人员",
        2,
        "通知渠道",
        "oa, robot",
        Effect.NOTE,
    )
    assert "oa" in note.reason
    assert result.people_changed == 1
    with transaction() as session:
        (person,) = session.scalars(select(Person)).all()
        assert (person.role, person.channels) == (Role.LEADER, ["oa", "robot"])
    silent = bring(tmp_path, 人员=[PEOPLE[0], [*PEOPLE[1][:3], ""]])  # an empty cell says nothing
    assert (silent.problems, silent.people_changed) == ((), 0)
