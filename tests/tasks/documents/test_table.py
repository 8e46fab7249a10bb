"""One table, printed as Markdown and on a sheet; files take their place whole; titles fit Excel."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import load_workbook

from models.campaigns.rates import Rate
from models.escalation.traffic_light import Light
from models.words import Stage
from tasks.documents.characters import length, printable, sheet_title, width
from tasks.documents.excel import writing
from tasks.documents.excel_tables import write_block, write_sheet
from tasks.documents.markdown import list_of, table, table_of
from tasks.documents.replacing import replacing
from tasks.documents.table import Cells, Column, Kind, Table, positional

HOSTILE = "=1+1 |`<b>"
ROWS: list[Cells] = [
    {"name": HOSTILE, "light": Light.RED, "stage": Stage.SIGNED, "rate": Rate(1, 2), "on": date(2013, 6, 9), "sum": 3},
    {"name": "", "sum": Decimal("2.5")},
]


@pytest.fixture
def source() -> Table[Cells]:
    columns: list[Column[Cells]] = [
        Column("no", "序号", 5, Kind.NUMBER),
        Column("name", "名称"),
        Column("light", "灯", kind=Kind.SHORT),
        Column("stage", "阶段"),
        Column("rate", "比率", kind=Kind.SHORT),
        Column("on", "日期"),
        Column("twice", "两倍", kind=Kind.FIGURE, value=lambda row: 2 * float(str(row["sum"]))),
    ]
    return Table(columns, ROWS)


def test_a_table_reads_its_cells_counts_its_rows_and_has_a_dash_for_nothing(source):
    assert source.texts == [
        ("1", HOSTILE, "红灯", "已签约", "50.0%（1/2）", "2013年6月9日", "6.0"),
        ("2", "—", "—", "—", "—", "—", "5.0"),
    ]
    assert source.only("stage", "no").texts == [("已签约", "1"), ("—", "2")]
    assert positional(("甲", "乙"), [("1", 2)], (1, 1)).texts == [("1", "2")]


def test_in_markdown_no_cell_becomes_markup_and_numbers_stand_on_the_right(source):
    assert table_of(source.only("name", "no")).splitlines()[2] == r"| =1+1 \|\`&lt;b> | 1 |"
    assert table(("甲", "乙"), [("x", 1), ("y", 2)]).splitlines()[1] == "| --- | ---: |"
    assert list_of(source.only("no", "stage", "on")) == (
        "1. **1**  \n   阶段：已签约 · 日期：2013年6月9日\n2. **2**  \n   "
    )
    assert table_of(Table(source.columns, ())) == list_of(Table(source.columns, ())) == "无。"


def test_on_a_sheet_text_stays_text_days_are_days_and_lights_have_their_colours(source, tmp_path):
    with writing(tmp_path / "x.xlsx") as book:
        write_sheet(book, "a/b", Table(source.columns, iter(ROWS)), "标题", "备注")
        write_block(book, book.sheet("a_b"), 0, source, [10] * 7)
    sheets = load_workbook(tmp_path / "x.xlsx")
    assert sheets.sheetnames == ["a_b", "a_b（2）"]
    first, second = list(sheets["a_b"].iter_rows(min_row=4))
    assert [cell.value for cell in first][:5] == [1, HOSTILE, "红灯", "已签约", "50.0%（1/2）"]
    assert (first[1].data_type, first[5].is_date, first[6].value) == ("s", True, 6)
    assert first[2].fill.fgColor.rgb == "FFF8CBAD"
    assert [cell.value for cell in second][:3] == [2, None, None]
    assert [cell.value for cell in next(sheets["a_b（2）"].iter_rows(min_row=3))][:3] == [2, "—", "—"]


def test_a_file_takes_its_place_whole_or_not_at_all(tmp_path: Path):
    path = tmp_path / "x.txt"
    path.write_text("before")
    with pytest.raises(TypeError), replacing(path) as scratch:
        scratch.write_text(1)
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("x.txt", "before")]
    with replacing(path) as scratch:
        scratch.write_text("after")
        assert (path.read_text(), scratch.suffix) == ("before", ".txt")
    assert [(each.name, each.read_text()) for each in tmp_path.iterdir()] == [("x.txt", "after")]


@pytest.mark.parametrize(
    ("title", "plain"),
    [("六月[台账]:*?/\\", "六月_台账_"), ("'甲' ", "甲"), ("\x00", "_"), ("𠮷" * 20, "𠮷" * 15), ("", "_")],
)
def test_a_sheet_is_called_as_excel_allows(title, plain):
    assert sheet_title(title) == plain
    assert length(sheet_title(title, "（2）")) <= 31


def test_chinese_is_twice_as_wide_and_control_characters_go():
    assert (width("ab中“"), width("a中", 13, 7)) == (6, 20)
    assert printable("a\x00\x0b\ud800b\n中") == "ab\n中"
