"""Loads what a file says of its projects into staging tables, by COPY; they are gone with the transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.words import Role
from tasks.ledger_identity import Entry
from tasks.ledger_names import Roster, UnitBook

TABLES = (
    """
    CREATE TEMPORARY TABLE staged_project (
        row_no int PRIMARY KEY, project_id int, is_new boolean, code text, name text, investor_id int, sector text,
        is_sme boolean, unit_id int, co_unit_ids int[], amount numeric(20, 2), currency text, signed_on date,
        officer_id int, leader_id int, squad_id int, origin_activity text, extra jsonb, visit_due_on date
    ) ON COMMIT DROP
    """,
    """
    CREATE TEMPORARY TABLE staged_milestone (
        row_no int, kind text, planned_on date, done_on date, evidence text
    ) ON COMMIT DROP
    """,
    "CREATE TEMPORARY TABLE staged_progress (row_no int, text text) ON COMMIT DROP",
    """
    CREATE TEMPORARY TABLE staged_blocker (
        row_no int, description text, category text, recipient_unit_id int, proposed_solution text, due_on date,
        project_id int, item_id int, is_new boolean
    ) ON COMMIT DROP
    """,
)


@dataclass(frozen=True)
class Names:
    """Everything a file names, by name."""

    units: UnitBook
    people: Roster
    squads: Mapping[str, int]
    investors: Mapping[str, int]


def stage(session: Session, entries: Sequence[Entry], names: Names) -> None:
    """Load the entries; people they name who are on no list are entered first."""
    names.people.enter(_people(entries))
    for table in TABLES:
        session.execute(text(table))
    _copy(session, "staged_project", (_project(each, names) for each in entries))
    _copy(session, "staged_milestone", (cells for each in entries for cells in _milestones(each)))
    _copy(session, "staged_progress", ((each.row.number, said) for each in entries for said in each.row.progress))
    _copy(session, "staged_blocker", (cells for each in entries for cells in _blockers(each, names.units)))
    session.execute(text("ANALYZE staged_project, staged_milestone, staged_progress, staged_blocker"))


def _copy(session: Session, table: str, rows: Iterable[Sequence[Any]]) -> None:
    cursor: Any = session.connection().connection.cursor()
    with cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _responsible(entry: Entry) -> int:
    """The unit the file makes responsible, else the one that is; a new project always names one."""
    return entry.units[0] if entry.units else entry.unit_id or 0


def _people(entries: Iterable[Entry]) -> Iterator[tuple[str, int, Role]]:
    for entry in entries:
        for name, role in ((entry.row.officer, Role.OFFICER), (entry.row.leader, Role.LEADER)):
            if name:
                yield name, _responsible(entry), role


def _project(entry: Entry, names: Names) -> Sequence[Any]:
    """One row of `staged_project`; what the file does not say is NULL."""
    row, unit_id = entry.row, _responsible(entry)
    return (
        row.number,
        entry.project_id,
        entry.project_id is None,
        entry.code,
        row.name or None,
        names.investors.get(row.investor),
        row.sector and row.sector.value,
        row.is_sme,
        entry.units[0] if entry.units else None,
        [unit for unit in entry.units[1:] if unit != unit_id],
        row.amount,
        row.currency and row.currency.value,
        row.signed_on,
        names.people.find(row.officer, unit_id),
        names.people.find(row.leader, unit_id),
        names.squads.get(row.squad),
        row.origin_activity or None,
        Jsonb(row.extra),
        row.visit_due_on,
    )


def _milestones(entry: Entry) -> Iterator[Sequence[Any]]:
    for each in entry.row.milestones:
        yield entry.row.number, each.kind.value, each.planned_on, each.done_on, each.evidence


def _blockers(entry: Entry, units: UnitBook) -> Iterator[Sequence[Any]]:
    for each in entry.row.blockers:
        recipient = next(iter(units.find(each.recipient)), None)
        category = each.category and each.category.value
        said = (each.description, category, recipient, each.solution or None, each.due_on)
        yield (entry.row.number, *said, None, None, False)
