"""A table of cells, read as the ledger's own sheet is."""

from collections.abc import Sequence

from models.office_files.cells_read import Lines, read_lines
from models.office_files.columns import LEDGER
from models.office_files.row_building import ledger_rows
from models.office_files.rows import LedgerRow
from models.office_files.sheets.find_table import find_table
from models.office_files.sheets.sheet import Cell, Sheet


def read_table(*rows: Sequence[Cell]) -> Lines:
    """What is read below the header among these rows."""
    sheet = Sheet("台账", numbers=list(range(1, len(rows) + 1)), rows=[list(row) for row in rows])
    table = find_table(sheet, LEDGER, {})
    assert table
    return read_lines(table)


def read_column(header: str, *cells: Cell, beside: str = "备注") -> Lines:
    """What is read of one column with these cells, each in a row of its own."""
    rows = ([f"PY-{number}", f"项目{number}号", "清丰县", cell, ""] for number, cell in enumerate(cells, 1))
    return read_table(["项目编号", "项目名称", "责任单位", header, beside], *rows)


def typed_rows(lines: Lines) -> list[LedgerRow]:
    """The rows that are not left out."""
    return [row for row in ledger_rows(lines) if row.number not in lines.left_out]


def named(lines: Lines) -> list[tuple[str, str]]:
    """Each cell that was not taken, with what was probably meant."""
    return [(problem.value, problem.suggestion) for problem in lines.problems if problem.is_fault]
