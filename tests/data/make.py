"""Writes the workbooks of this folder again: `python tests/data/make.py`; .xls and .ods want
LibreOffice.

What stands in them is told by `make_tables.py`, `make_values.py`, `make_hostile.py` and
`make_locked.py`; what is to be read of each stands beside it, in `*.expected.toml`.
"""

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

sys.path.insert(0, str(Path(__file__).parent))
from make_hostile import HOSTILE
from make_locked import LOCKED
from make_tables import CONVERTED, TABLES, TEXTS, Looks, Sheet
from make_values import VALUES

HERE = Path(__file__).parent


def write_book(path: Path, sheets: Mapping[str, Sheet]) -> None:
    """A workbook as Excel writes it, the same bytes each time."""
    with xlsxwriter.Workbook(path, {"date_1904": any(sheet.is_1904 for sheet in sheets.values())}) as book:
        book.set_properties({"created": datetime(2013, 6, 9, tzinfo=UTC)})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        formats = {"code": book.add_format({"num_format": "00000"}), "percent": book.add_format({"num_format": "0%"})}
        for name, sheet in sheets.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(sheet.rows):
                for place, cell in enumerate(row):
                    if isinstance(cell, Looks):
                        write_looks(book, page, number, place, cell)
                    else:
                        write_cell(page, number, place, cell, day, formats)
            for area in sheet.merged:
                page.merge_range(area, "")
                write_cell(page, *_top(sheet, area), day, formats)
            if sheet.is_hidden:
                page.hide()


def _top(sheet: Sheet, area: str) -> tuple[int, int, Any]:
    row, column = xlsxwriter.utility.xl_cell_to_rowcol(area.split(":")[0])
    return row, column, sheet.rows[row][column]


def write_cell(page: Any, row: int, column: int, cell: Any, day: Any, formats: Mapping[str, Any]) -> None:
    """One cell by its type: a pair is a formula with its last result, or a number with the name of
    its format.
    """
    if isinstance(cell, tuple) and cell[1] in formats:
        page.write_number(row, column, cell[0], formats[cell[1]])
    elif isinstance(cell, tuple):
        page.write_formula(row, column, cell[0], None, cell[1])
    elif isinstance(cell, bool):
        page.write_boolean(row, column, cell)
    elif isinstance(cell, date):
        page.write_datetime(row, column, cell, day)
    elif isinstance(cell, str) and cell:
        page.write_string(row, column, cell)
    elif cell not in (None, ""):
        page.write_number(row, column, cell)


def write_looks(book: Any, page: Any, row: int, column: int, cell: Looks) -> None:
    """A cell with a look of its own."""
    formats = [
        book.add_format({"font_strikeout": is_struck, "num_format": cell.number_format}) for is_struck in cell.struck
    ]
    if isinstance(cell.value, tuple):
        parts = zip(formats, cell.value, strict=True)
        page.write_rich_string(row, column, *(piece for part in parts for piece in part))
    else:
        own = formats[0] if formats else book.add_format({"num_format": cell.number_format})
        page.write(row, column, cell.value, own)


def convert(name: str, sheets: Mapping[str, Sheet]) -> None:
    """Let LibreOffice save a workbook in the form its name asks for."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, name).with_suffix(".xlsx")
        write_book(source, sheets)
        home, kind = f"-env:UserInstallation=file://{folder}/home", Path(name).suffix[1:]
        command = [
            "soffice",
            home,
            "--headless",
            "--convert-to",
            kind,
            "--outdir",
            str(HERE),
            str(source),
        ]
        subprocess.run(command, check=True, capture_output=True)


def main() -> None:
    """Write every file, or those whose names begin as the arguments say."""
    wanted = tuple(sys.argv[1:]) or ("",)
    for name, sheets in (TABLES | VALUES).items():
        if name.startswith(wanted):
            write_book(HERE / name, sheets)
    for name, content in TEXTS.items():
        if name.startswith(wanted):
            (HERE / name).write_bytes(content)
    for name, made in (HOSTILE | LOCKED).items():
        if name.startswith(wanted):
            (HERE / name).write_bytes(made())
    for name, sheets in CONVERTED.items():
        if name.startswith(wanted):
            convert(name, sheets)


if __name__ == "__main__":
    main()
