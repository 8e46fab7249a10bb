"""The template a bulletin is printed by: ours, of which the office keeps and edits a copy."""

from pathlib import Path

from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor, Twips
from docx.table import Table as WordTable
from docx.text.paragraph import Paragraph

from models.i18n import gettext as _
from tasks.bulletin.charts import IN_SECTION
from tasks.bulletin.tables import BulletinTable
from tasks.bulletin.words import headings
from tasks.documents.replacing import replacing
from tasks.documents.table import Kind
from tasks.documents.word_style import TEXT_WIDTH, blank_page, two_ended
from tasks.files import home

RED = RGBColor(0xC0, 0x00, 0x00)
TEXTS = {  # the sentences of a section, by their names in the template
    "facts": ("week_told", "since_told"),
    "units": ("started_told", "completed_told", "landed_told"),
    "slow": ("slow_told",),
    "time": ("clock",),
    "call": ("call",),
}
CUTS = ("work", "agenda")  # the lists that may be cut
SHADE = "F2F2F2"


def template_path() -> Path:
    """Where the office's own template lies, `LUODI_HOME/templates`."""
    return home() / "templates" / "weekly-bulletin.docx"


def write_template(path: Path, tables: dict[str, BulletinTable]) -> None:
    """Write our own template to `path`, in the office's language, for the columns of `tables`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as scratch:
        _built_in(tables).save(str(scratch))


def _built_in(tables: dict[str, BulletinTable]) -> Document:
    document = blank_page()
    _head(document)
    for key, heading in headings().items():
        document.add_heading(heading, 1)
        _section(document, key, tables.get(key))
    _foot(document)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = "{{ name }}", "Luodi", ""
    return document


def _head(document: Document) -> None:
    """The red head of an official bulletin: its name, its number, who issues it and when."""
    name = document.add_paragraph("{{ title }}", "Title")
    name.runs[0].font.color.rgb, name.runs[0].font.size = RED, Pt(26)
    document.add_paragraph("{{ number }}", "Subtitle")
    line = document.add_paragraph()
    two_ended(line, "{{ issuers }}", "{{ issued_on }}")
    _underline(line)
    document.add_paragraph("{{ period }}", "Subtitle")


def _underline(paragraph: Paragraph) -> None:
    """A red rule below a paragraph."""
    rule = {"val": "single", "sz": "12", "space": "4", "color": "C00000"}
    borders = OxmlElement("w:pBdr")
    borders.append(OxmlElement("w:bottom", {qn(f"w:{name}"): value for name, value in rule.items()}))
    paragraph._p.get_or_add_pPr().insert_element_before(borders, "w:tabs", "w:spacing", "w:jc")


def _section(document: Document, key: str, table: BulletinTable | None) -> None:
    for name in TEXTS.get(key, ()):
        document.add_paragraph(f"{{{{ {name} }}}}").paragraph_format.first_line_indent = Pt(21)
    if table:
        document.add_paragraph(f"{{%p if {key} %}}")
        _rows(document, key, table)
        document.add_paragraph(style="Gap")
        document.add_paragraph("{%p else %}")
        document.add_paragraph(_("Nothing."))
        document.add_paragraph("{%p endif %}")
    if key in CUTS:
        document.add_paragraph(f"{{%p if {key}_cut %}}")
        document.add_paragraph(f"{{{{ {key}_cut }}}}")
        document.add_paragraph("{%p endif %}")
    for chart in IN_SECTION.get(key, ()):
        document.add_paragraph(f"{{%p if chart_{chart} %}}")
        document.add_paragraph(f"{{{{ chart_{chart} }}}}").alignment = WD_ALIGN_PARAGRAPH.CENTER
        document.add_paragraph("{%p endif %}")


def _rows(document: Document, key: str, table: BulletinTable) -> None:
    """A table whose middle row is repeated for each of its rows."""
    made = document.add_table(4, len(table.columns), "Table Grid")
    made.autofit = False
    whole = sum(column.width for column in table.columns)
    for place, column in enumerate(table.columns):
        width = Twips(int(TEXT_WIDTH * column.width // whole))
        made.columns[place].width = width
        for row in made.rows:
            row.cells[place].width = width
        _fill(made, 0, place, column.head, "Cell Head")
        cell = _fill(made, 2, place, f"{{{{ row.{column.key} }}}}", "Cell Text")
        cell.alignment = WD_ALIGN_PARAGRAPH.LEFT if column.kind is Kind.TEXT else WD_ALIGN_PARAGRAPH.CENTER
    _fill(made, 1, 0, f"{{%tr for row in {key} %}}", "Cell Text")
    _fill(made, 3, 0, "{%tr endfor %}", "Cell Text")
    for row in made.rows:
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    made.rows[0]._tr.trPr.append(OxmlElement("w:tblHeader"))


def _fill(made: WordTable, row: int, place: int, text: str, style: str) -> Paragraph:
    cell = made.cell(row, place)
    paragraph: Paragraph = cell.paragraphs[0]
    paragraph.text, paragraph.style = text, style
    if row == 0:
        shade = {qn("w:val"): "clear", qn("w:color"): "auto", qn("w:fill"): SHADE}
        cell._tc.get_or_add_tcPr().append(OxmlElement("w:shd", shade))
    return paragraph


def _foot(document: Document) -> None:
    document.add_paragraph("{{ basis }}").runs[0].font.size = Pt(9)
    two_ended(document.add_paragraph(), "", "{{ issuers }}")
    two_ended(document.add_paragraph(), "", "{{ issued_on }}")
    foot = document.sections[0].footer.paragraphs[0]
    two_ended(foot, "{{ name }}", _("Page %(page)s of %(pages)s"))
