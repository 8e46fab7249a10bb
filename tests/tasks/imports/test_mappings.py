"""What each column is taken for is named; what a person says of it is remembered for its header."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from models.office_files.columns import EXTRA
from models.office_files.rows import Effect, LedgerFile, UsedColumn
from models.words import Currency
from support.ledgers.sheets import write
from tasks.files import Folder, folder
from tasks.imports import inbox, mappings
from tasks.imports.columns_shown import COLUMNS_SHOWN, columns_page
from tasks.imports.errors import MissingColumns, NoHeader, UnknownField
from tasks.imports.inbox import Arrival, ImportSettings, take_in
from tasks.imports.reader import read_ledger

pytestmark = pytest.mark.usefixtures("in_english")

HEAD = ["序号", "工程", "责任单位", "协议资金（万元）", "签约日期", "备注"]
ROW = [1, "家具园", "清丰县", 5000, date(2013, 3, 1), "重点"]
MAPPING = {"工程": "name", "协议资金（万元）": "amount"}


def read(tmp_path: Path, *rows: Sequence[object], **given: object) -> LedgerFile:
    return read_ledger(write(tmp_path / "台账.xlsx", {"台账": rows}), **given)


def taken_for(file: LedgerFile) -> dict[str, str]:
    return {column.header: f"{column.field} {column.unit}".strip() for column in file.columns}


def test_every_column_is_named_with_what_it_was_taken_for(tmp_path):
    file = read(tmp_path, HEAD, ROW, mapping=MAPPING)
    assert taken_for(file) == {
        "序号": "",
        "工程": "name",
        "责任单位": "units",
        "协议资金（万元）": "amount 万元",
        "签约日期": "signed_on",
        "备注": "extra",
    }
    remarks = {column.header: column.remark for column in file.columns}
    assert remarks["备注"] == "not known: kept as it is"
    assert remarks["工程"] == "as was chosen for it"


def test_sheets_with_the_same_header_are_named_once(tmp_path):
    other = [2, "食品园", "南乐县", 1, date(2013, 3, 1), ""]
    path = write(tmp_path / "台账.xlsx", {"清丰县": [HEAD, ROW], "南乐县": [HEAD, other]})
    file = read_ledger(path, mapping=MAPPING)
    assert {column.sheets for column in file.columns} == {"清丰县, 南乐县"}
    assert len(file.columns) == len(HEAD)


@pytest.mark.parametrize("head", [("责任人", "联络员"), ("联络员", "责任人")])
def test_of_two_columns_for_one_field_the_more_usual_is_read_and_the_other_named(tmp_path, head):
    names = dict(zip(head, ("甲", "乙"), strict=True))
    file = read(tmp_path, [*HEAD, *head], [*ROW, *names.values()], mapping=MAPPING)
    (row,) = file.rows
    assert (row.officer, row.extra["联络员"]) == (names["责任人"], names["联络员"])
    (remark,) = (column.remark for column in file.columns if column.header == "联络员")
    assert "“责任人” in column" in remark


@pytest.mark.parametrize(
    ("header", "field"),
    [
        *(("客商名称", "investor"), ("客商", "investor"), ("联络员", "officer"), ("联络人", "officer")),
        *(("存在问题", "problem"), ("问题", "problem"), ("存在问题及困难", "problem"), ("解决措施", "solution")),
        *(("工作措施", "solution"), ("完成时限", "due_on"), ("办结时限", "due_on"), ("形象进度", "progress")),
    ],
)
def test_headers_of_real_ledgers_are_known(tmp_path, header, field):
    assert taken_for(read(tmp_path, [*HEAD, header], [*ROW, ""], mapping=MAPPING))[header] == field


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        ("amount 亿元", (Decimal(500_000_000_000), Currency.CNY)),
        ("amount 万美元", (Decimal(50_000_000), Currency.USD)),
        ("amount", (Decimal(50_000_000), Currency.CNY)),
    ],
)
def test_a_mapping_may_give_the_unit_of_amounts(tmp_path, value, amount):
    (row,) = read(tmp_path, HEAD, ROW, mapping=MAPPING | {"协议资金（万元）": value}).rows
    assert (row.amount, row.currency) == amount


@pytest.mark.parametrize("value", ["amount 斤", "name 万元", "extra 万元", "sum", ""])
def test_a_mapping_to_no_field_or_no_unit_is_refused(tmp_path, value):
    with pytest.raises(UnknownField):
        read(tmp_path, HEAD, ROW, mapping=MAPPING | {"工程": value})


def test_headers_that_differ_only_in_their_unit_are_mapped_apart(tmp_path):
    head = [*HEAD[:3], "总投资（万元）", "签约日期", "总投资（亿元）"]
    mapping = {"工程": "name", "总投资（万元）": "extra", "总投资（亿元）": "amount"}
    (row,) = read(tmp_path, head, [*ROW[:5], 2], mapping=mapping).rows
    assert (row.amount, row.extra) == (Decimal(200_000_000), {"总投资（万元）": 5000})


def test_a_file_that_is_refused_shows_its_columns(tmp_path):
    with pytest.raises(MissingColumns) as refused:
        read(tmp_path, HEAD, ROW)
    assert [column.header for column in refused.value.columns] == HEAD
    with pytest.raises(NoHeader) as refused:
        read(tmp_path, ["名录"], ["工程", "地方", "金额"], ["家具园", "清丰县", 5000])
    assert [column.header for column in refused.value.columns] == ["工程", "地方", "金额"]


# -- what is remembered


@pytest.fixture
def take(ledger: str, monkeypatch, tmp_path):
    """Import a workbook of these rows; returns whether nothing was wrong with it."""
    monkeypatch.setenv("LUODI_HOME", str(tmp_path / "home"))
    for name in ("show_import", "show_columns"):
        monkeypatch.setattr(inbox, name, lambda *_shown: None)

    def import_(*rows: Sequence[object], mapping: Mapping[str, str] | None = None, dry_run: bool = False) -> str:
        units = [["名称"], ["清丰县"], ["南乐县"]]
        path = write(folder(Folder.INBOX) / "台账.xlsx", {"台账": rows, "单位": units})
        settings = ImportSettings("", dict(mapping or {}), dry_run, clear_empty=False, day=date(2013, 6, 9))
        return take_in(Arrival(path), settings, str(uuid4())).message

    return import_


FOOD = [2, "食品园", "南乐县", 12000, date(2013, 4, 15), ""]


def test_a_mapping_is_remembered_for_files_of_the_same_header(take, tmp_path):
    take(HEAD, ROW, mapping=MAPPING)
    assert "1 of 1 rows are in" in take(HEAD, FOOD)
    file = read(tmp_path, HEAD, FOOD, remembered=mappings.remembered())
    (note,) = file.problems
    assert note.effect is Effect.NOTE
    assert "台账.xlsx" in note.reason
    assert "工程 → name" in note.reason
    assert {column.remark for column in file.columns if column.field == "name"} == {"as you said of an earlier file"}


@pytest.mark.parametrize(
    "head",
    [[*HEAD[:3], "协议资金（亿元）", *HEAD[4:]], [*HEAD, "客商"], [HEAD[0], HEAD[2], HEAD[1], *HEAD[3:]]],
    ids=["another unit", "one column more", "another order"],
)
def test_a_mapping_holds_for_no_other_header(take, tmp_path, head):
    take(HEAD, ROW, mapping=MAPPING)
    with pytest.raises(MissingColumns):
        read(tmp_path, head, [*FOOD, ""], remembered=mappings.remembered())


def test_a_dry_run_or_a_refused_file_leaves_nothing_to_remember(take):
    take(HEAD, ROW, mapping=MAPPING, dry_run=True)
    take(HEAD, ROW, mapping={"工程": "name", "备注": "nothing"})
    assert mappings.listed() == []


def test_a_mapping_that_is_given_counts_more_than_the_one_remembered_and_replaces_it(take, tmp_path):
    take(HEAD, ROW, mapping=MAPPING)
    take(HEAD, ROW, mapping=MAPPING | {"备注": "progress"})
    (known,) = mappings.listed()
    assert known.mapping == MAPPING | {"备注": "progress"}
    (row,) = read(tmp_path, HEAD, ROW, remembered=mappings.remembered()).rows
    assert row.progress == ("重点",)


def test_a_forgotten_mapping_is_used_no_more(take):
    take(HEAD, ROW, mapping=MAPPING)
    (known,) = mappings.listed()
    mappings.forget(known.digest)
    assert "missing are" in take(HEAD, FOOD)


def test_a_header_without_one_known_name_is_found_by_what_is_remembered(take):
    head, row = ["工程", "地方", "金额", "日子"], ["家具园", "清丰县", 5000, date(2013, 3, 1)]
    mapping = {"工程": "name", "地方": "units", "金额": "amount 万元", "日子": "signed_on"}
    take(head, row, mapping=mapping)
    assert "1 of 1 rows are in" in take(["六月"], head, ["食品园", "南乐县", 12000, date(2013, 4, 15)])


def test_a_hostile_header_is_remembered_as_the_text_it_is(take):
    head = [*HEAD, "<script>alert(1)</script>\u202e", "长" * 500]
    take(head, [*ROW, "甲", "乙"], mapping=MAPPING)
    (known,) = mappings.listed()
    assert max(map(len, known.headers)) <= 200


def test_of_more_columns_than_are_shown_every_one_that_is_only_kept_is_named():
    read = [UsedColumn(f"{n}县", "A", "项目名称", "name", "", "name", "") for n in range(COLUMNS_SHOWN)]
    kept = [UsedColumn("末县", "B", f"批文{n}号", EXTRA, "", EXTRA, "") for n in range(30)]
    page = "\n".join(columns_page([*read, *kept]))
    assert [column.header for column in kept if column.header not in page] == []
    assert page.endswith("… and 30 more.")
