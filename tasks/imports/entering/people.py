"""Enters the sheet of people of a ledger file."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from models.i18n import enumerated
from models.i18n import gettext as _
from models.ledger.organisation import Person
from models.office_files.cells import BadCell
from models.office_files.columns import PEOPLE_SHEET
from models.office_files.rows import Effect, LedgerFile, PersonRow, Problem
from models.words import Role
from tasks.database import coming_from
from tasks.imports.entering.cell_days import FileAge, keep_days_of, newer_cells
from tasks.imports.entering.roster import Roster
from tasks.imports.entering.units import UnitBook

PERSON_CELLS = ("role", "channels", "looks_after")
NO_UNITS = "无"  # the inspector looks after no units of their own any more
Placed = tuple[str, int]  # a person's name, and the id of the unit


def enter_people(
    session: Session, file: LedgerFile, book: UnitBook, problems: list[Problem], age: FileAge
) -> tuple[Roster, int]:
    """Enter the sheet of people; what it gives of them replaces what the ledger has.

    Returns all people, and how many are new or have changed.
    """
    rows: dict[Placed, PersonRow] = {}
    roster = Roster(session)
    for row in file.people:
        try:
            unit_id = book.find(row.unit)[0]
            rows[roster.known_name(row.name, unit_id), unit_id] = row
        except BadCell as problem:
            header, why = file.header(PEOPLE_SHEET, "unit", "单位"), Effect.ROW_LEFT_OUT
            problems.append(Problem(PEOPLE_SHEET, row.number, header, row.unit, str(problem), why, problem.suggestion))
    if not rows:
        return roster, 0
    former, newer = _former_people(session), _newer_cells(session, rows, age)
    given = {place: _as_entered(row, former.get(place), newer.get(place, ())) for place, row in rows.items()}
    changed = {place: cells for place, cells in given.items() if former.get(place) != cells}
    problems += (
        _changed_channels(file, rows[place], former[place].channels)
        for place, cells in changed.items()
        if place in former and cells.channels != former[place].channels
    )
    with coming_from(session, f"{file.name} · {PEOPLE_SHEET}"):
        _enter_changed(session, changed)
        looked_after = {
            place: row
            for place, row in rows.items()
            if row.looks_after is not None and "looks_after" not in newer.get(place, ())
        }
        moved = _enter_looked_after(session, file, book, looked_after, problems)
    known = _known_people(session, rows)
    cells_given = {person.id: tuple(_cells_given(rows[place])) for place, person in known.items()}
    keep_days_of(session, Person.__tablename__, cells_given, age.day)
    return Roster(session), len(changed.keys() | moved)


class PersonCells(NamedTuple):
    role: Role
    channels: list[str]


def _former_people(session: Session) -> dict[Placed, PersonCells]:
    people = select(Person.name, Person.unit_id, Person.role, Person.channels)
    return {(name, unit_id): PersonCells(role, channels) for name, unit_id, role, channels in session.execute(people)}


def _as_entered(row: PersonRow, former: PersonCells | None, newer: Collection[str]) -> PersonCells:
    """What the ledger will say of a person: an empty cell changes nothing, nor an older one."""
    cells = PersonCells(row.role, list(row.channels) or (former.channels if former else []))
    return cells._replace(**{name: getattr(former, name) for name in cells._fields if former and name in newer})


def _enter_changed(session: Session, changed: Mapping[Placed, PersonCells]) -> None:
    new = insert(Person)
    statement = new.on_conflict_do_update(
        index_elements=[Person.name, Person.unit_id],
        set_={"role": new.excluded.role, "channels": new.excluded.channels},
    )
    if changed:
        values = [{"name": name, "unit_id": unit, **cells._asdict()} for (name, unit), cells in changed.items()]
        session.execute(statement, values)


def _changed_channels(file: LedgerFile, row: PersonRow, former: Sequence[str]) -> Problem:
    reason = _("Notices to %(name)s now go by these channels; before, by %(former)s.")
    words = {"name": row.name, "former": enumerated(former) or _("the inbox alone")}
    header = file.header(PEOPLE_SHEET, "channels", "通知渠道")
    return Problem(PEOPLE_SHEET, row.number, header, "、".join(row.channels), reason % words, Effect.NOTE)


def _cells_given(row: PersonRow) -> Iterator[str]:
    yield "role"
    if row.channels:
        yield "channels"
    if row.looks_after is not None:
        yield "looks_after"


def _known_people(session: Session, places: Collection[Placed]) -> dict[Placed, Person]:
    named = select(Person).where(Person.name.in_({name for name, _unit in places}))
    people = session.scalars(named.execution_options(populate_existing=True))
    return {(person.name, person.unit_id): person for person in people if (person.name, person.unit_id) in places}


def _newer_cells(session: Session, places: Collection[Placed], age: FileAge) -> dict[Placed, set[str]]:
    """The cells of people that the ledger has from a newer file or from somebody."""
    known = {person.id: place for place, person in _known_people(session, places).items()} if age.is_late else {}
    newer: dict[Placed, set[str]] = {}
    for cell in newer_cells(session, Person.__tablename__, known, PERSON_CELLS, age):
        newer.setdefault(known[cell.row_id], set()).add(cell.column)
    return newer


def _enter_looked_after(
    session: Session, file: LedgerFile, book: UnitBook, rows: Mapping[Placed, PersonRow], problems: list[Problem]
) -> set[Placed]:
    """Enter the units that inspectors look after; returns whose have changed."""
    changed = set()
    for (name, unit), row in rows.items():
        units = _looked_after(file, book, row, problems)
        if units is not None:
            person = update(Person).where(Person.name == name, Person.unit_id == unit)
            others = person.where(Person.looks_after != literal(units, JSONB)).values(looks_after=units)
            if session.execute(others.returning(Person.id)).all():
                changed.add((name, unit))
    return changed


def _looked_after(file: LedgerFile, book: UnitBook, row: PersonRow, problems: list[Problem]) -> list[int] | None:
    """The units the cell names, but for unknown ones; None if nothing of it can be taken."""
    names, header = row.looks_after or (), file.header(PEOPLE_SHEET, "looks_after", "联系单位")
    if row.role is not Role.INSPECTOR:
        why = _("Only inspectors look after units: notices of their supervision go to them.")
        problems.append(Problem(PEOPLE_SHEET, row.number, header, "、".join(names), why, Effect.NOTE))
        return None
    if names == (NO_UNITS,):
        return []
    units: dict[int, None] = {}
    for name in names:
        try:
            units |= dict.fromkeys(book.find(name))
        except BadCell as problem:
            problems.append(
                Problem(PEOPLE_SHEET, row.number, header, name, str(problem), suggestion=problem.suggestion)
            )
    return sorted(units) or None
