"""Reads the cells below a header column by column, and gives what belongs together the shape of a row.

Whole columns are read at once, each distinct cell a single time: ledgers repeat themselves, so large ones are quick.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from openpyxl.utils import get_column_letter

from models.i18n import gettext as _
from models.office_files.cells import AmountUnit, BadCell, amount_unit_of, is_blank, is_for_reading, plain
from models.office_files.columns import Column, Partly, is_ignored
from models.office_files.header import Table
from models.office_files.names import clean_text
from models.office_files.numbering import numbered
from models.office_files.rows import (
    LONGEST_SHOWN,
    MILESTONE_FIELDS,
    BlockerCells,
    Effect,
    LedgerRow,
    MilestoneCells,
    PersonRow,
    Problem,
    UnitRow,
)
from models.office_files.sheet import ERRORS, Broken
from models.office_files.vocabulary import UNIT_KIND_HINTS
from models.words import MilestoneKind, UnitKind, VisitOutcome

CLEARABLE = ("investor", "sector", "officer", "leader", "squad", "is_sme", "origin_activity")
"""The fields of a project that an empty cell may erase, where that is wanted."""


@dataclass(frozen=True)
class Bad:
    """A cell that could not be read, and why; no reason: nobody was to read it."""

    reason: str
    suggestion: str = ""


Fault = tuple[int, str, Column | None, Any, Bad]
"""Place of a cell's column from 1, its header, the column, the cell, and what is wrong with it."""


@dataclass
class Lines:
    """The rows of a table by column: what each cell says, the cells themselves, what is only kept, what is wrong."""

    table: Table
    numbers: list[int]
    values: dict[str, list[Any]] = field(default_factory=dict)
    cells: dict[str, list[Any]] = field(default_factory=dict)
    extra: dict[str, list[Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unread: set[tuple[int, str]] = field(default_factory=set)
    """The cells that are not empty and were not read: the line's place, and the field or name a cell is kept under."""

    @cached_property
    def left_out(self) -> set[int]:
        """The numbers of the rows with an unreadable cell they cannot do without."""
        return {problem.row for problem in self.problems if problem.effect is Effect.ROW_LEFT_OUT}

    def column(self, name: str) -> list[Any]:
        """What the cells of a field say; None for each where the table has no such column."""
        return self.values.get(name) or [None] * len(self.numbers)

    def texts(self, name: str) -> list[str]:
        """The same for a field that says nothing by an empty text."""
        return [value or "" for value in self.values[name]] if name in self.values else [""] * len(self.numbers)

    def rows(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Row by row: the number and what it says, without the rows left out."""
        for at, number in enumerate(self.numbers):
            if number not in self.left_out:
                said = {name: column[at] for name, column in self.values.items() if column[at] is not None}
                yield number, said


def read_lines(table: Table) -> Lines:
    """Everything below the table's header; a row with an unreadable cell it cannot do without counts as left out."""
    body = table.body()
    lines = Lines(table, body.numbers, problems=body.notes)
    if not body.rows:
        return lines
    unit = table.unit(body)
    columns = zip(table.header.texts, table.header.columns, zip(*body.rows, strict=True), strict=True)
    bad: dict[int, list[Fault]] = {}
    for place, (header, column, cells) in enumerate(columns, 1):
        if column is None and (is_ignored(header) or (not header and cells.count("") == len(cells))):
            continue
        values, kinds = _outcomes(cells, _reader(column, header, unit) if column else kept)
        faulty = [at for at, value in enumerate(values) if isinstance(value, Bad)] if Bad in kinds else []
        for at in faulty:
            if values[at].reason:
                bad.setdefault(at, []).append(
                    (place, header or get_column_letter(place), column, cells[at], values[at])
                )
            values[at] = None
        if column is None:
            name = _keep(lines, header or get_column_letter(place), values)
            lines.unread |= {(at, name) for at in faulty}
            continue
        lines.unread |= {(at, name) for at in faulty for name in (column.field, header)}
        if Partly in kinds:
            partly = [isinstance(value, Partly) for value in values]
            _keep(
                lines,
                header,
                [kept(cell) if is_partly else None for cell, is_partly in zip(cells, partly, strict=True)],
            )
            values = [value.value if isinstance(value, Partly) else value for value in values]
        lines.cells[column.field], lines.values[column.field] = list(cells), values
    for at, faults in sorted(bad.items()):
        lines.problems += _problems(table.sheet.name, body.numbers[at], faults)
    return lines


def _outcomes(cells: Sequence[Any], read: Callable[[Any], Any]) -> tuple[list[Any], set[type]]:
    """What each cell says, and which types that has; each distinct cell is read once."""
    is_mixed = not {bool, Broken}.isdisjoint(map(type, cells))
    keys: Sequence[Any] = [(type(cell), cell) for cell in cells] if is_mixed else cells  # True and 1 are one key
    known: dict[Any, Any] = {}
    for key, cell in zip(keys, cells, strict=True) if is_mixed else ((cell, cell) for cell in set(cells)):
        if key not in known:
            known[key] = _outcome(cell, read)
    return [known[key] for key in keys], set(map(type, known.values()))


def _outcome(cell: Any, read: Callable[[Any], Any]) -> Any:
    if isinstance(cell, str) and cell in ERRORS:
        return Bad(_("The cell shows an error instead of a value: write the value itself."))
    if isinstance(cell, Broken):
        return Bad(_("This formula was never worked out: open the file in Excel, save it, and send it again."))
    if cell == "" or is_blank(cell):
        return Bad("") if is_for_reading(cell) else None
    try:
        return read(cell)
    except BadCell as problem:
        return Bad(str(problem), problem.suggestion)


def _reader(column: Column, header: str, elsewhere: AmountUnit) -> Callable[[Any], Any]:
    said = amount_unit_of(header)
    unit = elsewhere if said.size is None and not said.is_either else said
    return lambda cell: column.read(cell, unit)


def _keep(lines: Lines, header: str, cells: list[Any]) -> str:
    """Keep a column that is not understood, under a name of its own when its header is there twice; which one."""
    name, times = header, 1
    while name in lines.extra:
        times += 1
        name = f"{header} {times}"
    lines.extra[name] = cells
    return name


def _problems(sheet: str, number: int, faults: Sequence[Fault]) -> Iterator[Problem]:
    """What is wrong with a row, and what that means: without its code it would become a project of its own."""
    is_out = any(column and (column.is_required or column.field == "code") for *_where, column, _cell, _bad in faults)
    effect = Effect.ROW_LEFT_OUT if is_out else Effect.CELL_LEFT_OUT
    for place, header, _column, cell, bad in faults:
        shown = plain(cell[:LONGEST_SHOWN] if isinstance(cell, str) else cell)
        yield Problem(sheet, number, header, shown, bad.reason, effect, bad.suggestion, place)


def kept(cell: Any) -> Any:
    """A cell as it can be kept: numbers and yes/no as they are, days and everything else as text."""
    if isinstance(cell, str):
        return clean_text(cell)
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell if isinstance(cell, bool | int | float) else plain(cell)


def ledger_rows(lines: Lines, *, note_empty: bool = False) -> list[LedgerRow]:
    """The lines of a ledger as projects; cells without sense alone (a solution, no problem) are kept.

    With `note_empty` each row also says which of its cells are empty.
    """
    amounts = [amount or (None, None) for amount in lines.column("amount")]
    claims = lines.column("claim")
    due = zip(lines.column("visit_due_on"), lines.column("problem"), lines.column("due_on"), strict=True)
    cells = lines.cells.get("claim", [""] * len(lines.numbers))
    rows = map(
        LedgerRow,
        lines.numbers,
        lines.texts("code"),
        lines.texts("name"),
        lines.texts("investor"),
        lines.texts("registered_in"),
        lines.column("sector"),
        lines.texts("units"),
        [amount for amount, _currency in amounts],
        [currency for _amount, currency in amounts],
        lines.column("signed_on"),
        lines.texts("officer"),
        lines.texts("leader"),
        lines.texts("squad"),
        lines.column("is_sme"),
        lines.texts("origin_activity"),
        [visit or (None if problem else _first(due_on)) for visit, problem, due_on in due],
        claims,
        [plain(cell) if claim else "" for claim, cell in zip(claims, cells, strict=True)],
        lines.texts("exit_reason"),
        lines.column("ended_on"),
        [(text,) if text else () for text in lines.column("progress")],
        _each(_milestones, lines, [*MILESTONE_FIELDS, "evidence"]),
        _each(_blockers, lines, ["problem", "category", "recipient", "solution", "due_on"]),
        _extras(lines),
        _empty(lines, {name: lines.values[name] for name in CLEARABLE if name in lines.values} if note_empty else {}),
        _empty(lines, lines.extra if note_empty else {}),
        [lines.table.sheet.name] * len(lines.numbers),
    )
    return [row for row in rows if row.number not in lines.left_out]


def _each(shape: Callable[..., Any], lines: Lines, names: Sequence[str]) -> list[Any]:
    """What is made of those fields in each row; alike rows share it."""
    if not any(name in lines.values for name in names):
        return [()] * len(lines.numbers)
    combined = list(zip(*(lines.column(name) for name in names), strict=True))
    known = {said: shape(*said) for said in set(combined)}
    return [known[said] for said in combined]


def _milestones(*said: Any) -> tuple[MilestoneCells, ...]:
    """What is said of each milestone; evidence given for all counts for those reached without their own."""
    common = said[-1] or ""
    found = []
    for at, kind in enumerate(MilestoneKind):
        planned_on, done_on, evidence = said[3 * at : 3 * at + 3]
        evidence = evidence or (common if done_on else "")
        if planned_on or done_on or evidence:
            found.append(MilestoneCells(kind, planned_on, done_on, evidence))
    return tuple(found)


def _blockers(problem: Any, category: Any, recipient: Any, solution: Any, due_on: Any) -> tuple[BlockerCells, ...]:
    """The problems of a cell, each by itself when they are numbered; what is numbered alike goes with theirs."""
    if not problem:
        return ()
    problems, solutions = numbered(problem), numbered(solution or "")
    if len(solutions) != len(problems):
        solutions = [solution or ""] * len(problems)
    more = (_for_each(problems, said) for said in (category, recipient, due_on))
    return tuple(
        BlockerCells(each, kind, to or "", "" if is_blank(answer) else answer, day)
        for each, answer, kind, to, day in zip(problems, solutions, *more, strict=True)
    )


def _for_each(problems: Sequence[str], said: Any) -> list[Any]:
    """What a cell says of each problem: one for each where it counts them, else the same for all."""
    is_counted = isinstance(said, tuple) and len(said) == len(problems)
    return list(said) if is_counted else [_first(said)] * len(problems)


def _first(said: Any) -> Any:
    return said[0] if isinstance(said, tuple) else said


def _extras(lines: Lines) -> list[dict[str, Any]]:
    """What is kept of each row: columns Luodi has no field for, cells understood in part or without sense alone."""
    columns = dict(lines.extra)
    for name, cells in _lonely(lines).items():
        former = columns.get(name, [None] * len(cells))
        columns[name] = [there if cell is None else cell for cell, there in zip(cells, former, strict=True)]
    if not columns:
        return [{} for _number in lines.numbers]
    names = list(columns)
    rows = zip(*columns.values(), strict=True)
    return [{name: cell for name, cell in zip(names, row, strict=True) if cell is not None} for row in rows]


def _lonely(lines: Lines) -> Mapping[str, list[Any]]:
    """The cells that say nothing without another one, by header."""
    reached = [f"{kind}.done_on" for kind in MilestoneKind]
    is_proof = list(map(any, zip(*(lines.column(name) for name in reached), strict=True)))
    ends = [claim not in (None, VisitOutcome.LANDED) for claim in lines.column("claim")]
    supports: dict[str, Iterable[Any]] = {
        "category": lines.column("problem"),
        "solution": lines.column("problem"),
        "recipient": lines.column("problem"),
        "evidence": is_proof,
        "registered_in": lines.column("investor"),
        "exit_reason": ends,
        "ended_on": ends,
    }
    alone = {}
    for name, support in supports.items():
        if name in lines.values and not all(support):
            alone[lines.table.header.by_field[name]] = [
                None if value is None or other else kept(cell)
                for value, other, cell in zip(lines.values[name], support, lines.cells[name], strict=True)
            ]
    return alone


def _empty(lines: Lines, columns: Mapping[str, Sequence[Any]]) -> list[tuple[str, ...]]:
    """Which of these columns are empty, line by line; a cell nobody could read is not."""
    rows = zip(*columns.values(), strict=True) if columns else [()] * len(lines.numbers)
    return [
        tuple(name for name, said in zip(columns, row, strict=True) if said is None and (at, name) not in lines.unread)
        for at, row in enumerate(rows)
    ]


def unit_row(number: int, said: Mapping[str, Any]) -> UnitRow:
    """A line of the sheet of units."""
    name, kind = said["name"], said.get("kind")
    return UnitRow(number, name, kind or _kind_of(name), kind is not None, said.get("aliases", ()))


def _kind_of(name: str) -> UnitKind:
    return next((kind for hint, kind in UNIT_KIND_HINTS.items() if hint in name), UnitKind.COUNTY)


def person_row(number: int, said: Mapping[str, Any]) -> PersonRow:
    """A line of the sheet of people."""
    return PersonRow(number, said["name"], said["role"], said["unit"], said.get("channels") or ())
