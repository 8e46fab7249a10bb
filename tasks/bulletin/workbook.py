"""A bulletin as a workbook: its tables, and charts that Excel draws itself from cells."""

from collections.abc import Sequence
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from models.i18n import gettext as _
from tasks.bulletin import words as words
from tasks.bulletin.charts import charts
from tasks.bulletin.issue import Issued
from tasks.bulletin.page import title
from tasks.bulletin.slow import slow_told
from tasks.bulletin.table import Table
from tasks.bulletin.tables import tables
from tasks.documents.charts import Chart
from tasks.documents.charts_excel import WIDTH, height, native, write_data
from tasks.documents.excel import A4, Book, frame, print_across, put, writing
from tasks.documents.excel import height as row_height

PAGE = 110
"""Characters that a table is wide in all."""
GAP = 16
"""Pixels between charts."""
Sentences = Sequence[str]


def write_book(issued: Issued, path: Path) -> None:
    """Write the bulletin into the .xlsx file `path`: a sheet a table, the charts on one page, and their values."""
    figures, listed = issued.figures, tables(issued.figures)
    told = {
        "facts": [words.week_told(figures), words.since_told(figures), words.clock(figures), words.basis(figures)],
        "units": words.progress(figures),
        "slow": [slow_told(figures)],
        "work": [words.cut(len(figures.work.shown), figures.work.total)],
        "agenda": [words.cut(len(figures.agenda.shown), figures.agenda.total)],
    }
    with writing(path) as book:
        for key, name in _sheets().items():
            heading = _heading(issued) if key == "facts" else name
            _fill(book, book.sheet(name), heading, told.get(key, ()), listed[key])
        _draw(book, charts(figures))


def _sheets() -> dict[str, str]:
    """The tables' sheets by name."""
    return {
        "facts": _("Bulletin"),
        "targets": _("Targets"),
        "ranking": _("Ranking of the counties"),
        "units": _("Progress of the counties"),
        "slow": _("Projects that land slowly"),
        "work": _("Key work of the next week"),
        "agenda": _("Agenda of the weekly meeting"),
    }


def _heading(issued: Issued) -> str:
    number = _("No. %(number)s of %(year)s") % {"number": issued.number, "year": issued.year}
    return f"{title(issued.figures)} · {number}"


def _fill(book: Book, sheet: Worksheet, heading: str, told: Sentences, table: Table) -> None:
    """Write sentences and a table, and set how the sheet prints."""
    whole = sum(column.width for column in table.columns)
    widths = [PAGE * column.width / whole for column in table.columns]
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    sheet.set_row(0, 26)
    put(sheet, 0, 0, heading, book, book.title)
    row = 1
    for text in filter(None, told):
        sheet.set_row(row, row_height(text, PAGE))
        sheet.merge_range(row, 0, row, len(widths) - 1, text, book.text)
        row += 1
    _table(book, sheet, row + 1, table, widths)
    sheet.repeat_rows(row + 1)
    print_across(sheet, A4)


def _table(book: Book, sheet: Worksheet, row: int, table: Table, widths: Sequence[float]) -> None:
    sheet.set_row(row, 32)
    for place, head in enumerate(table.heads):
        put(sheet, row, place, head, book, book.head)
    for at, (cells, texts) in enumerate(zip(table.rows, table.texts, strict=True), start=row + 1):
        sheet.set_row(at, max(row_height(text, width) for text, width in zip(texts, widths, strict=True)))
        for place, column in enumerate(table.columns):
            value = cells[column.key]
            style = book.text if column.is_text else book.centred
            put(sheet, at, place, value if isinstance(value, int) else texts[place], book, style)
    frame(book, sheet, row, row + len(table.rows), len(table.columns))


def _draw(book: Book, drawn: Sequence[Chart]) -> None:
    """Two charts a line on a sheet of their own; the values they are drawn of on another."""
    sheet, data = book.sheet(_("Charts")), book.sheet(_("Values of the charts"))
    data.set_column(0, 0, 40)
    data.set_column(1, 4, 16)
    row, top = 0, 0
    for place, chart in enumerate(drawn):
        sheet.insert_chart(0, 0, native(book, data.get_name(), row, chart), _at(place, top))
        row = write_data(book, data, row, chart) + 1
        if place % 2:
            top += max(map(height, drawn[place - 1 : place + 1])) + GAP
    print_across(sheet, A4)
    sheet.fit_to_pages(1, 1)
    print_across(data, A4)


def _at(place: int, top: int) -> dict[str, int]:
    return {"x_offset": (WIDTH + GAP) * (place % 2), "y_offset": top}
