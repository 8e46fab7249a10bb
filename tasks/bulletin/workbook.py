"""A bulletin as a workbook: its tables, and charts that Excel draws itself from cells."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from xlsxwriter.worksheet import Worksheet

from models.i18n import gettext as _
from tasks.bulletin import words
from tasks.bulletin.charts import charts
from tasks.bulletin.issue import Issued
from tasks.bulletin.tables import BulletinTable, tables
from tasks.documents.charts import Chart
from tasks.documents.charts_excel import WIDTH, height, native, write_data
from tasks.documents.excel import Book, writing
from tasks.documents.excel_tables import A4, begin, print_across, write_block
from tasks.documents.excel_tables import height as row_height

PAGE = 110  # characters that a table is wide in all
GAP = 16  # pixels between charts


def write_book(issued: Issued, path: Path) -> None:
    """Write the bulletin to `path` (.xlsx): a sheet per table, the charts, and their values."""
    figures = issued.figures
    names = words.section_titles() | {"facts": _("Bulletin")}
    headings = names | {"facts": f"{words.title(figures)} · {words.number_in_year(issued.year, issued.number)}"}
    texts = words.sentences(figures) | {key: (note,) for key, note in words.cut_notes(figures).items()}
    texts["facts"] = (*texts["facts"], words.clock(figures), words.basis(figures))
    with writing(path) as book:
        for key, table in tables(figures).items():
            _fill(book, book.sheet(names[key]), headings[key], texts.get(key, ()), table)
        _draw(book, charts(figures))


def _fill(book: Book, sheet: Worksheet, heading: str, sentences: Iterable[str], table: BulletinTable) -> None:
    whole = sum(column.width for column in table.columns)
    widths = [PAGE * column.width / whole for column in table.columns]
    begin(book, sheet, heading, widths)
    row = 1
    for sentence in filter(None, sentences):
        sheet.set_row(row, row_height(sentence, PAGE))
        sheet.merge_range(row, 0, row, len(widths) - 1, sentence, book.text)
        row += 1
    write_block(book, sheet, row + 1, table, widths)
    sheet.repeat_rows(row + 1)
    print_across(sheet, A4)


def _draw(book: Book, drawn: Sequence[Chart]) -> None:
    """Two charts a line on a sheet of their own; the values they are drawn of on another."""
    sheet, data = book.sheet(_("Charts")), book.sheet(_("Values of the charts"))
    data.set_column(0, 0, 40)
    data.set_column(1, 4, 16)
    row, top = 0, 0
    for place, chart in enumerate(drawn):
        offset = {"x_offset": (WIDTH + GAP) * (place % 2), "y_offset": top}
        sheet.insert_chart(0, 0, native(book, data.get_name(), row, chart), offset)
        row = write_data(book, data, row, chart) + 1
        if place % 2:
            top += max(map(height, drawn[place - 1 : place + 1])) + GAP
    print_across(sheet, A4)
    sheet.fit_to_pages(1, 1)
    print_across(data, A4)
