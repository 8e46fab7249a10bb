"""Enters the investors and squads that the projects of a ledger file name."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.ledger.organisation import Squad
from models.ledger.project import Investor
from models.office_files.rows import LedgerFile
from tasks.database import coming_from
from tasks.imports.entering.cell_days import Cell, FileAge, keep_days_of, newer_cells
from tasks.imports.entering.identity.matched_project import MatchedProject

NEW_INVESTORS = text(
    "INSERT INTO investor (name, registered_in) "
    "SELECT * FROM unnest(CAST(:names AS text[]), CAST(:places AS text[])) "
    "ON CONFLICT (name) DO NOTHING RETURNING name, id"
)
PLACE = ("registered_in",)


def enter_squads(session: Session, file: LedgerFile, matches: Iterable[MatchedProject]) -> dict[str, int]:
    """Enter the squads of the sheet and of the projects; returns all by name."""
    names = dict.fromkeys([*file.squads, *(match.row.squad for match in matches if match.row.squad)])
    if names:
        session.execute(insert(Squad).on_conflict_do_nothing(), [{"name": name} for name in names])
    return dict(session.execute(select(Squad.name, Squad.id)).all())


class Move(NamedTuple):
    """An investor's new place of registration, and the rows that give it."""

    investor_id: int
    place: str
    source: str


def enter_investors(
    session: Session, file: LedgerFile, matches: Iterable[MatchedProject], age: FileAge
) -> tuple[dict[str, int], list[Move]]:
    """Enter the projects' investors; returns them by name, and those registered elsewhere."""
    where: dict[str, MatchedProject] = {}
    places: dict[str, str] = {}
    for match in matches:
        row = match.row
        if row.investor and (row.registered_in or row.investor not in places):
            places[row.investor], where[row.investor] = row.registered_in, match
    known = _investors(session, places)
    new = {name: place for name, place in places.items() if name not in known}
    added = session.execute(NEW_INVESTORS, {"names": list(new), "places": list(new.values())})
    known |= {name: (number, new[name]) for name, number in added}
    known |= _investors(session, new.keys() - known.keys())  # a form has entered them at the same moment
    moved = [
        Move(known[name][0], place, f"{file.name} · {where[name].places()}")
        for name, place in places.items()
        if place and known[name][1] != place
    ]
    newer = newer_cells(session, Investor.__tablename__, [move.investor_id for move in moved], PLACE, age)
    by_id = {known[name][0]: match for name, match in where.items()} if newer else {}
    age.kept += [(by_id[cell.row_id].row, "registered_in", day) for cell, day in newer.items()]
    moved = [move for move in moved if Cell(move.investor_id, *PLACE) not in newer]
    given = {known[name][0]: PLACE for name, place in places.items() if place}
    keep_days_of(session, Investor.__tablename__, given, age.day)
    return {name: number for name, (number, _place) in known.items()}, sorted(moved)


def _investors(session: Session, names: Iterable[str]) -> dict[str, tuple[int, str]]:
    known = select(Investor.name, Investor.id, Investor.registered_in).where(Investor.name == func.any(list(names)))
    return {name: (number, place) for name, number, place in session.execute(known)}


def move_investors(session: Session, moved: Collection[Move]) -> set[int]:
    """Store places of registration; lock the projects first. Returns the investors' ids."""
    for move in moved:
        with coming_from(session, move.source):
            mine = update(Investor).where(Investor.id == move.investor_id)
            session.execute(mine.values(registered_in=move.place))
    return {move.investor_id for move in moved}
