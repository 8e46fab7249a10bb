"""Loads matched projects into staging tables by COPY; the tables are dropped with the transaction."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast

from psycopg import Cursor
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.words import Role
from tasks.imports.entering.identify import MatchedProject, row_words
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
    """
    CREATE TEMPORARY TABLE staged_capital (
        row_no int, project_id int, kind text, happened_on date, amount numeric(20, 2), currency text, evidence text,
        event_id int, event_count int, event_amount numeric(20, 2), event_currency text
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
# The ledger's columns of the clearable fields, if the two have different names.
COLUMNS = {"investor": "investor_id", "officer": "officer_id", "leader": "leader_id", "squad": "squad_id"}
CAPITAL_COLUMNS = "row_no, project_id, kind, happened_on, amount, currency, evidence"
BLOCKER_COLUMNS = "row_no, description, category, recipient_unit_id, proposed_solution, due_on, is_new"
BATCH = 5000
compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True)
class StagedNames:
    """Everything a file names, by name."""

    units: UnitBook
    people: Roster
    squads: Mapping[str, int]
    investors: Mapping[str, int]


def stage(session: Session, matches: Sequence[MatchedProject], names: StagedNames) -> None:
    """Load the projects; unknown people they name are entered first.

    From here on the history of a project names the rows of the file.
    """
    names.people.enter(_people(matches))
    for table in TABLES:
        session.execute(text(table))
    new = iter(_numbers(session, sum(match.is_new for match in matches)))
    ids = [next(new) if match.is_new else match.project_id for match in matches]
    rows = list(enumerate(matches))
    _copy(session, "staged_project", (_project(row_no, ids[row_no], match, names) for row_no, match in rows))
    words = row_words()
    _copy(session, "staged_place", ((ids[row_no], match.places(words)) for row_no, match in rows))
    _copy(session, "staged_milestone", (cells for row_no, match in rows for cells in _milestones(row_no, match)))
    capital = (cells for row_no, match in rows for cells in _capital(row_no, ids[row_no], match))
    _copy(session, f"staged_capital ({CAPITAL_COLUMNS})", capital)
    _copy(session, "staged_progress", ((row_no, entry) for row_no, match in rows for entry in match.row.progress))
    blockers = (cells for row_no, match in rows for cells in _blockers(row_no, match, names.units))
    _copy(session, f"staged_blocker ({BLOCKER_COLUMNS})", blockers)
    session.execute(
        text("ANALYZE staged_project, staged_place, staged_milestone, staged_capital, staged_progress, staged_blocker")
    )
    session.execute(text("SELECT set_config('luodi.places', 'on', true)"))


def _numbers(session: Session, count: int) -> Sequence[int]:
    """Numbers for new projects, taken before the projects are entered."""
    return session.scalars(text(NUMBERS), {"count": count}).all()


def _copy(session: Session, table: str, rows: Iterable[Sequence[object]]) -> None:
    """Load rows as CSV, in which an empty cell is NULL; psycopg itself takes three times as long for each value."""
    cursor = cast(Cursor, session.connection().connection.cursor())
    with cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
        left = iter(rows)
        while portion := list(islice(left, BATCH)):
            lines = io.StringIO(newline="")
            csv.writer(lines, lineterminator="\n").writerows(portion)
            copy.write(lines.getvalue().replace("\0", ""))  # no text in PostgreSQL may hold NUL


def _array(values: Iterable[object]) -> str:
    """Numbers or names as an array in PostgreSQL's notation."""
    return "{" + ",".join(map(_element, values)) + "}"


def _element(value: object) -> str:
    quoted = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"'


def _responsible(match: MatchedProject) -> int:
    """The responsible unit in the file, else in the ledger; a new project always names one."""
    return match.units[0] if match.units else match.unit_id or 0


def _people(matches: Iterable[MatchedProject]) -> Iterator[tuple[str, int, Role]]:
    for match in matches:
        row = match.row
        if row.officer:
            yield row.officer, _responsible(match), Role.OFFICER
        if row.leader:
            yield row.leader, _responsible(match), Role.LEADER


def _project(row_no: int, number: int | None, match: MatchedProject, names: StagedNames) -> Sequence[object]:
    """One row of `staged_project`; an empty cell is NULL."""
    row, unit_id = match.row, _responsible(match)
    return (
        row_no,
        number,
        match.is_new,
        match.code,
        row.name or None,
        names.investors.get(row.investor),
        row.sector and row.sector.value,
        row.is_sme,
        match.units[0] if match.units else None,
        _array(unit for unit in match.units[1:] if unit != unit_id),
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


def _milestones(row_no: int, match: MatchedProject) -> Iterator[Sequence[object]]:
    for cells in match.row.milestones:
        yield row_no, cells.kind.value, cells.planned_on, cells.done_on, cells.evidence


def _capital(row_no: int, number: int | None, match: MatchedProject) -> Iterator[Sequence[object]]:
    for cells in match.row.capital:
        amount, currency = cells.amount, cells.currency.value
        yield row_no, number, cells.kind.value, cells.happened_on, amount, currency, cells.evidence


def _blockers(row_no: int, match: MatchedProject, units: UnitBook) -> Iterator[Sequence[object]]:
    for cells in match.row.blockers:
        recipient = next(iter(units.find(cells.recipient)), None)
        category = cells.category and cells.category.value
        yield row_no, cells.description, category, recipient, cells.solution or None, cells.due_on, False
