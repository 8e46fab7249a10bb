"""A workbook of sheets, cell by cell."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from openpyxl import Workbook


def write(path: Path, sheets: Mapping[str, Sequence[Sequence[object]]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for number, row in enumerate(rows, 1):
            for column, cell in enumerate(row, 1):
                sheet.cell(number, column, cell)
    book.save(path)
    return path
