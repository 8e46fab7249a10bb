"""Files that are meant to harm, and files that are not what their names say."""

import io
import re
import zipfile
from collections.abc import Callable

import xlsxwriter
from openpyxl import Workbook
from openpyxl.packaging.relationship import Relationship
from openpyxl.workbook.external_link import ExternalLink
from openpyxl.workbook.external_link.external import ExternalBook

HEADER = ("项目编号", "项目名称", "责任单位", "总投资（万元）", "签约日期")
PROJECT = ("PY-1", "龙都家具产业园", "清丰县", 50000, "2013-03-01")
SHEET = "xl/worksheets/sheet1.xml"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300") + bytes(range(1, 65)) + b"\xff\xd9"
MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT[\d:]+Z")
WEB_PAGE = """<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta charset="gbk"></head><body><table>
<tr><td>项目名称</td><td>责任单位</td></tr><tr><td>龙都家具产业园</td><td>清丰县</td></tr></table></body></html>"""


def book(*rows: tuple[object, ...]) -> Workbook:
    """A workbook with a ledger."""
    made = Workbook()
    sheet = made.worksheets[0]
    sheet.title = "台账"
    for row in (HEADER, *rows):
        sheet.append(row)
    return made


def saved(made: Workbook, changed: Callable[[str, bytes], bytes] = lambda _name, content: content) -> bytes:
    """A workbook as a file, its parts changed before they are packed."""
    file = io.BytesIO()
    made.save(file)
    return repacked(file, changed)


def repacked(first: io.BytesIO, changed: Callable[[str, bytes], bytes]) -> bytes:
    """A zip file with its parts changed, the same bytes each time."""
    second = io.BytesIO()
    with zipfile.ZipFile(first) as old, zipfile.ZipFile(second, "w") as new:
        for name in old.namelist():
            content = MOMENT.sub(b"2013-06-09T00:00:00Z", changed(name, old.read(name)))
            new.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED, 9)
    return second.getvalue()


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    """Changes the sheet's XML."""
    return lambda name, content: content.replace(old, new) if name == SHEET else content


def formulas() -> bytes:
    """Formulas with their last results, one that never was worked out, and one that must not be."""
    made = book(PROJECT, ("PY-2", "冷链食品加工园", "南乐县", "=20000*0.6", "2013-04-15"))
    made.worksheets[0].append(("PY-3", "光伏组件厂", "范县", "=SUM(D2:D3)", "=TODAY()"))
    made.worksheets[0].append(("PY-4", '=HYPERLINK("http://localhost/","羽绒城")', "范县", 800, "2013-03-01"))

    def changed(name: str, content: bytes) -> bytes:
        if name != SHEET:
            return content
        content = content.replace(b"<f>20000*0.6</f><v></v>", b"<f>20000*0.6</f><v>12000</v>")
        start = content.index(b'<c r="B5"')
        end = content.index(b"</c>", start)
        link = '<c r="B5" t="str"><f>HYPERLINK("http://localhost/","羽绒城")</f><v>羽绒城</v>'.encode()
        return content[:start] + link + content[end:]

    return saved(made, changed)


def external_link() -> bytes:
    """A cell that takes its value from another file."""
    made = book(("PY-1", "龙都家具产业园", "清丰县", "=[1]Sheet1!A1", "2013-03-01"))
    link = ExternalLink(externalBook=ExternalBook())
    target = "file:///etc/passwd"
    link.file_link = Relationship(type="externalLinkPath", Target=target, TargetMode="External", Id="rId1")
    made._external_links.append(link)
    return saved(made, in_sheet(b"<f>[1]Sheet1!A1</f><v></v>", b"<f>[1]Sheet1!A1</f><v>50000</v>"))


def zip_bomb() -> bytes:
    """A few kilobytes that would become gigabytes: one long text, named by a million cells."""

    def changed(name: str, content: bytes) -> bytes:
        if name == "xl/sharedStrings.xml":
            return content.replace("项目编号".encode(), b"9" * 32_000)
        if name == SHEET:
            return content.replace(
                b"</sheetData>", (b"<row>" + b'<c t="s"><v>0</v></c>' * 1000 + b"</row>") * 400 + b"</sheetData>"
            )
        return content

    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as made:
        made.add_worksheet("台账").write_row(0, 0, HEADER)
    return repacked(file, changed)


def entity_bomb() -> bytes:
    """“Billion laughs”: ten entities, each ten times the one before."""
    laughs = [b'<!ENTITY a0 "haha">'] + [b'<!ENTITY a%d "%s">' % (at, b"&a%d;" % (at - 1) * 10) for at in range(1, 10)]
    start = b'<?xml version="1.0"?><!DOCTYPE x [' + b"".join(laughs) + b'<!ENTITY file SYSTEM "file:///etc/passwd">]>'
    cell = b'<row r="9"><c r="A9" t="inlineStr"><is><t>&a9;&file;</t></is></c></row></sheetData>'

    def changed(name: str, content: bytes) -> bytes:
        return start + content.replace(b"</sheetData>", cell) if name == SHEET else content

    return saved(book(PROJECT), changed)


def far_cell() -> bytes:
    """Something was typed into the last cell of the last row."""
    made = book(PROJECT)
    made.worksheets[0]["XFD1048576"] = "."
    return saved(made)


def stray_cell() -> bytes:
    """Something was typed far to the right and below."""
    made = book(PROJECT)
    made.worksheets[0]["XFD2"] = "."
    made.worksheets[0]["A1000"] = "合计"
    return saved(made)


def huge_blanks() -> bytes:
    """An .ods whose empty cells reach to the last row and column."""
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = "".join(
        "<table:table-row>"
        + "".join(cell.format(each) for each in row)
        + '<table:table-cell table:number-columns-repeated="16379"/></table:table-row>'
        for row in (HEADER, PROJECT)
    )
    blank = '<table:table-cell table:number-columns-repeated="16384"/>'
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content{names}><office:body><office:spreadsheet>'
        f'<table:table table:name="台账">{rows}'
        f'<table:table-row table:number-rows-repeated="1048574">{blank}</table:table-row></table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return packed({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": ""})


def packed(parts: dict[str, str]) -> bytes:
    """A zip file with these parts."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in parts.items():
            made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


HOSTILE: dict[str, Callable[[], bytes]] = {
    "32-formulas.xlsx": formulas,
    "34-external-link.xlsx": external_link,
    "36-web-page.xls": lambda: WEB_PAGE.encode("gbk"),
    "37-picture.xlsx": lambda: JPEG,
    "38-zip-bomb.xlsx": zip_bomb,
    "39-entity-bomb.xlsx": entity_bomb,
    "40-far-cell.xlsx": far_cell,
    "47-document.xlsx": lambda: packed({"[Content_Types].xml": "<Types/>", "word/document.xml": "<w/>"}),
    "48-cut-off.xlsx": lambda: saved(book(PROJECT))[:2000],
    "55-stray-cells.xlsx": stray_cell,
    "56-huge-blanks.ods": huge_blanks,
}
