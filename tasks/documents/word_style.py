import re
from datetime import UTC, date, datetime
from pathlib import Path

import docx
from docx.document import Document
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Twips
from docx.text.paragraph import Paragraph

from models.i18n import current_locale, written
from models.i18n import gettext as _
from tasks.documents.characters import shortened

# A4 with room to file it on the left, fonts every office computer in China has, and the styles.
# Change it with Word. Its Latin text is English, also in Chinese documents: otherwise lines would
# break inside dates and numbers.
BLANK = Path(__file__).with_name("blank.docx")
TEXT_WIDTH = Mm(170) // Twips(1)  # of the blank page, in twentieths of a point
TEXT, HEAD = "CellText", "CellHead"  # styles of cells, as tables know them
MAX_RUNNING_LENGTH = 36  # Chinese characters that fit the head of a page beside the title
FIELD = re.compile(r"%\((page|pages)\)s")
FIELDS = {"page": "PAGE", "pages": "NUMPAGES"}
LANGUAGES = {"zh_CN": "zh-CN", "en": "en-GB"}


def blank_page() -> Document:
    return docx.Document(str(BLANK))


def dress(document: Document, title: str, running: str, printed_on: date, printed_by: str) -> None:
    section = document.sections[0]
    two_ended(section.header.paragraphs[0], shortened(running, MAX_RUNNING_LENGTH), title)
    printed = _("Printed on %(day)s by %(who)s") % {"day": written(printed_on), "who": printed_by}
    two_ended(section.footer.paragraphs[0], printed, _("Page %(page)s of %(pages)s"))
    properties, now = document.core_properties, datetime.now(UTC)
    properties.title, properties.subject, properties.author = f"{running} {title}", title, "Luodi"
    properties.last_modified_by, properties.comments, properties.keywords = "Luodi", "", ""
    properties.created, properties.modified = now, now
    properties.language = LANGUAGES[current_locale()]


def two_ended(paragraph: Paragraph, left: str, right: str) -> None:
    """A line with a text at each end; `%(page)s` and `%(pages)s` become Word's page numbers."""
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
