"""Draws a chart natively in a Word document, with its values in a workbook inside.

python-docx places no charts, XlsxWriter only in workbooks: one is written for the chart's XML,
another without the chart for the values, which people edit from Word.
"""

import io
import re
import zipfile

from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml.ns import nsdecls
from docx.shared import Emu, Mm
from xlsxwriter import Workbook

from tasks.documents.charts import Chart
from tasks.documents.charts_excel import WIDTH, height, native, write_data
from tasks.documents.excel import DAY, SAFE, Book

CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PAGE_WIDTH = Mm(160)
EXTERNAL = b'<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData>'
PRINT_SETTINGS = re.compile(rb"<c:printSettings>.*</c:printSettings>", re.DOTALL)
# docxtpl puts a value into the text of a run, where no drawing may stand: begin another run.
OPENED, CLOSED = "</w:t></w:r><w:r><w:drawing>", '</w:drawing></w:r><w:r><w:t xml:space="preserve">'


class NativeChart:
    def __init__(self, document: Document, chart: Chart) -> None:
        self._document, self._chart = document, chart

    def __html__(self) -> str:
        """Its drawing, put between the runs of the text."""
        return f"{OPENED}{_drawing(self._chart, self._relate())}{CLOSED}"

    __str__ = __html__

    def _relate(self) -> str:
        """Put the chart and its values into the document; returns how the text refers to it."""
        part = self._document.part
        number = 1 + sum(str(other.partname).startswith("/word/charts/") for other in part.package.parts)
        values = Part(PackURI(f"/word/embeddings/bulletin{number}.xlsx"), BOOK_TYPE, _book(self._chart), part.package)
        drawn = Part(PackURI(f"/word/charts/bulletin{number}.xml"), CHART_TYPE, _xml(self._chart), part.package)
        drawn.relate_to(values, RELATIONSHIP_TYPE.PACKAGE)
        return part.relate_to(drawn, RELATIONSHIP_TYPE.CHART)


def _drawing(chart: Chart, reference: str) -> str:
    tall = Emu(PAGE_WIDTH * height(chart) // WIDTH)
    return (
        f'<wp:inline {nsdecls("wp", "a", "r")} distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{PAGE_WIDTH}" cy="{tall}"/><wp:docPr id="1" name="{chart.key}"/><wp:cNvGraphicFramePr/>'
        f'<a:graphic><a:graphicData uri="{CHART}"><c:chart xmlns:c="{CHART}" r:id="{reference}"/>'
        "</a:graphicData></a:graphic></wp:inline>"
    )


def _xml(chart: Chart) -> bytes:
    with zipfile.ZipFile(io.BytesIO(_book(chart, is_drawn=True))) as package:
        xml = package.read("xl/charts/chart1.xml")
    return PRINT_SETTINGS.sub(b"", xml).replace(b"</c:chartSpace>", EXTERNAL + b"</c:chartSpace>")


def _book(chart: Chart, *, is_drawn: bool = False) -> bytes:
    content = io.BytesIO()
    with Workbook(content, SAFE | {"in_memory": True}) as workbook:
        book = Book(workbook, DAY)
        sheet = book.sheet(chart.title)
        write_data(book, sheet, 0, chart)
        if is_drawn:
            sheet.insert_chart(0, 5, native(book, sheet.get_name(), 0, chart))
    return content.getvalue()
