"""What cells show, what is struck through, and what is merged, in whole ledgers."""

import zipfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from models.ledger.organisation import Unit
from models.office_files.rows import Effect
from support.ledgers.ods import write_ods
from support.ledgers.pages import PLAIN, Page
from tasks.database import transaction
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.reader import read_ledger

pytestmark = pytest.mark.usefixtures("in_english")

HEADER = ("项目编号", "项目名称", "责任单位", "总投资（万元）", "签约日期", "分包领导")
DAY = date(2013, 3, 1)
ROWS = (("PY-1", "家具园", "清丰县", 5000, DAY, "李卫东"), ("PY-2", "食品园", "清丰县", None, DAY, "孙立"))
UNMERGE = "merged over the rows of several projects"


def write(
    path: Path, rows: Sequence[Sequence[object]] = ROWS, *, merged: Sequence[str] = (), struck: Sequence[str] = ()
) -> Path:
    """A ledger with some ranges merged and some cells struck through, and its sheet of people."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "台账"
    for row in (HEADER, *rows):
        sheet.append(list(row))
    people = book.create_sheet("人员")
    for person in (("姓名", "角色", "单位"), ("李卫东", "分包领导", "清丰县"), ("孙立", "分包领导", "清丰县")):
        people.append(person)
    for area in merged:
        sheet.merge_cells(area)
    for name in struck:
        place, _sign, cell = name.rpartition("!")
        book[place or "台账"][cell].font = Font(strike=True)
    book.save(path)
    return path


def faults(path: Path) -> list[tuple[int, str, Effect]]:
    return [(each.row, each.column, each.effect) for each in read_ledger(path).problems if each.is_fault]


def test_a_figure_merged_over_two_projects_is_named_in_both_rows_and_counted_for_none(tmp_path):
    path = write(tmp_path / "台账.xlsx", merged=["D2:D3"])
    assert faults(path) == [(2, HEADER[3], Effect.ROW_LEFT_OUT), (3, HEADER[3], Effect.ROW_LEFT_OUT)]
    assert all(UNMERGE in each.reason for each in read_ledger(path).problems)


@pytest.mark.parametrize("second", [("PY-1", "家具园"), (None, "家具园"), ("PY-1", None)], ids=str)
def test_a_figure_merged_over_the_rows_of_one_project_is_its_own(tmp_path, second):
    rows = (ROWS[0], (*second, "清丰县", None, DAY, "孙立"))
    assert [row.amount for row in read_ledger(write(tmp_path / "台账.xlsx", rows, merged=["D2:D3"])).rows] == [
        50_000_000,
        50_000_000,
    ]


@pytest.mark.parametrize(
    ("second", "is_shared"),
    [
        (("", "家具园", "范县", None, DAY, ""), True),
        (("", "", "范县", None, DAY, ""), True),
        (("", "家具园", "清丰县", None, DAY, ""), False),
        (("PY-1", "家具园", "范县", None, DAY, ""), False),
    ],
    ids=["two units", "the name merged, too", "one unit", "one code"],
)
def test_a_figure_merged_over_one_name_in_two_units_is_nobodys_unless_one_code_is_theirs(tmp_path, second, is_shared):
    first = (second[0], *ROWS[0][1:])
    merged = ["D2:D3", *([] if second[1] else ["B2:B3"])]
    file = read_ledger(write(tmp_path / "台账.xlsx", (first, second), merged=merged))
    assert [row.amount for row in file.rows] == [50000000] * 2 * (not is_shared)
    assert [row for row, column, _effect in faults(tmp_path / "台账.xlsx") if column == HEADER[3]] == [2, 3] * is_shared


def test_a_merged_cell_that_says_nothing_is_nobodys_figure(tmp_path):
    rows = ((*ROWS[0][:3], "/", *ROWS[0][4:]), ROWS[1])
    assert not any(
        UNMERGE in each.reason for each in read_ledger(write(tmp_path / "台账.xlsx", rows, merged=["D2:D3"])).problems
    )


def test_a_subtotal_below_merged_cells_is_no_project(tmp_path):
    rows = (*ROWS[:1], (None, "小计", None, 5000, None, None))
    file = read_ledger(write(tmp_path / "台账.xlsx", rows, merged=["C2:C3", "A2:A3"]))
    assert [(row.number, row.name) for row in file.rows] == [(2, "家具园")]
    assert [(each.row, each.effect) for each in file.problems] == [(3, Effect.NOTE)]


WITHOUT_CODES = ["项目名称", "责任单位", "总投资（万元）", "签约日期"]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
@pytest.mark.parametrize("name", ["小计", "合计（2个）", "其中：一期"])
@pytest.mark.parametrize("width", [4, 3], ids=["with days", "without days"])
def test_a_subtotal_is_no_project_even_if_all_it_lacks_is_merged_down_into_it(tmp_path, kind, name, width):
    rows = [
        row[:width]
        for row in (WITHOUT_CODES, ["家具园", "清丰县", 5000, DAY], ["食品园", "", 6000, ""], [name, "", 11000, ""])
    ]
    file = read_ledger(merged_down(tmp_path / f"台账.{kind}", rows, last=4))
    assert (file.row_count, [(each.row, each.effect) for each in file.problems if each.row > 1]) == (
        2,
        [(4, Effect.NOTE)],
    )


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_project_called_like_a_subtotal_is_one_if_it_has_a_day_of_its_own(tmp_path, kind):
    rows = [WITHOUT_CODES, ["家具园", "清丰县", 5000, DAY], ["合计大厦", "", 6000, DAY]]
    file = read_ledger(merged_down(tmp_path / f"台账.{kind}", rows, last=3, columns=(2,)))
    assert [(row.name, row.units) for row in file.rows] == [("家具园", "清丰县"), ("合计大厦", "清丰县")]


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_merged_cells_fill_down_in_every_kind_of_workbook(tmp_path, kind):
    rows = [WITHOUT_CODES, ["家具园", "清丰县", 5000, DAY], ["食品园", "", 6000, ""]]
    file = read_ledger(merged_down(tmp_path / f"台账.{kind}", rows, last=3))
    assert [(row.name, row.units, row.signed_on) for row in file.rows] == [
        ("家具园", "清丰县", DAY),
        ("食品园", "清丰县", DAY),
    ]


@pytest.mark.parametrize("header", ["到位资金（万元）", "今年计划投资（亿元）", "申请用地（亩）"])
def test_money_merged_over_two_projects_is_named_in_a_column_that_is_only_kept(tmp_path, header):
    rows = [[*WITHOUT_CODES, header], ["家具园", "清丰县", 5000, DAY, 300], ["食品园", "清丰县", 6000, DAY, ""]]
    path = merged_down(tmp_path / "台账.xlsx", rows, last=3, columns=(5,))
    is_money = "元" in header
    assert faults(path) == [(row, header, Effect.CELL_LEFT_OUT) for row in (2, 3)] * is_money
    assert [row.extra for row in read_ledger(path).rows] == [{} if is_money else {header: 300}] * 2


def test_a_workbook_that_counts_its_days_from_1904_is_read_as_it_shows_them(tmp_path):
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in (WITHOUT_CODES, ["家具园", "清丰县", 5000, DAY]):
        book.worksheets[0].append(row)
    book.save(path := tmp_path / "台账.xlsx")
    assert [row.signed_on for row in read_ledger(path).rows] == [DAY]


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("struck", [["B3", "D3"], ["A3", "B3", "C3", "D3", "E3"]], ids=["name", "row"])
@pytest.mark.parametrize("is_known", [False, True])
def test_a_struck_row_is_told_of_nothing_else(tmp_path, struck, is_known):
    with transaction("测试") as session:
        session.add(Unit(name="清丰县"))
    rows = (ROWS[0], ("PY-2", "食品园", "清丰县", 700, DAY, "孙立"))
    if is_known:
        import_ledger(read_ledger(write(tmp_path / "五月.xlsx", rows)), date(2013, 6, 9))
    result = import_ledger(read_ledger(write(tmp_path / "台账.xlsx", rows, struck=struck)), date(2013, 6, 9))
    (fault,) = result.faults
    assert (fault.row, fault.column, fault.effect) == (3, "项目名称", Effect.ROW_LEFT_OUT)


def merged_down(path: Path, rows: Sequence[Sequence[object]], *, last: int, columns: Sequence[int] = (2, 4)) -> Path:
    """A ledger whose cells in those columns are merged from the second row down to the last."""
    areas = [(2, column, last, column) for column in columns if column <= len(rows[0])]
    if path.suffix == ".ods":
        write_ods(path, [Page("台账", [[(cell, PLAIN) for cell in row] for row in rows], areas)])
        return path
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "台账"
    for row in rows:
        sheet.append(list(row))
    for top, left, bottom, right in areas:
        sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    book.save(path)
    return path


def test_a_row_whose_name_is_struck_through_is_named_once_and_left_out(tmp_path):
    rows = (*ROWS[:1], ("PY-2", "食品园", "清丰县", "面议", "待定", "孙立"))
    file = read_ledger(write(tmp_path / "台账.xlsx", rows, struck=["B3", "D3"]))
    assert [row.name for row in file.rows] == ["家具园"]
    assert (file.row_count, [(each.row, each.column, each.value) for each in file.problems]) == (
        2,
        [(3, "项目名称", "食品园")],
    )


def test_a_single_cell_that_is_struck_through_is_left_out_alone(tmp_path):
    path = write(tmp_path / "台账.xlsx", ROWS[:1], struck=["F2"])
    assert faults(path) == [(2, "分包领导", Effect.CELL_LEFT_OUT)]
    assert [(row.name, row.leader) for row in read_ledger(path).rows] == [("家具园", "")]


def test_an_empty_cell_that_is_struck_through_is_empty(tmp_path):
    rows = ((*ROWS[0][:5], None),)
    assert faults(write(tmp_path / "台账.xlsx", rows, struck=["F2", "A9"])) == []


def test_a_person_who_is_struck_through_is_left_out_without_a_word_of_projects(tmp_path):
    file = read_ledger(write(tmp_path / "台账.xlsx", ROWS[:1], struck=["人员!A3"]))
    assert [person.name for person in file.people] == ["李卫东"]
    assert [(each.sheet, each.row, "终止" in each.reason) for each in file.problems] == [("人员", 3, False)]


def test_where_looks_could_not_be_seen_the_report_says_so_in_one_line(tmp_path):
    whole, path = write(tmp_path / "whole.xlsx", ROWS[:1], struck=["F2"]), tmp_path / "台账.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b' r="F2"', b""))
    notes = [each for each in read_ledger(path).problems if "could not be seen" in each.reason]
    assert [(note.sheet, note.row, note.effect) for note in notes] == [("台账", 1, Effect.NOTE)]
