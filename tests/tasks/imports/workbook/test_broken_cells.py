"""Cells with errors are also found if an XML parser refuses the list of sheets."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from tasks.imports.workbook.broken_cells import BrokenCells
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
        broken = BrokenCells(file)
        assert broken.of("台账", 0) == {1: {1: "#REF!"}}
        assert broken.of("说明", 1) == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [(PREFIX, ""), ("<?xml", "\n<?xml"), ('name="台账"', "name='台账'")],
    ids=["undeclared prefix", "line before the declaration", "single quotes"],
)
def test_errors_are_found_however_the_list_of_sheets_is_written(tmp_path, old, new):
    sheet = read_workbook(with_error(tmp_path / "台账.xlsx", old, new))["台账"]
    assert sheet.rows == [["项目名称", "备注"], ["产业园", "#REF!"]]
