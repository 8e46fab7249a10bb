"""Reads the cells below a header column by column, with a problem for each that cannot be taken."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from operator import attrgetter
from typing import Any, TypeVar, cast

from openpyxl.utils import get_column_letter

from models.i18n import gettext as _
from models.office_files.amounts.amounts import AmountUnit, NoUnit, TwoSizes
from models.office_files.amounts.currencies import is_yuan_sign
from models.office_files.amounts.neighbours import Neighbours
from models.office_files.amounts.shown_amounts import shown_amount
from models.office_files.cells import BadCell, is_blank, is_for_reading, plain
from models.office_files.columns import (
    LONGEST_HEADER,
    Column,
    Partly,
    is_ignored,
    is_official,
)
from models.office_files.days.day_order import DayOrder
from models.office_files.days.days import serial_since_1900
from models.office_files.names.names import clean_text
from models.office_files.rows import (
    LONGEST_SHOWN,
    Effect,
    Kept,
    Problem,
)
from models.office_files.sheets.named_units import unit_word
from models.office_files.sheets.sheet import ERRORS, Broken, Cell, Disputed, PartlyStruck, Shared, Shown, Struck
from models.office_files.sheets.table import Body, LedgerSheet
from models.office_files.words.numbering import numbered
from models.office_files.words.placeholders import SIGNS, Sign, sign_in
from models.office_files.words.standing import Standing
from models.words import Clock

T = TypeVar("T")
ODD_TEXTS = {Broken, Struck, PartlyStruck, Shared, Disputed}  # equal to texts that mean something else
STAND_INS = SIGNS | {"#"}  # what signs and errors begin with
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Unreadable:
    """Why a cell could not be read; an empty reason: it is for reading only."""

    reason: str
    suggestion: str = ""


@dataclass
class Lines:
    """The rows below a header by column; cells without a field are kept by header."""

    table: LedgerSheet
    numbers: list[int]
    unit: AmountUnit  # of amounts whose header names none
    values: dict[str, list[object]] = field(default_factory=dict)
    cells: dict[str, list[Cell]] = field(default_factory=dict)
    extra: dict[str, list[Kept]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unread: set[tuple[int, str]] = field(default_factory=set)  # row index, and field or header
    struck: set[int] = field(default_factory=set)  # the numbers of rows that are struck through

    @cached_property
    def left_out(self) -> set[int]:
        return {problem.row for problem in self.problems if problem.effect is Effect.ROW_LEFT_OUT}

    def column(self, name: str, _type: type[T]) -> list[T | None]:
        """The values of a field, of the type its column's reader gives; None for empty cells."""
        return cast("list[T | None]", self.values.get(name)) or [None] * len(self.numbers)

    def texts(self, name: str) -> list[str]:
        """The values of a text field; "" for empty cells."""
        return [value or "" for value in self.column(name, str)]

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Number and values by field of each row that is not left out."""
        for index, number in enumerate(self.numbers):
            if number not in self.left_out:
                values = {name: column[index] for name, column in self.values.items() if column[index] is not None}
                yield number, values


def read_lines(table: LedgerSheet) -> Lines:
    """Everything below the header; a row with an unreadable cell that it needs is left out."""
    body = table.body()
    unit = table.unit(body)
    lines = Lines(table, body.numbers, unit, problems=[*body.notes, *_unseen_looks(table), *_other_units(table, body)])
    if not body.rows:
        return lines
    sheet = table.sheet.name
    columns = zip(table.header.texts, table.header.columns, zip(*body.rows, strict=True), strict=True)
    faults: list[Problem] = []
    incomplete: set[int] = set()  # the numbers of rows without a cell they need
    for column_number, (header, column, cells) in enumerate(columns, 1):
        if column is None and (is_ignored(header) or (not header and cells.count("") == len(cells))):
            continue
        values, types = _values(cells, _reader(column, column_number - 1, table, unit, cells) if column else kept)
        if Sign in types:
            cells = _from_above(
                body, cells, values, is_own=column is not None and (column.has_unit or column.field == "code")
            )
            types = set(map(type, values))
        title = header or get_column_letter(column_number)
        # Without its code a row would become a project of its own
        is_needed = column is not None and (column.is_required or column.field == "code")
        unread = []
        for index, value in enumerate(values) if Unreadable in types else ():
            if isinstance(value, Unreadable):
                unread.append(index)
                values[index] = None
                if value.reason:
                    number = body.numbers[index]
                    fault = Problem(sheet, number, title, _shown(cells[index]), value.reason)
                    faults.append(replace(fault, suggestion=value.suggestion, column_number=column_number))
                    incomplete |= {number} if is_needed else set()
        if column is None:
            name = _keep(lines, title, cast("list[Kept]", values))
            lines.unread |= {(index, name) for index in unread}
            continue
        lines.unread |= {(index, name) for index in unread for name in (column.field, header)}
        if Partly in types:
            pairs = zip(cells, values, strict=True)
            _keep(lines, header, [kept(cell) if isinstance(value, Partly) else None for cell, value in pairs])
            values = [value.value if isinstance(value, Partly) else value for value in values]
        lines.cells[column.field], lines.values[column.field] = list(cells), values
    faults += _only_beside(lines, body)
    struck = dict(_struck_rows(lines))
    lines.problems += struck.values()
    lines.struck |= struck.keys()
    for fault in sorted((fault for fault in faults if fault.row not in struck), key=attrgetter("row")):
        is_out = fault.row in incomplete and fault.is_fault
        lines.problems.append(replace(fault, effect=Effect.ROW_LEFT_OUT) if is_out else fault)
    return lines


def _unseen_looks(table: LedgerSheet) -> Iterator[Problem]:
    if not table.sheet.has_looks:
        reason = _(
            "How the cells of this sheet look (number formats, strike-through) could not be seen: compare the amounts, "
            "or save the file in Excel as .xlsx and import that."
        )
        yield Problem(table.sheet.name, table.heading.row, "", "", reason, Effect.NOTE)


def _only_beside(lines: Lines, body: Body) -> Iterator[Problem]:
    """What only the second of two columns for one field says, or what its stage contradicts.

    Luodi's own ledger has columns that it only keeps beside its own.
    """
    table = lines.table
    beside = [(index, column) for index, column in enumerate(table.header.beside) if column]
    for index, column in () if is_official(table.header.texts) else beside:
        if column.field not in lines.values:  # nor has the first one a field
            continue
        header, own = table.header.texts[index], table.header.by_field[column.field]
        cells = [row[index] for row in body.rows]
        values, _types = _values(cells, _reader(column, index, table, lines.unit, cells))
        for place, (value, former) in enumerate(zip(values, lines.values[column.field], strict=True)):
            is_read = not (isinstance(value, Unreadable) and not value.reason)
            is_named = not lines.unread.isdisjoint({(place, column.field), (place, header)})
            if value is None or not is_read or is_named:
                continue
            shown, words = _shown(cells[place]), {"own": own[:LONGEST_HEADER]}
            fault = Problem(table.sheet.name, body.numbers[place], header, shown, "", column_number=index + 1)
            if reason := _beside_reason(value, former):
                yield replace(fault, reason=reason % words)
            elif column.field == "problem" and not (_holds(former, value) or _holds(value, former)):
                reason = _("Another problem than in “%(own)s”, which counts: it is only kept, and opens nothing.")
                yield replace(fault, reason=reason % words, effect=Effect.NOTE)


def _beside_reason(value: object, former: object) -> str:
    if former is None or former == "":
        return _(
            "Only this column says so, and it is only kept, as “%(own)s” is the same field: write it there, or say by "
            "`mapping` which of the two counts and that the other is extra."
        )
    stage, other = (each.value if isinstance(each, Partly) else each for each in (former, value))
    if isinstance(stage, Standing) and isinstance(other, Standing) and _contradicts(other, stage):
        return _(
            "This says another stage than “%(own)s”, which counts: make them agree, or say by `mapping` which of the "
            "two counts and that the other is extra."
        )
    return ""


def _holds(text: object, part: object) -> bool:
    return plain(part).rstrip("。.") in plain(text)


def _contradicts(second: Standing, first: Standing) -> bool:
    """Whether a stage says something that the first does not say, more than that all goes on."""
    goes_on = (None, Clock.KEEP)
    return (
        second.outcome not in (None, first.outcome)
        or second.clock not in (*goes_on, first.clock)
        or second.reached not in (None, first.reached)
    )


def _other_units(table: LedgerSheet, body: Body) -> Iterator[Problem]:
    """What is said of a unit around the table that the headers of all its amounts contradict."""
    is_given = any(column and column.unit for column in table.header.columns)
    if not is_given and (units := table.contradicted(body)):
        reason = _(
            "Beside this table stands %(unit)s, but its headers give the amounts in %(own)s: they were read as the "
            "headers say. If that is wrong, correct the headers and import the file again."
        )
        own = {table.unit_of_column(index, unit) for index in table.header.amounts for unit in units}
        words = [" / ".join(sorted(filter(None, map(unit_word, some)))) for some in (units, own)]
        reason %= dict(zip(("unit", "own"), words, strict=True))
        yield Problem(table.sheet.name, table.heading.row, "", "", reason, Effect.NOTE)


def _struck_rows(lines: Lines) -> Iterator[tuple[int, Problem]]:
    """The rows whose project is struck out: by its name, or its code where there is no name."""
    names = lines.cells.get("name", [])
    codes = lines.cells.get("code", [])
    if Struck not in map(type, (*names, *codes)):
        return
    reason = _(
        "This row is struck through, and was left out. If the project has ended, remove the strike-through and write "
        "终止 and the reason; if it still counts, remove the strike-through; if it never counted, delete the row."
    )
    sheet, header = lines.table.sheet.name, lines.table.header.by_field
    if not {"code", "units"} & header.keys():  # of units, people or squads
        reason = _("This row is struck through, and was left out: delete it, or remove the strike-through.")
    for index, number in enumerate(lines.numbers):
        cells = [(field, column[index]) for field, column in (("name", names), ("code", codes)) if column]
        field, cell = next(((field, cell) for field, cell in cells if not is_blank(cell)), ("", ""))
        if isinstance(cell, Struck):
            yield number, Problem(sheet, number, header[field], _shown(cell), reason, Effect.ROW_LEFT_OUT)


def _values(cells: Sequence[Cell], read: Callable[[Cell], object]) -> tuple[list[object], set[type]]:
    """The value of each cell, and their types; each distinct cell is read once, for speed."""
    # True and 1 would be one key
    is_mixed = not {bool, *ODD_TEXTS}.isdisjoint(map(type, cells))
    keys: Sequence[object] = [(type(cell), cell) for cell in cells] if is_mixed else cells
    known: dict[object, object] = {}
    for key, cell in zip(keys, cells, strict=True) if is_mixed else ((cell, cell) for cell in set(cells)):
        if key not in known:
            known[key] = _value(cell, read)
    return [known[key] for key in keys], set(map(type, known.values()))


def _from_above(body: Body, cells: Sequence[Cell], values: list[object], *, is_own: bool) -> tuple[Cell, ...]:
    """Replace signs among the values by the values above them; returns the cells they stand for.

    What `is_own` to a project, as its code or its amount, is the same as no other's.
    """
    meant, skipped = list(cells), {note.row for note in body.notes}
    for index, value in enumerate(values):
        if value is not Sign.SAME_AS_ABOVE:
            continue
        above = values[index - 1] if index else None
        is_next = index and skipped.isdisjoint(range(body.numbers[index - 1], body.numbers[index]))
        if is_own:
            values[index] = Unreadable(_("Every project has its own: write the value itself."))
        elif above is None or isinstance(above, Unreadable) or not is_next:
            values[index] = Unreadable(_("No value stands above this cell: write the value itself."))
        else:
            values[index], meant[index] = above, meant[index - 1]
    return tuple(meant)


def _shown(cell: Cell) -> str:
    return plain(cell[:LONGEST_SHOWN] if isinstance(cell, str) else cell)


def _value(cell: Cell, read: Callable[[Cell], object]) -> object:
    if type(cell) in ODD_TEXTS:
        return Unreadable(_odd_reason(cell), cell.suggestion if isinstance(cell, Disputed) else "")
    if cell == "" or is_blank(cell):
        return Unreadable("") if is_for_reading(cell) else None
    try:
        return (_stand_in(cell) if type(cell) is str and cell[0] in STAND_INS else None) or read(cell)
    except BadCell as problem:
        return Unreadable(str(problem), problem.suggestion)


def _stand_in(cell: str) -> Sign | None:
    """The sign that stands in a cell instead of a value; raises `BadCell` if it is an error's."""
    if cell in ERRORS:
        raise BadCell(_shown_error())
    return sign_in(cell)


def _shown_error() -> str:
    return _("The cell shows an error instead of a value: write the value itself.")


def _odd_reason(cell: Cell) -> str:
    if isinstance(cell, Broken):
        never = _("This formula was never worked out: open the file in Excel, save it, and send it again.")
        return _shown_error() if cell in ERRORS else never
    if isinstance(cell, Disputed):
        return cell.reason
    if isinstance(cell, Shared):
        return _(
            "This figure is merged over the rows of several projects: unmerge the cell and write each project's own "
            "amount into its row."
        )
    if isinstance(cell, Struck):
        return _("This cell is struck through: empty it if it no longer holds, else remove the strike-through.")
    return _("A part of this cell is struck through: delete that part, or remove the strike-through.")


def _reader(
    column: Column, index: int, table: LedgerSheet, sheet_unit: AmountUnit, cells: Sequence[Cell]
) -> Callable[[Cell], object]:
    if column.has_unit:
        unit = table.unit_of_column(index, sheet_unit)
        return partial(_amount, partial(column.read, unit=unit), unit, Neighbours(cells, table.header.texts, unit))
    if column.has_days:
        is_chinese = any(map(CHINESE.search, table.header.texts))
        order = DayOrder(lambda: [plain(cell) for cell in cells if isinstance(cell, str)], is_chinese=is_chinese)
        read = partial(column.read, order=order)
        return (lambda cell: read(serial_since_1900(cell))) if table.sheet.is_1904 else read
    return column.read


def _amount(read: Callable[[Cell], object], unit: AmountUnit, neighbours: Neighbours, cell: Cell) -> object:
    try:
        return shown_amount(cell, unit) if isinstance(cell, Shown) else read(cell)
    except (NoUnit, TwoSizes) as problem:
        is_list = isinstance(cell, str) and len(numbered(clean_text(cell))) > 1
        raise BadCell(str(problem), "" if is_list else neighbours.suggestion(problem)) from problem


def _keep(lines: Lines, header: str, cells: list[Kept]) -> str:
    """Keep cells under their header, numbered if it is there twice; return that name."""
    name, times = header, 1
    while name in lines.extra:
        times += 1
        name = f"{header} {times}"
    lines.extra[name] = cells
    return name


def kept(cell: Cell) -> Kept:
    """A cell as it can be kept: numbers and yes/no as they are, everything else as text."""
    if isinstance(cell, str):
        return clean_text(cell)
    if isinstance(cell, Shown):
        return _kept_as_shown(cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell if isinstance(cell, bool | int | float) else plain(cell)


def _kept_as_shown(cell: Shown) -> Kept:
    """A number as its cell shows it; without a yuan sign, which says nothing new."""
    shown = cell.appearance
    if shown is None:
        return kept(float(cell))
    is_figure = not shown.words or is_yuan_sign(plain(shown.words))
    is_padded = shown.figure[:1] == "0" and shown.figure[1:2].isdigit()
    return plain(shown.text) if shown.scaled is None or is_padded or not is_figure else kept(float(shown.scaled))
