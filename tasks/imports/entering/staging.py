"""Loads what a file says of its projects into staging tables, by COPY; they are gone with the transaction."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.words import Role
from tasks.imports.entering.identify import Entry, row_words
from tasks.imports.entering.people_and_units import Roster, UnitBook

TABLES = (
    """
    CREATE TEMPORARY TABLE staged_project (
        row_no int PRIMARY KEY, project_id int, is_new boolean, code text, name text, investor_id int, sector text,
        is_sme boolean, unit_id int, co_unit_ids int[], amount numeric(20, 2), currency text, signed_on date,
        officer_id int, leader_id int, squad_id int, origin_activity text, extra jsonb, visit_due_on date,
        cleared text[], dropped text[]
    ) ON COMMIT DROP
    """,
    "CREATE TEMPORARY TABLE staged_place (project_id int PRIMARY KEY, place text) ON COMMIT DROP",
    """
    CREATE TEMPORARY TABLE staged_milestone (
        row_no int, kind text, planned_on date, done_on date, evidence text
    ) ON COMMIT DROP
    """,
    "CREATE TEMPORARY TABLE staged_progress (row_no int, text text) ON COMMIT DROP",
    """
    CREATE TEMPORARY TABLE staged_blocker (
        row_no int, description text, category text, recipient_unit_id int, proposed_solution text, due_on date,
        project_id int, item_id int, is_new boolean, number int GENERATED ALWAYS AS IDENTITY
    ) ON COMMIT DROP
    """,
)
NUMBERS = "SELECT nextval(pg_get_serial_sequence('project', 'id')) FROM generate_series(1, :count)"
COLUMNS = {"investor": "investor_id", "officer": "officer_id", "leader": "leader_id", "squad": "squad_id"}
"""The ledger's columns of the fields that may be emptied, where the two have different names."""
BLOCKER_COLUMNS = "row_no, description, category, recipient_unit_id, proposed_solution, due_on, is_new"
BATCH = 5000
compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class Names:
    """Everything a file names, by name."""

    units: UnitBook
    people: Roster
    squads: Mapping[str, int]
    investors: Mapping[str, int]


def stage(session: Session, entries: Sequence[Entry], names: Names) -> None:
    """Load the entries; people they name who are on no list are entered first.

    From here on history says of each change to a project where in the file the project stands.
    """
    names.people.enter(_people(entries))
    for table in TABLES:
        session.execute(text(table))
    new = iter(_numbers(session, sum(entry.is_new for entry in entries)))
    ids = [next(new) if entry.is_new else entry.project_id for entry in entries]
    _copy(session, "staged_project", (_project(at, ids[at], each, names) for at, each in enumerate(entries)))
    told = row_words()
    _copy(session, "staged_place", ((number, each.places(told)) for number, each in zip(ids, entries, strict=True)))
    _copy(session, "staged_milestone", (cells for at, each in enumerate(entries) for cells in _milestones(at, each)))
    progress = ((at, said) for at, each in enumerate(entries) for said in each.row.progress)
    _copy(session, "staged_progress", progress)
    blockers = (cells for at, each in enumerate(entries) for cells in _blockers(at, each, names.units))
    _copy(session, f"staged_blocker ({BLOCKER_COLUMNS})", blockers)
    session.execute(text("ANALYZE staged_project, staged_place, staged_milestone, staged_progress, staged_blocker"))
    session.execute(text("SELECT set_config('luodi.places', 'on', true)"))


def _numbers(session: Session, count: int) -> Sequence[int]:
    """Numbers for so many new projects: what belongs to them can be named before they are entered."""
    return session.scalars(text(NUMBERS), {"count": count}).all()


def _copy(session: Session, table: str, rows: Iterable[Sequence[Any]]) -> None:
    """Load rows as CSV, in which an empty cell is NULL; psycopg itself takes three times as long for each value."""
    cursor: Any = session.connection().connection.cursor()
    with cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
        left = iter(rows)
        while portion := list(islice(left, BATCH)):
            lines = io.StringIO(newline="")
            csv.writer(lines, lineterminator="\n").writerows(portion)
            copy.write(lines.getvalue().replace("\0", ""))  # no text in PostgreSQL may hold NUL


def _array(values: Iterable[object]) -> str:
    """Numbers or names as the database writes an array of them."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: object) -> str:
    quoted = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _responsible(entry: Entry) -> int:
    """The unit the file makes responsible, else the one that is; a new project always names one."""
    return entry.units[0] if entry.units else entry.unit_id or 0


def _people(entries: Iterable[Entry]) -> Iterator[tuple[str, int, Role]]:
    for entry in entries:
        row = entry.row
        if row.officer:
            yield row.officer, _responsible(entry), Role.OFFICER
        if row.leader:
            yield row.leader, _responsible(entry), Role.LEADER


def _project(at: int, number: int | None, entry: Entry, names: Names) -> Sequence[Any]:
    """One row of `staged_project`; what the file does not say is NULL."""
    row, unit_id = entry.row, _responsible(entry)
    return (
        at,
        number,
        entry.is_new,
        entry.code,
        row.name or None,
        names.investors.get(row.investor),
        row.sector and row.sector.value,
        row.is_sme,
        entry.units[0] if entry.units else None,
        _array(unit for unit in entry.units[1:] if unit != unit_id),
        row.amount,
        row.currency and row.currency.value,
        row.signed_on,
        names.people.find(row.officer, unit_id),
        names.people.find(row.leader, unit_id),
        names.squads.get(row.squad),
        row.origin_activity or None,
        compact(row.extra),
        row.visit_due_on,
        _array(COLUMNS.get(name, name) for name in row.emptied if getattr(row, name) in ("", None)),
        _array(header for header in row.dropped if header not in row.extra),
    )


def _milestones(at: int, entry: Entry) -> Iterator[Sequence[Any]]:
    for each in entry.row.milestones:
        yield at, each.kind.value, each.planned_on, each.done_on, each.evidence


def _blockers(at: int, entry: Entry, units: UnitBook) -> Iterator[Sequence[Any]]:
    for each in entry.row.blockers:
        recipient = next(iter(units.find(each.recipient)), None)
        category = each.category and each.category.value
        yield (at, each.description, category, recipient, each.solution or None, each.due_on, False)
