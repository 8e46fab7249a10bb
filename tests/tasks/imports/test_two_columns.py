"""Two columns for one field: what only the second one says is named, row by row."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from models.office_files.rows import Effect, LedgerFile
from support.ledgers.sheets import write
from tasks.imports.reader import read_ledger

pytestmark = pytest.mark.usefixtures("in_english")

HEAD = ["编号", "项目名称", "责任单位", "总投资（万元）", "签约日期"]
FURNITURE = ["PY-1", "家具园", "清丰县", 5000, "2013-03-01"]
FOOD = ["PY-2", "食品园", "南乐县", 12000, "2013-04-15"]


def read(tmp_path: Path, *rows: Sequence[object], mapping: dict[str, str] | None = None) -> LedgerFile:
    return read_ledger(write(tmp_path / "台账.xlsx", {"台账": rows}), mapping=mapping)


def named(file: LedgerFile) -> list[tuple[int, str, str]]:
    return [(problem.row, problem.column, problem.value) for problem in file.problems if problem.is_fault]


@pytest.mark.parametrize(
    ("first", "second", "none", "value"),
    [
        ("存在问题", "需协调解决的问题", "无", "土地指标没批"),
        ("存在问题", "需协调解决的问题", "", "缺电"),
        ("本月进展", "形象进度", "", "主体封顶"),
        ("责任人", "联络员", "待定", "张三"),
    ],
)
def test_what_only_the_second_column_of_a_field_says_is_named(tmp_path, first, second, none, value):
    file = read(tmp_path, [*HEAD, first, second], [*FURNITURE, none, value], [*FOOD, value, "另一句"])
    assert named(file) == [(2, second, value)]
    assert {problem.effect for problem in file.problems if problem.is_fault} == {Effect.CELL_LEFT_OUT}
    notes = [(problem.row, problem.value) for problem in file.problems if not problem.is_fault]
    assert notes == [(3, "另一句")] * (first == "存在问题")  # a problem of which nothing is opened
    assert file.rows[0].extra[second] == value


def test_an_amount_that_only_the_second_column_holds_is_named_with_the_row(tmp_path):
    head = [*HEAD[:4], "合同金额（亿元）", "签约日期"]
    file = read(tmp_path, head, [*FURNITURE[:3], "", 1.2, "2013-03-01"])
    assert named(file) == [(2, "合同金额（亿元）", "1.2")]


@pytest.mark.parametrize(
    ("first", "second", "is_named"),
    [
        ("正常", "停工", True),
        ("推进中", "已终止", True),
        ("正常推进", "已投产", True),
        ("停工", "停工", False),
        ("推进中", "正常推进", False),
        ("推进中", "", False),
    ],
)
def test_a_second_column_of_stages_that_says_something_else_is_named(tmp_path, first, second, is_named):
    file = read(tmp_path, [*HEAD, "项目状态", "建设阶段"], [*FURNITURE, first, second])
    assert [row for row, column, _value in named(file) if column == "建设阶段"] == [2] * is_named


def test_a_second_column_that_says_nothing_is_not_named(tmp_path):
    rows = [[*FURNITURE, "", "无"], [*FOOD, "缺电", "缺水"]]
    assert named(read(tmp_path, [*HEAD, "存在问题", "需协调解决的问题"], *rows)) == []


def test_a_second_column_that_a_person_only_keeps_is_not_named(tmp_path):
    file = read(
        tmp_path,
        [*HEAD, "存在问题", "需协调解决的问题"],
        [*FURNITURE, "无", "缺电"],
        mapping={"需协调解决的问题": "extra"},
    )
    assert named(file) == []
