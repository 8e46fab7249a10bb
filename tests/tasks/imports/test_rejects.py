"""The rejects workbook: what an office gets back, corrects and hands in again."""

from datetime import date, datetime, time
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from models.office_files.rows import Effect
from support.programs.libreoffice import CSV, convert, needs_libreoffice
from support.repository import DATA
from tasks.imports import rejects
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.reader import read_ledger
from tasks.imports.rejects import rejects_name, write_rejects
from tasks.imports.rejects_child import AUTHOR

HEADER = ("项目编号", "项目名称", "责任单位", "总投资", "签约日期", "预计开工时间", "序号")
"""The last column is not read: a formula that Excel never worked out would be reported anywhere
else.
"""
ROWS = (
    ("PY-1", "家具园", "清丰县", 5000, date(2013, 3, 1), "2013年9月", "=HYPERLINK()"),
    ("PY-2", "食品园", "清丰县", "3-5亿元", "2013.3.1", "待定吧", "=1+1"),
    ("PY-3", "化工园", None, 5000, "下周", None, None),
    ("合计", None, None, 15000, None, None, None),
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A county's ledger with a title, a unit above the header, a merged cell, and three bad cells
    in two rows.
    """
    book = Workbook()
    sheet = book.active
    assert sheet
    sheet.title = "台账"
    for row in (("清丰县签约项目台账",), ("单位：万元",), HEADER, *ROWS):
        sheet.append(row)
    sheet.merge_cells("A1:G1")
    sheet.merge_cells("C5:C6")
    sheet.column_dimensions["B"].width = 33
    book.create_sheet("说明").append(["填报说明"])
    book.save(tmp_path / "台账.xlsx")
    return tmp_path / "台账.xlsx"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every workbook counts as too large to be kept as it is."""
    monkeypatch.setattr(rejects, "LARGEST_KEPT", 0)


def rejected(source: Path) -> Path:
    """The rejects of a file, which has some."""
    target = source.with_name(rejects_name(source.name))
    file = read_ledger(source)
    assert write_rejects(source, file, file.problems, target)
    return target


def comments(sheet: Worksheet) -> dict[str, str]:
    return {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}


def test_the_office_finds_its_own_workbook_with_the_bad_cells_marked(source):
    book = load_workbook(rejected(source))
    sheet = book["台账"]
    assert book.sheetnames == ["台账", "说明", "待更正"]
    assert [cell.value for cell in sheet[5]] == ["PY-2", "食品园", "清丰县", "3-5亿元", "2013.3.1", "待定吧", "=1+1"]
    assert (sheet.column_dimensions["B"].width, "A1:G1" in sheet.merged_cells) == (33, True)
    assert list(comments(sheet)) == ["D5", "F5", "E6"]
    assert "区间" in comments(sheet)["D5"]
    assert {cell.fill.fgColor.rgb for cell in (sheet["D5"], sheet["F5"], sheet["E6"])} == {"FFFF9999"}
    assert sheet["D4"].fill.fill_type is None
    assert (book.active.title, sheet.sheet_view.selection[0].activeCell) == ("台账", "D5")


@pytest.mark.parametrize("suffix", [".et", ".xls", ".xlsm"])
def test_a_workbook_stays_as_it_is_however_its_name_ends(source, suffix):
    renamed = source.rename(source.with_suffix(suffix))
    book = load_workbook(rejected(renamed))
    assert book.sheetnames == ["台账", "说明", "待更正"]
    assert (book["台账"].column_dimensions["B"].width, list(comments(book["台账"]))) == (33, ["D5", "F5", "E6"])


def test_the_list_leads_to_every_cell(source):
    listed = load_workbook(rejected(source))["待更正"]
    rows = [[cell.value for cell in row] for row in listed.iter_rows()]
    assert [row[:4] for row in rows] == [
        ["工作表", "单元格", "列名", "内容"],
        ["台账", "D5", "总投资", "3-5亿元"],
        ["台账", "F5", "预计开工时间", "待定吧"],
        ["台账", "E6", "签约日期", "下周"],
    ]
    assert [row[1].hyperlink.location or row[1].hyperlink.target for row in listed.iter_rows(min_row=2)] == [
        "#'台账'!D5",
        "#'台账'!F5",
        "#'台账'!E6",
    ]


def correct(path: Path, *cells: tuple[int, int, object]) -> None:
    """Put right what the marks say, by row and column."""
    book = load_workbook(path)
    for row, column, value in cells:
        book["台账"].cell(row, column).value = value
    book.save(path)


def test_what_was_corrected_is_marked_no_more_and_the_rest_again(source):
    target = rejected(source)
    correct(target, (5, 4, 40000), (5, 6, None))
    again = load_workbook(rejected(target))
    assert (again.sheetnames, list(comments(again["台账"]))) == (["台账", "说明", "待更正"], ["E6"])
    assert again["台账"]["D5"].fill.fill_type is None


def test_a_comment_of_the_office_stays(source):
    from openpyxl.comments import Comment

    book = load_workbook(source)
    book["台账"]["D5"].comment = Comment("请核实", "张三")
    book["台账"]["B4"].comment = Comment("重点项目", "张三")
    book.save(source)
    target = rejected(source)
    for _time in range(2):
        sheet = load_workbook(rejected(target))["台账"]
        told = comments(sheet)
        assert told["B4"] == "重点项目"
        assert told["D5"].startswith("请核实\n")
        assert told["D5"].count("区间") == 1
        assert sheet["D5"].comment.author == "张三"
    correct(target, (5, 4, 40000))
    assert comments(load_workbook(rejected(target))["台账"])["D5"] == "请核实"


@pytest.mark.usefixtures("ledger")
def test_each_mark_is_on_its_own_column_whatever_the_headers_are_called(tmp_path):
    header = ("项目编号", "项目名称", "责任单位", "总投资（万元）", "备注", "", "备注")
    units = (("类型", "单位名称", "简称"), ("县区", "清丰县", ""), ("县区", "南乐县", "清丰县"))
    people = (("姓名", "角色", "所在单位"), ("张三", "领导", "清丰"))
    ledger = (header, ("PY-1", "家具园", "清丰县", 5000, "好", "#N/A", "#REF!"), ("PY-2", "食品园", "清丰县", 5000))
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in {"台账": ledger, "单位": units, "人员": people}.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    source, target = tmp_path / "台账.xlsx", tmp_path / "x.xlsx"
    book.save(source)
    file = read_ledger(source)
    result = import_ledger(file, date(2013, 6, 9))
    assert write_rejects(source, file, result.problems, target)
    marked = {sheet.title: list(comments(sheet)) for sheet in load_workbook(target)}
    assert marked == {"台账": ["A2", "F2", "G2", "A3"], "单位": ["C3"], "人员": ["C2"], "待更正": []}
    listed = [row[2].value for row in load_workbook(target)["待更正"].iter_rows(min_row=2)]
    assert sorted(map(str, listed)) == sorted(["所在单位", "简称", "F", "备注", "None", "None"])


def test_a_file_with_nothing_to_correct_has_no_rejects(source):
    correct(source, (5, 4, 40000), (5, 6, None), (6, 5, date(2013, 3, 1)))
    file = read_ledger(source)
    assert [problem.effect for problem in file.problems] == [Effect.NOTE]
    assert not write_rejects(source, file, file.problems, source.with_name("x.xlsx"))
    assert not source.with_name("x.xlsx").exists()


@pytest.mark.usefixtures("small")
def test_of_a_large_file_the_bad_rows_come_back_below_their_header(source):
    sheet = load_workbook(rejected(source))["台账"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert [row[0] for row in rows] == ["清丰县签约项目台账", "单位：万元", "项目编号", "PY-2", "PY-3"]
    assert rows[4][2] == "清丰县"  # it was merged with the row above
    assert list(comments(sheet)) == ["D4", "F4", "E5"]


@needs_libreoffice
@pytest.mark.parametrize("form", [CSV, "xls", "ods"])
def test_other_files_come_back_as_a_workbook(source, form):
    book = load_workbook(rejected(convert(source, form)))
    sheet = book.worksheets[0]
    assert [sheet.cell(row, 1).value for row in (3, 4, 5)] == ["项目编号", "PY-2", "PY-3"]
    assert set(comments(sheet)) == {"D4", "F4", "E5"}


@needs_libreoffice
@pytest.mark.parametrize("size", [2**40, 0], ids=["kept", "anew"])
def test_libreoffice_shows_the_marks_and_its_copy_goes_in_once_corrected(source, size, monkeypatch, tmp_path):
    monkeypatch.setattr(rejects, "LARGEST_KEPT", size)
    target = rejected(source)
    saved = convert(target, "xlsx", tmp_path / "saved")
    sheet = load_workbook(saved)["台账"]
    told = comments(sheet)
    assert len(told) == 3
    assert {sheet[cell].fill.fgColor.rgb for cell in told} == {"FFFF9999"}
    corrections = {"总投资": 40000, "预计开工时间": "2013-9", "签约日期": "2013-3-5"}
    correct(saved, *((sheet[cell].row, sheet[cell].column, corrections[_header(sheet, cell)]) for cell in told))
    file = read_ledger(saved)
    assert file.unread == ()
    assert [problem for problem in file.problems if problem.is_fault] == []
    corrected = {row.code: (row.amount, row.signed_on) for row in file.rows}
    assert corrected["PY-2"] == (400_000_000, date(2013, 3, 1))
    assert corrected["PY-3"] == (50_000_000, date(2013, 3, 5))


def _header(sheet: Worksheet, cell: str) -> object:
    return sheet.cell(3, sheet[cell].column).value


@pytest.mark.parametrize("size", [2**40, 0], ids=["kept", "anew"])
def test_numbers_days_and_hours_stay_what_they_are_in_the_rows_and_in_the_list(size, monkeypatch, tmp_path):
    monkeypatch.setattr(rejects, "LARGEST_KEPT", size)
    moment, hour = datetime(2013, 3, 1, 8, 30), time(9, 15)  # noqa: DTZ001
    row = ("PY-1", "家具园", "清丰县", -5, datetime(2103, 3, 1), moment, hour, 0.5, True)  # noqa: DTZ001
    source = tmp_path / "台账.xlsx"
    book = Workbook()
    for cells in ((*HEADER[:5], "备注", "会议时间", "占比", "是否开发区内"), row):
        book.active.append(cells)
    book.save(source)
    marked, listed = (load_workbook(rejected(source))[name] for name in ("Sheet", "待更正"))
    assert [cell.value for cell in marked[2]] == list(row)
    assert [(cell.value, cell.is_date) for cell in listed["D"][1:]] == [(-5, False), (row[4], True)]


def test_what_cannot_be_marked_still_comes_back(source, monkeypatch):
    monkeypatch.setattr(rejects, "PATIENCE", 0.01)
    sheet = load_workbook(rejected(source))["台账"]
    assert [sheet.cell(row, 1).value for row in (4, 5)] == ["PY-2", "PY-3"]
    assert sheet["D4"].comment.author == AUTHOR


def faults(path: Path, sheet: str = "") -> list[tuple[str, str, Effect]]:
    """What was not taken of a file: column, value, effect."""
    return [(each.column, each.value, each.effect) for each in read_ledger(path, sheet).problems if each.is_fault]


@pytest.mark.parametrize("size", ["kept", "small"])
@pytest.mark.parametrize(
    "name",
    ["67-units-in-number-formats.xlsx", "69-days-from-1904.xlsx", "70-struck-through.xlsx", "73-merged-amounts.xlsx"],
)
def test_what_cells_show_is_still_shown_in_the_rejects(tmp_path, request, name, size):
    if size == "small":
        request.getfixturevalue("small")
    source = tmp_path / name
    source.write_bytes((DATA / name).read_bytes())
    before = faults(source)
    assert before
    assert faults(rejected(source), "台账") == before


def test_a_merged_cell_gets_one_advice_though_several_rows_share_it(tmp_path):
    source = tmp_path / "台账.xlsx"
    source.write_bytes((DATA / "73-merged-amounts.xlsx").read_bytes())
    marked = comments(load_workbook(rejected(source))["台账"])
    assert list(marked) == ["D2", "F2"]
    assert len(set(marked.values())) == 1
