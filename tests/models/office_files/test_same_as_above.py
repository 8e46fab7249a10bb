"""同上 stands for the cell above it or is named; 待定 is nobody."""

import pytest

from support.ledgers.read_table import named, read_column, read_table, typed_rows

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.mark.parametrize(
    "sign",
    ["同上", "〃", "″", '"', "同前", "同 上", "同上。", "”", "''", "ditto", " 同上\n", "（同上）", "上同", "与上同"],
)
def test_same_as_above_takes_the_cell_above_it_in_any_column(sign):
    lines = read_table(
        ["项目编号", "项目名称", "责任单位", "分包领导", "投资方", "签约日期", "进展情况", "备注"],
        ["PY-1", "甲", "清丰县", "李卫东", "闽兴公司", "2013-03-01", "已注册", "市重点"],
        ["PY-2", "乙", sign, sign, sign, sign, sign, sign],
        ["PY-3", "丙", sign, "孙立", sign, sign, "", ""],
    )
    first, second, third = typed_rows(lines)
    assert named(lines) == []
    assert [row.units for row in (first, second, third)] == ["清丰县"] * 3
    assert [row.leader for row in (first, second, third)] == ["李卫东", "李卫东", "孙立"]
    assert {row.investor for row in (first, second, third)} == {"闽兴公司"}
    assert len({row.signed_on for row in (first, second, third)}) == 1
    assert (second.progress, second.extra) == (("已注册",), {"备注": "市重点"})


def test_same_as_above_is_named_where_nothing_above_it_can_be_meant():
    head = ["项目编号", "项目名称", "责任单位", "分包领导"]
    lines = read_table(
        head,
        ["PY-1", "甲", "清丰县", "同上"],
        ["PY-2", "乙", "清丰县", ""],
        ["PY-3", "丙", "清丰县", "〃"],
        ["PY-4", "丁", "清丰县", "李卫东"],
        ["小计", "", "", ""],
        ["PY-5", "戊", "清丰县", "同上"],
        ["PY-6", "己", "清丰县", "同上"],
    )
    assert named(lines) == [("同上", ""), ("〃", ""), ("同上", ""), ("同上", "")]
    assert all("above" in problem.reason for problem in lines.problems if problem.is_fault)
    assert [row.leader for row in typed_rows(lines)] == ["", "", "", "李卫东", "", ""]


def test_same_as_above_an_unreadable_cell_is_named_with_it():
    lines = read_column("签约日期", "2013-13-13", "同上", "2013-06-09", "同上")
    assert named(lines) == [("2013-13-13", ""), ("同上", "")]
    assert [str(row.signed_on) for row in typed_rows(lines)] == ["2013-06-09", "2013-06-09"]


def test_same_as_above_passes_an_empty_row():
    rows = (
        ["项目编号", "项目名称", "责任单位", "分包领导"],
        ["PY-1", "甲", "清丰县", "李卫东"],
        [],
        ["PY-2", "乙", "清丰县", "同上"],
    )
    assert [row.leader for row in typed_rows(read_table(*rows))] == ["李卫东", "李卫东"]


@pytest.mark.parametrize("header", ["项目编号", "总投资（万元）", "到位资金（万元）"])
def test_a_code_and_an_amount_are_of_one_project_only(header):
    rows = [
        [header, "项目名称", "责任单位", "到位日期"],
        [5000, "甲", "清丰县", "2013-03-01"],
        ["同上", "乙", "清丰县", "同上"],
    ]
    assert named(read_table(*rows)) == [("同上", "")]


@pytest.mark.parametrize("sign", ["同左", "同右", "同下", "同上、李卫东"])
def test_another_place_than_above_is_named(sign):
    assert named(read_column("分包领导", "孙立", sign)) == [(sign, "")]


@pytest.mark.parametrize(
    "header", ["项目分包人员", "分包领导", "招商小分队", "投资方", "解决单位", "责任单位", "招商活动"]
)
@pytest.mark.parametrize(
    "cell",
    [
        "待定",
        "未定",
        "待落实",
        "待明确",
        "暂无",
        "（待定）",
        "待 定",
        "待确定",
        "未明确",
        "暂缺",
        "TBD",
        "N/A",
        "?",
        "暂未确定",
        "待安排",
        "不详",
        "暂定",
        "无人",
        "待确认",
    ],
)
def test_what_is_still_open_is_nobody(header, cell):
    lines = read_table(["项目编号", "项目名称", header, "备注"], ["PY-1", "甲", cell, "记"])
    (row,) = typed_rows(lines)
    assert (row.officer, row.leader, row.squad, row.investor, row.units, row.origin_activity) == ("",) * 6
    assert named(lines) == []


def test_among_people_what_is_still_open_is_nobody():
    lines = read_column("分包领导", "待定、李卫东", "李卫东（待定）、待定", "待定、未定")
    assert [row.leader for row in typed_rows(lines)] == ["李卫东", "李卫东", ""]


def test_no_two_projects_share_the_code_that_is_still_open():
    lines = read_table(["项目编号", "项目名称", "责任单位"], ["待定", "甲", "清丰县"], ["待定", "乙", "清丰县"])
    assert [row.code for row in typed_rows(lines)] == ["", ""]


@pytest.mark.parametrize("header", ["总投资（万元）", "签约日期"])
def test_an_amount_or_a_day_that_is_still_open_is_named(header):
    assert named(read_column(header, "待定")) == [("待定", "")]


def test_names_that_hold_such_words_stay():
    lines = read_column("分包领导", "待秀英", "同心", "无忌")
    assert [row.leader for row in typed_rows(lines)] == ["待秀英", "同心", "无忌"]
