"""Several tables on one sheet: each is read by its own header and in its own unit, or named."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.styles import Font

from models.office_files.rows import Effect, LedgerFile, Problem
from support.ledgers.sheets import write
from tasks.imports import rejects
from tasks.imports.reader import read_ledger

pytestmark = pytest.mark.usefixtures("in_english")

HEAD = ["编号", "项目名称", "责任单位", "责任人", "分包领导", "总投资（万元）", "签约日期"]
FURNITURE = ["PY-1", "家具园", "清丰县", "王建国", "李卫东", 5000, "2013-03-01"]
FOOD = ["PY-2", "食品园", "南乐县", "赵敏", "孙立", 12000, "2013-04-15"]
TURNED = ["编号", "项目名称", "责任单位", "分包领导", "责任人", "总投资（亿元）", "签约日期"]
SOLAR = ["PY-3", "光伏厂", "范县", "周平", "吴刚", 12, "2013-05-20"]


def read(tmp_path: Path, *rows: Sequence[object]) -> LedgerFile:
    return read_ledger(write(tmp_path / "台账.xlsx", {"台账": rows}))


def amounts(file: LedgerFile) -> dict[str, Decimal | None]:
    """The amounts in ten thousand yuan, by name."""
    return {row.name: row.amount / 10000 if row.amount else None for row in file.rows}


def said(file: LedgerFile) -> list[tuple[int, Effect]]:
    return [(problem.row, problem.effect) for problem in file.problems]


def test_a_lower_header_with_other_columns_and_another_unit_begins_a_table_of_its_own(tmp_path):
    file = read(tmp_path, HEAD, FURNITURE, ["合计", "", "", "", "", 5000], TURNED, SOLAR)
    assert amounts(file) == {"家具园": 5000, "光伏厂": 120000}
    assert [(row.officer, row.leader) for row in file.rows] == [("王建国", "李卫东"), ("吴刚", "周平")]
    assert said(file) == [(3, Effect.NOTE), (4, Effect.NOTE)]


@pytest.mark.parametrize("struck", ["A3", "F3"], ids=["the code's", "the amount's"])
def test_a_lower_header_with_a_struck_cell_begins_a_table_too(tmp_path, struck):
    path = write(tmp_path / "台账.xlsx", {"台账": (HEAD, FURNITURE, TURNED, SOLAR)})
    book = load_workbook(path)
    book["台账"][struck].font = Font(strike=True)
    book.save(path)
    assert amounts(read_ledger(path)) == {"家具园": 5000, "光伏厂": 120000}


@pytest.mark.parametrize("gap", [[], [[]]], ids=["close", "a blank row between"])
def test_a_lower_table_has_the_unit_of_its_own_titles(tmp_path, gap):
    head = [*HEAD[:5], "总投资", "签约日期"]
    lower = [["二、外资项目"], ["", "", "", "", "", "单位：亿元"], head, SOLAR]
    file = read(tmp_path, ["单位：万元"], head, FURNITURE, *gap, *lower)
    assert amounts(file) == {"家具园": 5000, "光伏厂": 120000}


def test_a_lower_table_without_a_unit_has_that_above_the_first_one(tmp_path):
    head = [*HEAD[:5], "总投资", "签约日期"]
    file = read(tmp_path, ["单位：万元"], head, FURNITURE, [*head, "备注"], [*FOOD, "重点"])
    assert amounts(file) == {"家具园": 5000, "食品园": 12000}
    assert [row.extra for row in file.rows] == [{}, {"备注": "重点"}]


def test_a_header_that_is_only_repeated_is_skipped(tmp_path):
    file = read(tmp_path, ["单位：万元"], HEAD, FURNITURE, ["单位：万元"], HEAD, FOOD)
    assert amounts(file) == {"家具园": 5000, "食品园": 12000}
    assert said(file) == [(4, Effect.NOTE), (5, Effect.NOTE)]


def test_a_header_repeated_below_another_unit_begins_a_table(tmp_path):
    head = [*HEAD[:5], "总投资", "签约日期"]
    file = read(tmp_path, ["单位：万元"], head, FURNITURE, ["单位：亿元"], head, SOLAR)
    assert amounts(file) == {"家具园": 5000, "光伏厂": 120000}


def test_a_lower_header_in_two_rows_begins_a_table(tmp_path):
    upper = ["编号", "项目", "", "责任单位", "投资", "", "签约日期"]
    lower = ["", "名称", "编号", "", "总额", "亿元", ""]
    row = ["1", "光伏厂", "PY-3", "范县", 12, "", "2013-05-20"]
    file = read(tmp_path, HEAD, FURNITURE, upper, [*lower[:4], "总额（亿元）", "", ""], row)
    assert amounts(file)["光伏厂"] == 120000


def test_a_small_first_table_is_not_lost_above_a_larger_one(tmp_path):
    file = read(tmp_path, HEAD[:6], FURNITURE[:6], [], [*TURNED, "投资方"], [*SOLAR, "光能公司"])
    assert amounts(file) == {"家具园": 5000, "光伏厂": 120000}


def test_a_lower_table_that_may_hold_projects_but_names_none_is_left_out_and_named(tmp_path):
    file = read(tmp_path, HEAD, FURNITURE, ["工程", "责任单位", "总投资（亿元）"], ["光伏厂", "范县", 12])
    assert amounts(file) == {"家具园": 5000}
    assert said(file) == [(3, Effect.TABLE_LEFT_OUT)]
    assert "项目名称" in file.problems[0].reason


UNKNOWN = ["序号", "名称", "企业", "地点", "金额（亿元）", "时间", "人员"]
UNKNOWN_ROW = [1, "光伏厂", "光能公司", "范县", 12, "2013-05-20", "吴刚"]


@pytest.mark.parametrize(
    "header",
    [
        UNKNOWN,
        [*UNKNOWN[1:5], "时间", "人员", "备注"],
        ["号", *UNKNOWN[1:4], "金额", "时间", "人员"],
        [*UNKNOWN[:4], "规模", "日子", "人员"],
        [*UNKNOWN[:4], "时间", "金额（亿元）", "人员"],
    ],
    ids=["with a unit", "with a unit alone", "with words for both", "with a running number", "in another order"],
)
@pytest.mark.parametrize("gap", [[], [[], ["二、意向项目"]]], ids=["close", "below a title"])
def test_a_lower_header_of_unknown_words_begins_a_table_that_is_left_out_and_named(tmp_path, header, gap):
    file = read(tmp_path, HEAD, FURNITURE, FOOD, *gap, header, UNKNOWN_ROW)
    assert amounts(file) == {"家具园": 5000, "食品园": 12000}
    assert [(problem.row, problem.effect) for problem in file.problems if problem.is_fault] == [
        (4 + len(gap), Effect.TABLE_LEFT_OUT)
    ]
    assert "名称" in file.problems[0].reason


@pytest.mark.parametrize(
    "row",
    [
        ["", "食品园", "南乐县", "赵敏", "孙立", "待定", "未签约"],
        ["", "食品园", "南乐县", "赵敏", "孙立", "投资额待定", "时间未定"],
        ["填报单位：", "清丰县", "", "填报时间：", "单位：万元", "", ""],
        ["制表人", "赵敏", "审核人", "孙立", "", "", ""],
    ],
    ids=["nothing known yet", "nothing known yet, in more words", "a signature", "names below the table"],
)
def test_a_row_of_texts_that_names_no_amount_and_no_day_begins_no_table(tmp_path, row):
    file = read(tmp_path, HEAD, FURNITURE, row, [*SOLAR[:5], 12000, SOLAR[6]])
    assert amounts(file)["光伏厂"] == 12000
    assert Effect.TABLE_LEFT_OUT not in [problem.effect for problem in file.problems]


def test_a_lower_header_with_a_number_begins_a_table_too(tmp_path):
    file = read(tmp_path, HEAD, FURNITURE, [1, *TURNED[1:]], SOLAR)
    assert amounts(file) == {"家具园": 5000, "光伏厂": 120000}


def test_a_lower_header_with_an_error_cell_begins_a_table_too(tmp_path):
    file = read(tmp_path, HEAD, FURNITURE, [*TURNED[:5], "#REF!", TURNED[6]], SOLAR)
    assert 12 not in amounts(file).values()


def test_a_lower_table_with_names_but_no_units_is_left_out_and_named(tmp_path):
    file = read(tmp_path, HEAD, FURNITURE, ["序号", "项目名称", "进展情况"], [1, "光伏厂", "在建"])
    assert amounts(file) == {"家具园": 5000}
    assert said(file) == [(3, Effect.TABLE_LEFT_OUT)]


def test_a_summary_with_the_number_of_projects_is_no_table_of_projects(tmp_path):
    file = read(tmp_path, HEAD, FURNITURE, ["地区", "项目个数", "总额（亿元）"], ["清丰县", 1, 0.5])
    assert amounts(file) == {"家具园": 5000}
    assert not [problem for problem in file.problems if problem.effect is Effect.TABLE_LEFT_OUT]


@pytest.mark.parametrize("is_above", [False, True])
def test_a_summary_by_county_is_no_table_of_projects(tmp_path, is_above):
    summary = [["县区", "项目个数", "总投资（亿元）"], ["清丰县", 1, 0.5], ["合计", 1, 0.5]]
    ledger = [HEAD, FURNITURE]
    file = read(tmp_path, *(summary + ledger if is_above else ledger + summary))
    assert amounts(file) == {"家具园": 5000}
    assert [problem.effect for problem in file.problems] == [Effect.NOTE]


def test_a_project_with_nothing_but_a_name_and_a_unit_is_no_title_of_the_table_below(tmp_path):
    file = read(tmp_path, HEAD, FURNITURE, ["", "食品园", "南乐县"], TURNED, SOLAR)
    assert amounts(file).keys() == {"家具园", "食品园", "光伏厂"}


def test_a_title_in_the_columns_of_name_and_unit_is_one_if_it_gives_the_unit_of_amounts(tmp_path):
    head = [*HEAD[:5], "总投资", "签约日期"]
    file = read(tmp_path, ["单位：万元"], head, FURNITURE, ["", "外资项目", "单位：亿元"], head, SOLAR)
    assert amounts(file) == {"家具园": 5000, "光伏厂": 120000}


def test_a_table_beside_another_is_named(tmp_path):
    file = read(tmp_path, [*HEAD, "", "项目名称", "责任单位", "责任人"], [*FURNITURE, "", "光伏厂", "范县", "吴刚"])
    assert amounts(file) == {"家具园": 5000}
    (problem,) = file.problems
    assert (problem.row, problem.column_number, problem.effect) == (1, 9, Effect.TABLE_LEFT_OUT)


@pytest.mark.parametrize(
    "row",
    [
        ["责任单位：", "清丰县", "责任人：", "王建国"],
        ["PY-9", "项目", "清丰县", "责任人", "分包领导", 1, "2013-05-20"],
        ["", "签约项目", "清丰县", "", "", "", ""],
    ],
    ids=["a signature", "odd names", "one word"],
)
def test_rows_that_hold_words_of_headers_begin_no_table(tmp_path, row):
    file = read(tmp_path, HEAD, FURNITURE, row, FOOD)
    assert {"家具园", "食品园"} <= amounts(file).keys()
    assert not [problem for problem in file.problems if "table" in problem.reason]


def test_a_bad_cell_of_a_lower_table_is_marked_below_its_own_header(tmp_path, monkeypatch):
    monkeypatch.setattr(rejects, "LARGEST_KEPT", 0)  # header and bad rows are written anew
    source = write(tmp_path / "台账.xlsx", {"台账": [HEAD, FURNITURE, TURNED, [*SOLAR[:5], "很多", SOLAR[6]]]})
    file = read_ledger(source)
    (fault,) = (problem for problem in file.problems if problem.is_fault)
    assert (fault.row, fault.column) == (4, "总投资（亿元）")
    target = tmp_path / "rejects.xlsx"
    assert rejects.write_rejects(source, file, [fault], target)
    rows = [[cell for cell in row if cell] for row in load_workbook(target)["台账"].values]
    assert rows == [HEAD, TURNED, [*SOLAR[:5], "很多", SOLAR[6]]]


def test_problems_name_the_header_of_their_row_s_table(tmp_path):
    file = read(tmp_path, HEAD, FURNITURE, [*TURNED[:3], "责任领导", *TURNED[4:]], SOLAR)
    problem: Problem = file.problem(file.rows[1], "leader", "", "", Effect.NOTE)
    assert problem.column == "责任领导"
    assert file.problem(file.rows[0], "leader", "", "", Effect.NOTE).column == "分包领导"


def test_no_row_is_lost_above_a_lower_row_that_repeats_half_of_a_header_in_two_rows(tmp_path):
    upper = ["项目名称", "签约日期", "责任单位", "投资情况", "", "联络员"]
    again = [*upper[:3], "总投资（万元）", "到位资金", "联络员"]
    rows = [[name, "2013-03-01", "清丰县", 5000, 100, "王建国"] for name in ("家具园", "食品园")]
    path = write(tmp_path / "台账.xlsx", {"台账": [upper, ["", "", "", *again[3:5], ""], rows[0], again, rows[1]]})
    book = load_workbook(path)
    for area in ("D1:E1", "A1:A2", "B1:B2", "C1:C2", "F1:F2"):
        book["台账"].merge_cells(area)
    book.save(path)
    assert amounts(read_ledger(path)) == {"家具园": 5000, "食品园": 5000}


def test_what_counts_projects_in_a_summary_is_nobodys_name(tmp_path):
    file = read(tmp_path, ["县区", "项目", "总投资（亿元）"], ["清丰县", 3, 5], ["南乐县", "12", 7])
    assert file.rows == ()
    assert [(row, effect) for row, effect in said(file) if effect is not Effect.NOTE] == [
        (2, Effect.ROW_LEFT_OUT),
        (3, Effect.ROW_LEFT_OUT),
    ]
