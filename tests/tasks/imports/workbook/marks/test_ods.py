"""What calamine does not say of an .ods file: merged ranges, looks, errors; however it is made."""

import time
import zipfile
from pathlib import Path

import pytest

from models.office_files.sheets.sheet import Shown, Struck
from tasks.imports.workbook.read import read_workbook

NAMES = "".join(
    f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{uri}:1.0"'
    for name, uri in {
        **{name: name for name in ("office", "table", "text", "style")},
        "number": "datastyle",
        "fo": "xsl-fo-compatible",
    }.items()
)
WAN = '<number:number-style style:name="N1"><number:number number:decimal-places="1" number:min-integer-digits="1"/>'
WAN += "<number:text>万元</number:text></number:number-style>"
CELLS = '<style:style style:name="wan" style:family="table-cell" style:data-style-name="N1"/>'
CELLS += '<style:style style:name="heir" style:family="table-cell" style:parent-style-name="wan"/>'
CELLS += '<style:style style:name="struck" style:family="table-cell">'
CELLS += '<style:text-properties style:text-line-through-style="solid"/></style:style>'


def cell(value: object, more: str = "") -> str:
    kind = f'float" office:value="{value}' if isinstance(value, float) else "string"
    return f'<table:table-cell office:value-type="{kind}" {more}><text:p>{value}</text:p></table:table-cell>'


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


def book(path: Path, *rows: str, before: str = "", styles: str = WAN + CELLS) -> Path:
    """An .ods workbook of one sheet with these rows below `before`."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{NAMES}><office:automatic-styles>{styles}'
        f'</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="台账">{before}'
        f"{''.join(rows)}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        file.writestr("content.xml", content)
        file.writestr("META-INF/manifest.xml", "")
    return path


def shown(found: object) -> str:
    return found.appearance.text if isinstance(found, Shown) and found.appearance else str(found)


@pytest.mark.parametrize(
    ("rows", "before"),
    [
        ([row(cell(5000.0, 'table:style-name="wan"'))], ""),
        ([row(cell(5000.0, 'table:style-name="heir"'))], ""),
        ([row(cell(5000.0))], '<table:table-column table:default-cell-style-name="wan"/>'),
        ([row(cell(5000.0), more=' table:default-cell-style-name="wan"')], ""),
    ],
    ids=["cell", "parent", "column", "row"],
)
def test_a_cell_has_the_look_of_its_style_its_row_or_its_column(tmp_path, rows, before):
    sheet = read_workbook(book(tmp_path / "台账.ods", *rows, before=before))["台账"]
    assert [shown(found) for found in sheet.rows[0]] == ["5000.0万元"]
    assert sheet.has_looks


def test_columns_after_the_first_have_their_own_looks(tmp_path):
    columns = '<table:table-column table:number-columns-repeated="2"/>'
    columns += '<table:table-column table:default-cell-style-name="wan"/><table:table-column/>'
    sheet = read_workbook(book(tmp_path / "台账.ods", row(*map(cell, (1.0, 2.0, 3.0, 4.0))), before=columns))["台账"]
    assert [shown(found) for found in sheet.rows[0]] == ["1.0", "2.0", "3.0万元", "4.0"]


def test_marks_keep_their_places_among_repeated_rows_and_cells(tmp_path):
    rows = [
        row(cell("a"), more=' table:number-rows-repeated="3"'),
        *(row(cell("b" * 1000)) for _number in range(600)),  # more than is scanned at a time
        row('<table:table-cell table:number-columns-repeated="4"/>', cell("c", 'table:style-name="struck"')),
        row(cell("d", 'table:number-columns-repeated="2" table:style-name="struck"'), cell("e"), more=""),
        row(cell("f", 'table:number-columns-spanned="2" table:number-rows-spanned="3"')),
    ]
    sheet = read_workbook(book(tmp_path / "台账.ods", *rows))["台账"]
    assert [type(found) for found in sheet.rows[603]] == [str] * 4 + [Struck]
    assert [type(found) for found in sheet.rows[604][:3]] == [Struck, Struck, str]
    assert sheet.merged == ((606, 0, 608, 1),)
    assert not any(isinstance(found, Struck) for cells in sheet.rows[:603] for found in cells)


@pytest.mark.parametrize(
    "more",
    [
        'table:number-columns-spanned="999999999" table:number-rows-spanned="999999999"',
        'table:number-columns-spanned="-1" table:number-rows-spanned="x"',
        'table:formula="of:=IF([.A1]>5;&quot;x&quot;)" table:style-name="struck"',
    ],
    ids=["vast", "odd", "greater than"],
)
def test_odd_attributes_harm_nothing(tmp_path, more):
    sheet = read_workbook(book(tmp_path / "台账.ods", row(cell("a", more), cell("b"))))["台账"]
    assert sheet.rows == [["a", "b"]]
    assert all(bottom <= 2**20 and right < 2**14 for _top, _left, bottom, right in sheet.merged)


def test_where_styles_are_faulty_the_sheet_says_that_looks_were_not_seen(tmp_path):
    sheet = read_workbook(book(tmp_path / "台账.ods", row(cell("a")), styles="<undeclared:style/>"))["台账"]
    assert not sheet.has_looks


def test_a_hundred_thousand_merged_cells_and_looks_cost_seconds(tmp_path):
    merged = 'table:number-rows-spanned="100000" table:style-name="struck"'
    path = book(tmp_path / "台账.ods", *(row(cell("a", merged), cell(1.0, merged)) for _number in range(50_000)))
    start = time.process_time()
    assert len(read_workbook(path)["台账"].merged) == 100_000
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("张三<text:tab/>李四", "张三\t李四"),
        ("张三<text:tab />李四</text:p><text:p>王五", "张三\t李四\n王五"),
        ("张三<text:span>李四<text:tab text:tab-ref='1'></text:tab></text:span>&lt;王五", "张三李四\t<王五"),
        ("张三<text:s/>李四<text:tab/>A<text:s text:c='2'/>B", "张三 李四\tA B"),
        ("张三<text:line-break/>李四", "张三\n李四"),
        ("张三<text:s/>李四", "张三 李四"),
        ("张三<text:s text:c='2'/>李四", "张三  李四"),
        ("<text:a>张三</text:a>李四", "张三李四"),
        ("张三<text:span><text:line-break/></text:span>李四", "张三\n李四"),
        ("张三</text:p><text:p/><text:p>李四", "张三\n\n李四"),
    ],
)
def test_tabs_and_line_breaks_in_a_text_stay(tmp_path, content, text):
    sheet = read_workbook(book(tmp_path / "台账.ods", row(cell("a"), cell(content), cell("b"))))["台账"]
    assert sheet.rows == [["a", text, "b"]]


def test_a_number_with_a_tab_in_its_text_keeps_its_look(tmp_path):
    wan = 'table:style-name="wan"'
    number = cell(5000.0, wan).replace("5000.0</", "5000,0<text:tab/></")
    sheet = read_workbook(book(tmp_path / "台账.ods", row(number, cell("a<text:tab/>b", wan))))["台账"]
    assert [shown(found) for found in sheet.rows[0]] == ["5000.0万元", "a\tb"]
