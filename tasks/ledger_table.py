"""Reads a table off a sheet: finds the header below the title rows, then each row's cells by column."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from openpyxl.utils import get_column_letter

from models.cells import BadCell, is_blank, plain
from models.i18n import gettext as _
from models.names import clean_name, clean_text
from tasks.ledger_columns import RUNNING_NUMBERS, Column, Partly, bare, by_header
from tasks.ledger_rows import Effect, Problem

Cells = tuple[Any, ...]

TITLE_ROWS = 30
"""A header is looked for this far down."""
SUBTOTAL = re.compile(r".{0,12}(小计|合计|总计)[:：]?")


@dataclass(frozen=True)
class Header:
    """Where a table's header stands and what its columns are; None: kept, but not understood."""

    at: int
    texts: tuple[str, ...]
    columns: tuple[Column | None, ...]

    @property
    def by_field(self) -> dict[str, str]:
        """The columns' own names by field."""
        return {column.field: text for column, text in zip(self.columns, self.texts, strict=True) if column}

    def missing(self, columns: Sequence[Column]) -> list[Column]:
        """The required columns that are not there."""
        return [column for column in columns if column.is_required and column.field not in self.by_field]


@dataclass(frozen=True)
class Line:
    """A row as read: values and the cells they came from by field, cells only kept, what is wrong."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def is_left_out(self) -> bool:
        """Whether a cell the row cannot do without is unreadable."""
        return any(problem.effect is Effect.ROW_LEFT_OUT for problem in self.problems)


@dataclass(frozen=True)
class Table:
    """A sheet whose header was found."""

    sheet: str
    rows: Sequence[Cells]
    header: Header

    def lines(self) -> Iterator[Line]:
        """Every row below the header that says something; a subtotal is a line with a note and no values."""
        for at in range(self.header.at + 1, len(self.rows)):
            cells = {place: cell for place, cell in enumerate(self.rows[at]) if not is_blank(cell)}
            if not cells:
                continue
            first = clean_name(next(iter(cells.values())))
            yield self._subtotal(at + 1, first) if SUBTOTAL.fullmatch(first) else self._line(at + 1, cells)

    def _subtotal(self, number: int, first: str) -> Line:
        reason = _("This is a subtotal, not a project: it was skipped.")
        return Line(number, problems=(Problem(self.sheet, number, "", first, reason, Effect.NOTE),))

    def _line(self, number: int, cells: Mapping[int, Any]) -> Line:
        line = Line(number)
        bad: list[tuple[Column, str, Any, str]] = []
        for place, cell in cells.items():
            header, column = self.header.texts[place], self.header.columns[place]
            if column is None:
                if header not in RUNNING_NUMBERS:
                    line.extra[header or get_column_letter(place + 1)] = kept(cell)
                continue
            line.cells[column.field] = cell
            try:
                value = column.read(cell, header)
            except BadCell as problem:
                bad.append((column, header, cell, str(problem)))
                continue
            if isinstance(value, Partly):
                line.extra[header], value = kept(cell), value.value
            line.values[column.field] = value
        return replace(line, problems=tuple(self._problems(number, bad)))

    def _problems(self, number: int, bad: Sequence[tuple[Column, str, Any, str]]) -> Iterator[Problem]:
        is_out = any(column.is_required for column, *_rest in bad)
        effect = Effect.ROW_LEFT_OUT if is_out else Effect.CELL_LEFT_OUT
        for _column, header, cell, reason in bad:
            yield Problem(self.sheet, number, header, plain(cell), reason, effect)


def kept(cell: Any) -> Any:
    """A cell as it can be kept: numbers and yes/no as they are, days and everything else as text."""
    if isinstance(cell, str):
        return clean_text(cell)
    return cell if isinstance(cell, bool | int | float) else plain(cell)


def find_table(
    sheet: str, rows: Sequence[Cells], columns: tuple[Column, ...], mapping: Mapping[str, Column | None]
) -> Table | None:
    """The table of a sheet: its header is the row that names most columns; None when no row names two.

    A sheet of one column is content with one. `mapping` gives columns by their bare headers and comes first.
    """
    mapped = {column.field for column in mapping.values() if column}
    known: dict[str, Column | None] = {
        header: column for header, column in by_header(columns).items() if column.field not in mapped
    }
    known |= mapping
    headers = [_header(at, row, known) for at, row in enumerate(rows[:TITLE_ROWS])]
    best = max(headers, key=lambda header: len(header.by_field), default=None)
    if best is None or len(best.by_field) < min(2, len(columns)):
        return None
    return Table(sheet, rows, best)


def _header(at: int, row: Cells, known: Mapping[str, Column | None]) -> Header:
    taken: set[str] = set()
    columns: list[Column | None] = []
    for cell in row:
        column = known.get(bare(cell)) if isinstance(cell, str) else None
        columns.append(column if column and column.field not in taken else None)
        taken |= {column.field} if column else set()
    return Header(at, tuple(clean_name(cell) for cell in row), tuple(columns))
