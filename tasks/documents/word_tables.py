"""Lays a dossier out as a Word document: headings, and tables written as XML in one piece each.

python-docx searches a table for every cell that is added; thousands of rows would take minutes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

from docx.document import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.oxml.xmlchemy import BaseOxmlElement

from models.i18n import gettext as _
from tasks.documents.characters import printable, width
from tasks.documents.replacing import replacing
from tasks.documents.sections import Block, Card, Fact, Row, Section
from tasks.documents.table import Table
from tasks.documents.word_style import HEAD, TEXT, TEXT_WIDTH, blank_page, dress

LONG = 36  # a fact wider than this many Latin characters takes a line of its own
TALL = 40  # a row of more lines may go over to the next page: it might not fit on one at all
LATIN = 90  # the width of a Latin character in a cell, in twentieths of a point
SHADE = "F2F2F2"
CARD = (24, 61, 24, 61)  # label and value, twice: shares of the page


@dataclass(frozen=True)
class Page:
    title: str
    name: str
    running: str
    head: Card
    sections: Sequence[Section]
    printed_on: date
    printed_by: str


@dataclass(frozen=True)
class Cell:
    """A cell of a table; `span` is how many columns it covers."""

    text: str
    style: str = TEXT
    span: int = 1
    is_shaded: bool = False


def write_page(page: Page, path: Path) -> None:
    document = blank_page()
    dress(document, clean(page.title), clean(page.running), page.printed_on, clean(page.printed_by))
    document.add_paragraph(clean(page.title), "Title")
    document.add_paragraph(clean(page.name), "Subtitle")
    _place(document, page.head)
    for number, section in enumerate(page.sections, 1):
        _place_section(document, number, section)
    with replacing(path) as scratch:
        document.save(str(scratch))


def clean(text: str) -> str:
    """Text as a document may hold it, on one line."""
    return " ".join(printable(text).split())


def _place_section(document: Document, number: int, section: Section) -> None:
    numerals = _("1 2 3 4 5 6 7 8 9 10 11 12 13 14 15").split()
    title = _("%(no)s. %(title)s") % {"no": numerals[number - 1], "title": section.title}
    document.add_heading(title, 1).paragraph_format.page_break_before = section.is_apart
    for block in section.blocks or [section.nothing]:
        _place(document, block)


def _place(document: Document, block: Block) -> None:
    if isinstance(block, str):
        document.add_paragraph(clean(block))
        return
    table = _card(block) if isinstance(block, Card) else _grid(block)
    document.element.body.sectPr.addprevious(table)
    document.add_paragraph(style="Gap")  # or Word takes the next table for a part of this one


def _grid(table: Table[Row]) -> BaseOxmlElement:
    heads = [Cell(head, HEAD, is_shaded=True) for head in table.heads]
    rows = ([Cell(text) for text in row] for row in table.texts)
    return _table(_shares([column.width for column in table.columns]), [heads], rows)


def _card(card: Card) -> BaseOxmlElement:
    title = [[Cell(card.title, HEAD, len(CARD), is_shaded=True)]] if card.title else []
    return _table(_shares(CARD), title, _side_by_side(card.facts))


def _side_by_side(facts: Iterable[Fact]) -> Iterator[list[Cell]]:
    waiting: list[Cell] = []
    for name, value, is_wide in facts:
        label, is_long = Cell(name, HEAD, is_shaded=True), is_wide or width(value) > LONG or "\n" in value
        if waiting and is_long:
            yield [*waiting[:-1], Cell(waiting[-1].text, span=3)]
            waiting = []
        waiting += [label, Cell(value, span=3 if is_long else 1)]
        if is_long or len(waiting) == len(CARD):
            yield waiting
            waiting = []
    if waiting:
        yield [waiting[0], Cell(waiting[1].text, span=3)]


def _shares(widths: Sequence[float]) -> list[int]:
    """The columns' widths in twentieths of a point; together they are as wide as the text."""
    shares = [int(TEXT_WIDTH * share // sum(widths)) for share in widths]
    return [*shares[:-1], TEXT_WIDTH - sum(shares[:-1])]


def _table(widths: Sequence[int], heads: Sequence[Sequence[Cell]], rows: Iterable[Sequence[Cell]]) -> BaseOxmlElement:
    columns = "".join(f'<w:gridCol w:w="{share}"/>' for share in widths)
    body = "".join([_row(row, widths, is_head=True) for row in heads] + [_row(row, widths) for row in rows])
    return parse_xml(
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{TEXT_WIDTH}" w:type="dxa"/>'
        '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/>'
        f"</w:tblCellMar></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{body}</w:tbl>"
    )


def _row(cells: Sequence[Cell], widths: Sequence[int], *, is_head: bool = False) -> str:
    """A row as XML; heads stand on each page, above at least one row."""
    placed, start = [], 0
    for cell in cells:
        placed.append((cell, sum(widths[start : start + cell.span])))
        start += cell.span
    keeps = "<w:cantSplit/>" if max(_lines(cell.text, room) for cell, room in placed) <= TALL else ""
    keeps += "<w:tblHeader/>" if is_head else ""
    parts = (_cell(cell, room, keep_next=is_head) for cell, room in placed)
    return f"<w:tr><w:trPr>{keeps}</w:trPr>{''.join(parts)}</w:tr>"


def _lines(text: str, room: int) -> int:
    return sum(width(line) * LATIN // room + 1 for line in text.splitlines())


def _cell(cell: Cell, room: int, *, keep_next: bool) -> str:
    span = f'<w:gridSpan w:val="{cell.span}"/>' if cell.span > 1 else ""
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{SHADE}"/>' if cell.is_shaded else ""
    keep = "<w:keepNext/>" if keep_next else ""
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{room}" w:type="dxa"/>{span}{shade}<w:vAlign w:val="center"/></w:tcPr>'
        f'<w:p><w:pPr><w:pStyle w:val="{cell.style}"/>{keep}</w:pPr><w:r>{_runs(cell.text)}</w:r></w:p></w:tc>'
    )


def _runs(text: str) -> str:
    """Text of a cell, its lines kept; nothing in it is ever markup."""
    lines = printable(text).splitlines() or [""]
    return "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in lines)
