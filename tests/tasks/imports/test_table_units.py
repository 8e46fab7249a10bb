"""In what unit a table's amounts are read if several places name one: by the nearest, or named."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from models.office_files.rows import Effect, LedgerFile
from models.office_files.sheets.mapping import GivenMapping
from support.ledgers.sheets import write
from tasks.imports.reader import read_ledger

pytestmark = pytest.mark.usefixtures("in_english")

HEAD = ["编号", "项目名称", "责任单位", "责任人", "总投资（万元）", "签约日期"]
BARE = [*HEAD[:4], "总投资", "签约日期"]
FURNITURE = ["PY-1", "家具园", "清丰县", "王建国", 5000, "2013-03-01"]
FOOD = ["PY-2", "食品园", "南乐县", "赵敏", 1.2, "2013-04-15"]
SOLAR = ["PY-3", "光伏厂", "范县", "周平", 1.5, "2013-05-20"]


def book(tmp_path: Path, *rows: Sequence[object], merged: Sequence[str] = ()) -> Path:
    path = write(tmp_path / "台账.xlsx", {"台账": rows})
    if merged:
        workbook = load_workbook(path)
        for area in merged:
            workbook["台账"].merge_cells(area)
        workbook.save(path)
    return path


def amounts(file: LedgerFile) -> dict[str, Decimal | None]:
    """The amounts in ten thousand yuan, by name."""
    return {row.name: row.amount / 10000 if row.amount else None for row in file.rows}


def refused(file: LedgerFile) -> list[tuple[int, str]]:
    return [(problem.row, problem.column) for problem in file.problems if problem.is_fault]


@pytest.mark.parametrize("title", [[], [["单位：亿元"]]], ids=["no title", "another unit above"])
def test_a_unit_in_the_upper_row_of_a_header_is_that_of_the_columns_below(tmp_path, title):
    upper = ["编号", "项目名称", "责任单位", "投资额（万元）", "", "签约日期"]
    lower = ["", "", "", "总投资", "到位资金", ""]
    first = len(title) + 1
    file = read_ledger(
        book(
            tmp_path,
            *title,
            upper,
            lower,
            [*FURNITURE[:3], 5000, 300, "2013-03-01"],
            merged=[f"D{first}:E{first}"],
        )
    )
    assert amounts(file) == {"家具园": 5000}
    assert [(used.header, used.unit) for used in file.columns if used.field == "amount"] == [("总投资", "万元")]


@pytest.mark.parametrize(
    "section",
    [
        ["市级项目（单位：亿元）"],
        ["二、市级项目", "", "", "", "单位：亿元"],
        ["市级项目", "", "", "", "亿元"],
        ["", "市级项目", "单位：亿元"],
        ["", "", "", "", "总投资（亿元）"],
    ],
    ids=["in one cell", "above the amounts", "a unit alone", "in the columns of name and unit", "as the header"],
)
def test_amounts_below_a_section_in_another_unit_than_the_header_are_named(tmp_path, section):
    file = read_ledger(book(tmp_path, HEAD, FURNITURE, section, FOOD, [*SOLAR[:4], "1.5亿元", SOLAR[5]]))
    assert amounts(file) == {"家具园": 5000, "光伏厂": 15000}
    assert refused(file) == [(4, "总投资（万元）")]
    (fault,) = (problem for problem in file.problems if problem.is_fault)
    assert fault.suggestion == "1.2亿元"


def test_amounts_below_a_section_in_the_header_s_own_unit_are_read(tmp_path):
    file = read_ledger(book(tmp_path, HEAD, FURNITURE, ["市级项目（单位：万元）"], [*FOOD[:4], 12000, FOOD[5]]))
    assert amounts(file) == {"家具园": 5000, "食品园": 12000}
    assert refused(file) == []


@pytest.mark.parametrize(("figure", "suggestion"), [("￥1.2", "¥1.2亿元"), ("$1.2", "")])
def test_a_sign_of_money_in_such_a_section_does_not_say_the_unit(tmp_path, figure, suggestion):
    file = read_ledger(book(tmp_path, HEAD, FURNITURE, ["市级项目（单位：亿元）"], [*FOOD[:4], figure, FOOD[5]]))
    assert amounts(file) == {"家具园": 5000}
    assert [(problem.row, problem.suggestion) for problem in file.problems if problem.is_fault] == [(4, suggestion)]


def test_a_section_with_the_unit_of_one_of_several_columns_contradicts_none(tmp_path):
    head = [*HEAD, "到位资金（万美元）", "资金到位日期"]
    rows = [
        [*FURNITURE, 10, "2013-04-01"],
        ["二、市级项目（单位：万元）"],
        [*FOOD[:4], 12000, FOOD[5], 20, "2013-05-01"],
    ]
    file = read_ledger(book(tmp_path, head, *rows))
    assert amounts(file) == {"家具园": 5000, "食品园": 12000}
    assert refused(file) == []


def test_a_title_in_another_unit_than_every_header_is_named(tmp_path):
    file = read_ledger(book(tmp_path, ["单位：亿元"], HEAD, FURNITURE))
    assert amounts(file) == {"家具园": 5000}
    (note,) = file.problems
    assert (note.row, note.effect) == (2, Effect.NOTE)
    assert "亿元" in note.reason


def test_a_title_in_the_unit_of_one_header_is_not_worth_a_word(tmp_path):
    head = [*HEAD, "到位资金（万美元）", "资金到位日期"]
    assert read_ledger(book(tmp_path, ["单位：万元"], head, [*FURNITURE, 10, "2013-04-01"])).problems == ()


def test_a_lower_table_with_another_header_of_amounts_does_not_take_the_unit_above_the_first(tmp_path):
    lower = ["编号", "项目名称", "责任单位", "投资额", "签约日期"]
    file = read_ledger(
        book(tmp_path, ["单位：亿元"], BARE, FOOD, [], ["意向项目"], lower, [*FURNITURE[:3], *FURNITURE[4:]])
    )
    assert amounts(file) == {"食品园": 12000}
    assert refused(file) == [(7, "投资额")]


def test_a_mapped_unit_that_contradicts_the_one_above_the_table_is_named(tmp_path):
    head = [*HEAD[:4], "钱", "签约日期"]
    lower = [[], ["单位：亿元"], [*head, "备注"], FOOD]
    file = read_ledger(book(tmp_path, head, FURNITURE, *lower), mapping={"钱": "amount 万元"})
    assert amounts(file) == {"家具园": 5000}
    assert refused(file) == [(6, "钱")]
    file = read_ledger(book(tmp_path, ["单位：亿元"], head, FOOD), mapping={"钱": "amount 万元"})
    assert refused(file) == [(3, "钱")]
    file = read_ledger(book(tmp_path, ["单位：亿元"], head, FOOD), mapping={"钱": "amount"})
    assert amounts(file) == {"食品园": 12000}


def test_a_mapped_unit_in_another_currency_than_the_table_s_contradicts_nothing(tmp_path):
    head = [*HEAD, "外资", "资金到位日期"]
    mapping = {"外资": "paid_in.amount 万美元"}
    file = read_ledger(book(tmp_path, ["单位：万元"], head, [*FURNITURE, 10, "2013-04-01"]), mapping=mapping)
    assert refused(file) == []
    assert [entry.amount for row in file.rows for entry in row.capital] == [100000]


def test_a_mapped_unit_that_a_header_itself_named_is_not_that_of_a_header_with_another(tmp_path):
    heads = [[*HEAD[:4], text, "签约日期"] for text in ("钱（万元）", "钱（亿元）")]
    rows = [heads[0], FURNITURE, [], [*heads[1], "备注"], FOOD]
    file = read_ledger(book(tmp_path, *rows), mapping={"钱（万元）": "amount 万元"})
    assert amounts(file) == {"家具园": 5000, "食品园": 12000}


def test_a_mapped_unit_given_without_the_header_s_own_is_named_where_they_differ(tmp_path):
    head = [*HEAD[:4], "钱（亿元）", "签约日期"]
    file = read_ledger(book(tmp_path, head, FOOD), mapping={"钱": "amount 万元"})
    assert refused(file) == [(2, "钱（亿元）")]
    file = read_ledger(book(tmp_path, head, FURNITURE), mapping={"钱（亿元）": "amount 万元"})
    assert amounts(file) == {"家具园": 5000}  # the person saw what the header says


@pytest.mark.parametrize("remark", ["注：单位：亿元", "单位：亿元"])
def test_a_remembered_unit_is_not_taken_for_a_table_that_names_another_below(tmp_path, remark):
    head = [*HEAD[:4], "钱", "签约日期"]
    may = read_ledger(book(tmp_path, head, FURNITURE), mapping={"钱": "amount 万元"})
    remembered = {header.digest: GivenMapping(header.mapping, "五月.xlsx", "2013-05-31") for header in may.mapped}
    june = read_ledger(book(tmp_path, head, FOOD, [remark]), remembered=remembered)
    assert amounts(june) == {"食品园": None} or refused(june)
    assert 1.2 not in amounts(june).values()
