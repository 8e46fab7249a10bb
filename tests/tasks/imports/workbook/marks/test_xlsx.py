"""What is odd about cells is also found in parts that an XML parser refuses."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from models.office_files.sheets.sheet import Shown, Struck
from tasks.imports.workbook.marks.book import Marks
from tasks.imports.workbook.read import read_workbook

PREFIX = ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def with_error(path: Path, old: str, new: str) -> Path:
    """A workbook with #REF! in B2 of its first sheet; its list of sheets has `new` for `old`."""
    plain = path.with_name("plain.xlsx")
    with xlsxwriter.Workbook(plain) as book:
        sheet = book.add_worksheet("台账")
        sheet.write_row(0, 0, ("项目名称", "备注"))
        sheet.write_string(1, 0, "产业园")
        sheet.write_formula(1, 1, "=#REF!*2", None, "#REF!")
        book.add_worksheet("说明")
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            text = source.read(name)
            if name == "xl/workbook.xml":
                assert old.encode() in text
                text = text.replace(old.encode(), new.encode())
            target.writestr(name, text)
    return path


def test_a_sheet_without_its_part_costs_no_other_sheet_its_errors(tmp_path):
    path = with_error(tmp_path / "台账.xlsx", ' r:id="rId2"', "")
    with path.open("rb") as file:
        marks = Marks(file)
        assert marks.of("台账", 0).cells == {1: {1: "#REF!"}}
        assert marks.of("说明", 1).cells == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [(PREFIX, ""), ("<?xml", "\n<?xml"), ('name="台账"', "name='台账'")],
    ids=["undeclared prefix", "line before the declaration", "single quotes"],
)
def test_errors_are_found_however_the_list_of_sheets_is_written(tmp_path, old, new):
    sheet = read_workbook(with_error(tmp_path / "台账.xlsx", old, new))["台账"]
    assert sheet.rows == [["项目名称", "备注"], ["产业园", "#REF!"]]


def with_looks(path: Path, part: str, old: str, new: str) -> Path:
    """A workbook with a struck name, a unit in a number format, and a text struck in part; a part
    of the file has `new` for `old`.
    """
    plain = path.with_name("plain.xlsx")
    with xlsxwriter.Workbook(plain) as book:
        sheet = book.add_worksheet("台账")
        struck, unit = book.add_format({"font_strikeout": True}), book.add_format({"num_format": '0.0"万元"'})
        sheet.write_string(0, 0, "产业园", struck)
        sheet.write_number(0, 1, 5000, unit)
        sheet.write_rich_string(0, 2, struck, "周平", "吴刚")
        sheet.write_number(0, 3, 5000, book.add_format({"num_format": "#,##0.00"}))
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            text = source.read(name).decode()
            assert name != part or old in text
            target.writestr(name, text.replace(old, new) if name == part else text)
    return path


SHEET, STYLES, TEXTS = "xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/sharedStrings.xml"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET, "<c ", "<c\n "),
        (STYLES, "<strike/>", "<strike />"),
        (STYLES, "<strike/>", '<strike val="1"/>'),
        (STYLES, "</fonts>", "</fonts><undeclared:prefix/>"),
        (TEXTS, "<strike/>", '<strike val="true"/>'),
    ],
    ids=["line break", "space", "said", "undeclared prefix", "said of a text"],
)
def test_looks_are_found_however_they_are_written(tmp_path, part, old, new):
    sheet = read_workbook(with_looks(tmp_path / "台账.xlsx", part, old, new))["台账"]
    assert [type(cell).__name__ for cell in sheet.rows[0]] == ["Struck", "Shown", "PartlyStruck", "float"]
    assert sheet.has_looks


def test_a_strike_through_that_is_switched_off_is_none(tmp_path):
    path = with_looks(tmp_path / "台账.xlsx", STYLES, "<strike/>", '<strike val="0"/>')
    assert type(read_workbook(path)["台账"].rows[0][0]) is str


@pytest.mark.parametrize(("old", "new"), [(' r="B1"', ""), (' s="2"', " s='2'")], ids=["no name", "single quotes"])
def test_where_looks_could_not_be_seen_the_sheet_says_so(tmp_path, old, new):
    sheet = read_workbook(with_looks(tmp_path / "台账.xlsx", SHEET, old, new))["台账"]
    assert sheet.rows[0][1] == 5000
    assert not sheet.has_looks


def test_a_thousand_looks_cost_no_more_than_one(tmp_path):
    path = tmp_path / "台账.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("台账")
        for number in range(1000):
            sheet.write_number(number, 0, number, book.add_format({"num_format": f'0"万{number}"'}))
    rows = read_workbook(path)["台账"].rows
    assert all(isinstance(row[0], Shown) for row in rows)
    assert [cell.appearance.text for [cell] in rows[-2:] if isinstance(cell, Shown) and cell.appearance] == [
        "998万998",
        "999万999",
    ]


def test_empty_cells_with_a_look_cost_nothing(tmp_path):
    struck = {row: "".join(f'<c r="{column}{row}" s="1"/>' for column in "ABCDEFGHIJ") for row in range(2, 50_001)}
    rows = "".join(f'<row r="{row}">{cells}</row>' for row, cells in struck.items())
    path = with_looks(tmp_path / "台账.xlsx", SHEET, "</sheetData>", f"{rows}</sheetData>")
    with path.open("rb") as file:
        marks = Marks(file).of("台账", 0)
    assert (list(marks.cells), marks.has_looks) == ([0], True)


def test_the_name_of_a_struck_cell_is_its_text(tmp_path):
    path = with_looks(tmp_path / "台账.xlsx", STYLES, "<strike/>", "<strike/>")
    struck = read_workbook(path)["台账"].rows[0][0]
    assert struck == "产业园"
    assert isinstance(struck, Struck)
