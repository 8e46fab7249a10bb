"""Makes typed rows of the cells read below a header."""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import Any, TypeVar

from models.office_files.amounts.amounts import Amount
from models.office_files.cells import BadCell, is_blank, plain
from models.office_files.cells_read import Lines, kept
from models.office_files.columns import (
    says_no_problem,
    simplified,
)
from models.office_files.days.days import parse_day
from models.office_files.rows import (
    CAPITAL_FIELDS,
    MILESTONE_FIELDS,
    BlockerCells,
    CapitalCells,
    Kept,
    LedgerRow,
    MilestoneCells,
    PersonRow,
    UnitRow,
)
from models.office_files.vocabulary import UNIT_KIND_HINTS
from models.office_files.words.numbering import numbered
from models.office_files.words.standing import LONGEST_STOP, Standing, stop_in
from models.words import CapitalKind, Clock, MilestoneKind, Sector, UnitKind, VisitOutcome

T = TypeVar("T")
# The fields of a project that an empty cell may erase, if `note_empty` is set.
CLEARABLE = ("investor", "sector", "officer", "leader", "squad", "is_sme", "origin_activity")
MAY_BE_TRADITIONAL = re.compile("[終產棄資約緩滯業轉遷銷廢]")  # in words of ends and stops
BLOCKER_FIELDS = ("problem", "category", "recipient", "solution", "due_on")


def ledger_rows(lines: Lines, *, note_empty: bool = False) -> list[LedgerRow]:
    """The lines of a ledger as projects, also those left out; with `note_empty` each also lists its
    empty cells.
    """
    codes, names, investors = lines.texts("code"), lines.texts("name"), lines.texts("investor")
    registered_in, sectors, units = lines.texts("registered_in"), lines.column("sector", Sector), lines.texts("units")
    amounts, signed_on = lines.column("amount", Amount), lines.column("signed_on", date)
    officers, leaders, squads = lines.texts("officer"), lines.texts("leader"), lines.texts("squad")
    is_sme, activities = lines.column("is_sme", bool), lines.texts("origin_activity")
    visits_due_on, due_on = lines.column("visit_due_on", date), lines.column("due_on", object)
    standings, claim_cells = lines.column("claim", Standing), lines.cells.get("claim", [])
    exit_reasons, ended_on = lines.texts("exit_reason"), lines.column("ended_on", date)
    progress, problems = lines.texts("progress"), lines.texts("problem")
    stops = _stops(progress)
    milestones = _shaped(_milestones, lines, (*MILESTONE_FIELDS, "evidence"))
    capital = _shaped(_capital, lines, CAPITAL_FIELDS)
    blockers = _shaped(_blockers, lines, BLOCKER_FIELDS)
    extras = _extras(lines)
    emptied = _empty(lines, {name: lines.values[name] for name in CLEARABLE if name in lines.values}, note_empty)
    dropped = _empty(lines, lines.extra, note_empty)
    rows = [
        LedgerRow(
            number=number,
            code=codes[index],
            name=names[index],
            investor=investors[index],
            registered_in=registered_in[index],
            sector=sectors[index],
            units=units[index] or lines.table.unit_name,
            amount=amount.figure if (amount := amounts[index]) else None,
            currency=amount.currency if amount else None,
            signed_on=signed_on[index],
            officer=officers[index],
            leader=leaders[index],
            squad=squads[index],
            is_sme=is_sme[index],
            origin_activity=activities[index],
            visit_due_on=visits_due_on[index] or (None if problems[index] else _first(due_on[index])),
            claim=standing.outcome if (standing := standings[index]) else None,
            claim_cell=plain(claim_cells[index]) if standing else "",
            clock=standing.clock if standing else None,
            reached=standing.reached if standing else None,
            exit_reason=exit_reasons[index],
            ended_on=ended_on[index],
            progress=(progress[index],) if progress[index] else (),
            stop=stops.get(progress[index]),
            milestones=milestones[index],
            capital=capital[index],
            blockers=blockers[index],
            extra=extras[index],
            emptied=emptied[index],
            dropped=dropped[index],
            sheet=lines.table.sheet.name,
        )
        for index, number in enumerate(lines.numbers)
    ]
    remarked = {
        number: standing
        for number, standing in zip(lines.numbers, standings, strict=True)
        if standing and standing.remark
    }
    for row in rows if lines.struck else ():
        row.is_struck = row.number in lines.struck
    for row in rows if remarked else ():
        if row.number in remarked:
            _add_remark(row, remarked[row.number])
    return rows


def _stops(progress: Sequence[str]) -> dict[str, VisitOutcome | Clock]:
    """The texts that speak of nothing but an end or a stop, and of which."""
    short = {text for text in progress if len(text) <= LONGEST_STOP}
    stops = ((text, stop_in(simplified(text) if MAY_BE_TRADITIONAL.search(text) else text)) for text in short)
    return {text: stop for text, stop in stops if stop}


def _add_remark(row: LedgerRow, standing: Standing) -> None:
    """Take the day or the reason that stands behind a word of status: 停工（资金未到位）."""
    day = None
    with suppress(BadCell):
        day = parse_day(standing.remark)
    if standing.is_over and day:
        row.ended_on = row.ended_on or day
    elif standing.takes_reason:
        row.exit_reason = row.exit_reason or standing.remark
    elif standing.reached and day:
        given = {cells.kind: cells for cells in row.milestones}
        reached = given.get(standing.reached, MilestoneCells(standing.reached))
        given[standing.reached] = replace(reached, done_on=reached.done_on or day)
        row.milestones = tuple(given[kind] for kind in MilestoneKind if kind in given)


def _shaped(
    shape: Callable[[Mapping[str, Any]], tuple[T, ...]], lines: Lines, names: Sequence[str]
) -> list[tuple[T, ...]]:
    """What `shape` makes of those fields in each row; rows with equal values share it."""
    if not any(name in lines.values for name in names):
        return [()] * len(lines.numbers)
    combined = list(zip(*(lines.column(name, object) for name in names), strict=True))
    known = {values: shape(dict(zip(names, values, strict=True))) for values in set(combined)}
    return [known[values] for values in combined]


def _milestones(row: Mapping[str, Any]) -> tuple[MilestoneCells, ...]:
    """The milestones of a row; the common evidence counts for those reached without their own."""
    milestones = []
    for kind in MilestoneKind:
        planned_on, done_on = row[f"{kind}.planned_on"], row[f"{kind}.done_on"]
        evidence = row[f"{kind}.evidence"] or ((row["evidence"] or "") if done_on else "")
        if planned_on or done_on or evidence:
            milestones.append(MilestoneCells(kind, planned_on, done_on, evidence))
    return tuple(milestones)


def _capital(row: Mapping[str, Any]) -> tuple[CapitalCells, ...]:
    """Each amount with the day and the evidence of its number; 0 is no capital."""
    capital = []
    for kind in CapitalKind:
        amounts, days = _parts(row[f"{kind}.amount"]), _parts(row[f"{kind}.happened_on"])
        common = row[f"{kind}.evidence"] or ""
        proofs = numbered(common)
        for index, amount in enumerate(amounts):
            if amount and amount.figure:
                day = days[index] if len(days) == len(amounts) else None
                evidence = proofs[index] if len(proofs) == len(amounts) else common
                capital.append(
                    CapitalCells(kind, day, amount.figure, amount.currency, "" if is_blank(evidence) else evidence)
                )
    return tuple(capital)


def _parts(value: Any) -> Sequence[Any]:
    return value if isinstance(value, tuple) and not isinstance(value, Amount) else (value,)


def _blockers(row: Mapping[str, Any]) -> tuple[BlockerCells, ...]:
    """One blocker per numbered problem; solutions are matched to problems by their number."""
    if not row["problem"]:
        return ()
    problems, solutions = numbered(row["problem"]), numbered(row["solution"] or "")
    if len(solutions) != len(problems):
        solutions = [row["solution"] or ""] * len(problems)
    categories, recipients, days = (_for_each(problems, row[name]) for name in ("category", "recipient", "due_on"))
    solutions = ["" if is_blank(solution) else solution for solution in solutions]
    cells = zip(problems, categories, recipients, solutions, days, strict=True)
    return tuple(
        BlockerCells(text, category, unit or "", solution, day)
        for text, category, unit, solution, day in cells
        if not is_blank(text) and not (len(problems) > 1 and says_no_problem(text))
    )


def _for_each(problems: Sequence[str], value: Any) -> list[Any]:
    """A cell's value for each problem: its parts if it numbers as many, else the same for all."""
    is_counted = isinstance(value, tuple) and len(value) == len(problems)
    return list(value) if is_counted else [_first(value)] * len(problems)


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) else value


def _extras(lines: Lines) -> list[dict[str, Kept]]:
    """The kept cells of each row: unknown, understood in part, or without meaning alone."""
    columns = dict(lines.extra)
    for name, cells in _lonely(lines).items():
        former = columns.get(name, [None] * len(cells))
        columns[name] = [earlier if cell is None else cell for cell, earlier in zip(cells, former, strict=True)]
    if not columns:
        return [{} for _number in lines.numbers]
    names = list(columns)
    rows = zip(*columns.values(), strict=True)
    return [{name: cell for name, cell in zip(names, row, strict=True) if cell is not None} for row in rows]


def _lonely(lines: Lines) -> Mapping[str, list[Kept]]:
    """The cells that mean nothing without another one, by header."""
    reached = (lines.column(f"{kind}.done_on", date) for kind in MilestoneKind)
    ends = [standing and standing.takes_reason for standing in lines.column("claim", Standing)]
    supports: dict[str, Sequence[object]] = {
        **dict.fromkeys(("category", "solution", "recipient"), lines.texts("problem")),
        "evidence": list(map(any, zip(*reached, strict=True))),
    }
    for kind in CapitalKind:
        supports[f"{kind}.happened_on"] = supports[f"{kind}.evidence"] = lines.column(f"{kind}.amount", object)
    supports |= {"registered_in": lines.texts("investor"), "exit_reason": ends, "ended_on": ends}
    alone = {}
    for name, support in supports.items():
        if name in lines.values and not all(support):
            alone[lines.table.header.by_field[name]] = [
                None if value is None or other else kept(cell)
                for value, other, cell in zip(lines.values[name], support, lines.cells[name], strict=True)
            ]
    return alone


def _empty(lines: Lines, columns: Mapping[str, Sequence[object]], is_wanted: bool) -> list[tuple[str, ...]]:
    """The empty ones of these columns, row by row; an unreadable cell is not empty."""
    if not is_wanted or not columns:
        return [()] * len(lines.numbers)
    return [
        tuple(
            name
            for name, value in zip(columns, row, strict=True)
            if value is None and (index, name) not in lines.unread
        )
        for index, row in enumerate(zip(*columns.values(), strict=True))
    ]


def unit_row(number: int, values: Mapping[str, Any]) -> UnitRow:
    name: str = values["name"]
    guess = next((kind for hint, kind in UNIT_KIND_HINTS.items() if hint in name), UnitKind.COUNTY)
    return UnitRow(number, name, values.get("kind") or guess, "kind" in values, values.get("aliases", ()))


def person_row(number: int, values: Mapping[str, Any]) -> PersonRow:
    units = values.get("looks_after") or None
    return PersonRow(number, values["name"], values["role"], values["unit"], values.get("channels") or (), units)
