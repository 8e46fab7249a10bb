"""What a dossier's pages look like: paper, fonts, styles, head and foot, and what the file says of itself."""

import re
from datetime import UTC, date, datetime
from typing import Any

import docx
from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, Twips
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from models.i18n import current_locale
from models.i18n import gettext as _
from tasks.documents.text import day_in_words

BODY_FONT, HEAD_FONT, LATIN_FONT = "宋体", "黑体", "Times New Roman"
"""Fonts every office computer in China has."""
TEXT, HEAD = "CellText", "CellHead"
"""Styles of cells, by the names tables know them by."""
WIDTH, HEIGHT, LEFT, RIGHT = Mm(210), Mm(297), Mm(22), Mm(18)
"""A4, with room to file it on the left."""
TEXT_WIDTH = (WIDTH - LEFT - RIGHT) // Twips(1)
KEPT = ("Normal", "Header", "Footer", "Title", "Subtitle", "Heading 1", "Table Grid", "Normal Table", "No List")
FIELD = re.compile(r"%\((page|pages)\)s")
FIELDS = {"page": "PAGE", "pages": "NUMPAGES"}
LANGUAGES = {"zh_CN": "zh-CN", "en": "en-GB"}
LATIN_LANGUAGE = "en-US"
"""Also in Chinese documents: with Chinese there, lines would break inside dates and numbers."""


def blank_page() -> Document:
    """An empty document in the office's language, with only the styles a dossier uses."""
    document = docx.Document()
    for style in list(document.styles):
        if style.name not in KEPT and style.name != "Default Paragraph Font":
            style.delete()
    _paper(document)
    _styles(document)
    _language(document)
    _up_to_date(document)
    return document


LONGEST_RUNNING = 36
"""Chinese characters that fit the head of a page beside the title."""


def dress(document: Document, title: str, running: str, printed_on: date, printed_by: str) -> None:
    """Head and foot of every page, and the file's own title and author."""
    section = document.sections[0]
    short = running if len(running) <= LONGEST_RUNNING else f"{running[: LONGEST_RUNNING - 1]}…"
    two_ended(section.header.paragraphs[0], short, title)
    printed = _("Printed on %(day)s by %(who)s") % {"day": day_in_words(printed_on), "who": printed_by}
    two_ended(section.footer.paragraphs[0], printed, _("Page %(page)s of %(pages)s"))
    properties, now = document.core_properties, datetime.now(UTC)
    properties.title, properties.subject, properties.author = f"{running} {title}", title, "Luodi"
    properties.last_modified_by, properties.comments, properties.keywords = "Luodi", "", ""
    properties.created, properties.modified = now, now
    properties.language = LANGUAGES[current_locale()]


def _paper(document: Document) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = WIDTH, HEIGHT
    section.left_margin, section.right_margin = LEFT, RIGHT
    section.top_margin, section.bottom_margin = Mm(24), Mm(20)
    section.header_distance, section.footer_distance = Mm(13), Mm(11)


def _styles(document: Document) -> None:
    centre, left = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.LEFT
    _style(document, "Normal", BODY_FONT, 10.5, after=4)
    _style(document, "Header", BODY_FONT, 9)
    _style(document, "Footer", BODY_FONT, 9)
    _style(document, "Title", HEAD_FONT, 22, align=centre, before=6, after=6)
    _style(document, "Subtitle", HEAD_FONT, 15, align=centre, after=10)
    _style(document, "Heading 1", HEAD_FONT, 14, before=12, after=6).paragraph_format.keep_with_next = True
    _style(document, "Cell Text", BODY_FONT, 9, before=1.5, after=1.5, align=left)
    _style(document, "Cell Head", HEAD_FONT, 9, before=1.5, after=1.5, align=centre)
    _style(document, "Gap", BODY_FONT, 5)


def _style(
    document: Document,
    name: str,
    font: str,
    size: float,
    *,
    before: float = 0,
    after: float = 0,
    align: WD_ALIGN_PARAGRAPH | None = None,
) -> ParagraphStyle:
    """A style with its Chinese and Latin fonts, in black; the template's own looks are taken off."""
    known = {each.name for each in document.styles}
    style: Any = document.styles[name] if name in known else document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    for part in style.element.findall(qn("w:rPr")) + style.element.findall(qn("w:pPr")):
        style.element.remove(part)
    style.font.size, style.font.name = Pt(size), LATIN_FONT
    style.element.rPr.rFonts.set(qn("w:eastAsia"), font)
    spacing = style.paragraph_format
    spacing.space_before, spacing.space_after, spacing.line_spacing = Pt(before), Pt(after), 1.0
    spacing.alignment = align
    found: ParagraphStyle = style
    return found


def _language(document: Document) -> None:
    """Say what language the text is in, or Word underlines all of it as misspelt."""
    defaults = document.styles.element.find(qn("w:docDefaults"))
    for language in defaults.iter(qn("w:lang")):
        language.set(qn("w:val"), LATIN_LANGUAGE)
        language.set(qn("w:eastAsia"), LANGUAGES["zh_CN"])
    for fonts in defaults.iter(qn("w:rFonts")):
        fonts.attrib.clear()
        for script, font in (("ascii", LATIN_FONT), ("hAnsi", LATIN_FONT), ("cs", LATIN_FONT), ("eastAsia", BODY_FONT)):
            fonts.set(qn(f"w:{script}"), font)


def _up_to_date(document: Document) -> None:
    """Be a document of today's Word: the template's is opened in “compatibility mode”, as a Japanese one."""
    settings = document.settings.element
    for setting in settings.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")
    for language in settings.iter(qn("w:themeFontLang")):
        language.set(qn("w:eastAsia"), LANGUAGES["zh_CN"])


def two_ended(paragraph: Paragraph, left: str, right: str) -> None:
    """A line with something at each end; `%(page)s` and `%(pages)s` become the numbers Word counts."""
    paragraph.paragraph_format.tab_stops.add_tab_stop(Twips(TEXT_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    paragraph.add_run(f"{left}\t")
    for number, part in enumerate(FIELD.split(right)):
        if number % 2:
            field = OxmlElement("w:fldSimple", {qn("w:instr"): FIELDS[part]})
            paragraph._p.append(field)
            run = paragraph.add_run("1")
            field.append(run._r)
        else:
            paragraph.add_run(part)
