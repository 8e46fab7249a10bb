"""Loads matched projects into staging tables by COPY; they are dropped with the transaction."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from operator import itemgetter
from typing import Any, cast

from psycopg import Cursor
from sqlalchemy import ARRAY, Boolean, Column, Date, Identity, Integer, MetaData, Table, Text, text
from sqlalchemy.orm import Session

from models.base import Base
from models.escalation.action_item import Blocker
from models.ledger.project import CapitalEvent, Milestone, Progress, Project
from models.office_files.rows import MILESTONE_PARTS, LedgerRow
from models.words import Role, Sector
from tasks.imports.entering.cell_days import bits_of
from tasks.imports.entering.identity.matched_project import MatchedProject, row_words
from tasks.imports.entering.roster import Roster
from tasks.imports.entering.units import UnitBook

STAGING = MetaData()
FIELDS = {
    "investor_id": "investor",
    "unit_id": "units",
    "currency": "amount",
    "officer_id": "officer",
    "leader_id": "leader",
    "squad_id": "squad",
    "recipient_unit_id": "recipient",
    "proposed_solution": "solution",
}  # a row's fields by the ledger's columns, if the two have different names
BLANKS: dict[str, object] = {
    **dict.fromkeys(("investor_id", "officer_id", "leader_id", "squad_id")),
    "sector": Sector.OTHER,
    "is_sme": False,
    "origin_activity": "",
}  # what a cleared cell puts into a column of the project; the columns not named here cannot be cleared
CLEARABLE = {FIELDS.get(column, column): column for column in BLANKS}  # by field
PROJECT_COLUMNS = ("code", "name", "unit_id", "amount", "currency", "signed_on", *BLANKS)
MILESTONE_COLUMNS = ("kind", *MILESTONE_PARTS)
CAPITAL_COLUMNS = ("kind", "happened_on", "amount", "currency", "evidence")
BLOCKER_COLUMNS = ("description", "category", "recipient_unit_id", "proposed_solution")
# Whose days are kept; which of them a file gives is the `pattern` of a staged row.
CAPITAL_CELLS, BLOCKER_CELLS = ("amount", "currency", "evidence"), (*BLOCKER_COLUMNS[1:], "due_on")
NUMBERS = "SELECT nextval(pg_get_serial_sequence('project', 'id')) FROM generate_series(1, :count)"
BATCH = 5000
Cells = dict[str, object]  # of a staging table, by column
compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _like(model: type[Base], names: Iterable[str]) -> list[Column[Any]]:
    return [Column(name, model.__table__.c[name].type) for name in names]


def _staging_table(name: str, given: Sequence[Column[Any]], *more: Column[Any], is_unique: bool = False) -> Table:
    """A table of what rows give for their projects; columns in `more` are filled by statements."""
    project_id = Column("project_id", Integer, primary_key=is_unique, autoincrement=False)
    copied = [Column("row_no", Integer), project_id, *given]
    info = {"copied": [column.name for column in copied]}
    return Table(name, STAGING, *copied, *more, prefixes=["TEMPORARY"], postgresql_on_commit="DROP", info=info)


STAGED_PROJECT = _staging_table(
    "staged_project",
    [
        *_like(Project, (*PROJECT_COLUMNS, "extra")),
        Column("is_new", Boolean),
        Column("co_unit_ids", ARRAY(Integer)),
        Column("visit_due_on", Date),
        Column("cleared", ARRAY(Text)),
        Column("dropped", ARRAY(Text)),
        Column("pattern", Integer),
    ],
    is_unique=True,
)
# Triggers of the ledger read it: history says where in the file a change stands.
STAGED_PLACE = _staging_table("staged_place", [Column("place", Text)], is_unique=True)
STAGED_MILESTONE = _staging_table("staged_milestone", _like(Milestone, MILESTONE_COLUMNS))
STAGED_CAPITAL = _staging_table(
    "staged_capital",
    [*_like(CapitalEvent, CAPITAL_COLUMNS), Column("pattern", Integer)],
    Column("event_id", Integer),
    Column("event_count", Integer),
    Column("event_amount", CapitalEvent.__table__.c.amount.type),
    Column("event_currency", Text),
)
STAGED_PROGRESS = _staging_table(
    "staged_progress", _like(Progress, ["text"]), Column("number", Integer, Identity(always=True))
)
STAGED_BLOCKER = _staging_table(
    "staged_blocker",
    [*_like(Blocker, BLOCKER_COLUMNS), Column("due_on", Date), Column("pattern", Integer)],
    Column("item_id", Integer),
    Column("is_new", Boolean, server_default="false"),
    Column("is_longer", Boolean, server_default="false"),  # than the text of the blocker
    Column("counted_from", Date),
    Column("counted_days", Integer),
    Column("number", Integer, Identity(always=True)),
)


@dataclass(frozen=True)
class StagedNames:
    units: UnitBook
    people: Roster
    squads: Mapping[str, int]
    investors: Mapping[str, int]


def stage(
    session: Session, matches: Sequence[MatchedProject], names: StagedNames, pattern_of: Callable[[LedgerRow], int]
) -> None:
    """Load the projects, new ones with an id.

    From here on the history of a project names the rows of the file.
    """
    numbers = iter(session.scalars(text(NUMBERS), {"count": sum(match.is_new for match in matches)}).all())
    for match in matches:
        match.project_id = match.ledger_id or next(numbers)
    STAGING.create_all(session.connection(), checkfirst=False)
    words = str(row_words())
    cells_by_table: dict[Table, Callable[[MatchedProject], Iterable[Cells]]] = {
        STAGED_PROJECT: lambda match: [_project(match, names, pattern_of(match.row))],
        STAGED_PLACE: lambda match: [{"place": match.places(words)}],
        STAGED_MILESTONE: lambda match: _columns(match.row.milestones, MILESTONE_COLUMNS),
        STAGED_CAPITAL: _capital,
        STAGED_PROGRESS: lambda match: [{"text": entry} for entry in match.row.progress],
        STAGED_BLOCKER: lambda match: _blockers(match, names.units),
    }
    for table, cells_of in cells_by_table.items():
        _copy(session, table, _numbered(matches, cells_of))
    session.execute(text(f"ANALYZE {', '.join(table.name for table in cells_by_table)}"))
    session.execute(text("SELECT set_config('luodi.places', 'on', true)"))


def _numbered(
    matches: Sequence[MatchedProject], cells_of: Callable[[MatchedProject], Iterable[Cells]]
) -> Iterator[Cells]:
    for row_no, match in enumerate(matches):
        for cells in cells_of(match):
            cells["row_no"], cells["project_id"] = row_no, match.project_id
            yield cells


def _copy(session: Session, table: Table, rows: Iterator[Cells]) -> None:
    """Load rows as CSV: an empty cell is NULL. psycopg itself takes three times as long."""
    cursor = cast(Cursor, session.connection().connection.cursor())
    columns = table.info["copied"]
    in_order = map(itemgetter(*columns), rows)
    with cursor, cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN (FORMAT csv)") as copy:
        while portion := list(islice(in_order, BATCH)):
            lines = io.StringIO(newline="")
            csv.writer(lines, lineterminator="\n").writerows(portion)
            copy.write(lines.getvalue().replace("\0", ""))  # no text in PostgreSQL may hold NUL


def _array(values: Sequence[object]) -> str:
    if not values:  # as in most rows
        return "{}"
    quoted = ['"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    return "{" + ",".join(quoted) + "}"


def responsible_unit(match: MatchedProject) -> int:
    """The responsible unit in the file, else in the ledger; a new project always names one."""
    return match.units[0] if match.units else match.unit_id or 0


def people_named(matches: Iterable[MatchedProject]) -> Iterator[tuple[str, int, Role]]:
    """The people of the projects, each with the unit and the role the cell gives."""
    for match in matches:
        row = match.row
        if row.officer:
            yield row.officer, responsible_unit(match), Role.OFFICER
        if row.leader:
            yield row.leader, responsible_unit(match), Role.LEADER


def _project(match: MatchedProject, names: StagedNames, pattern: int) -> Cells:
    row, unit_id = match.row, responsible_unit(match)
    return {
        "code": match.code,
        "name": row.name,
        "unit_id": match.units[0] if match.units else None,
        "amount": row.amount,
        "currency": row.currency,
        "signed_on": row.signed_on,
        "investor_id": names.investors.get(row.investor),
        "officer_id": names.people.find(row.officer, unit_id),
        "leader_id": names.people.find(row.leader, unit_id),
        "squad_id": names.squads.get(row.squad),
        "sector": row.sector,
        "is_sme": row.is_sme,
        "origin_activity": row.origin_activity,
        "extra": compact(row.extra),
        "is_new": match.is_new,
        "co_unit_ids": _array([unit for unit in match.units[1:] if unit != unit_id]),
        "visit_due_on": row.visit_due_on,
        "cleared": _array(
            [CLEARABLE[name] for name in row.emptied if name in CLEARABLE and getattr(row, name) in ("", None)]
        ),
        "dropped": _array([header for header in row.dropped if header not in row.extra]),
        "pattern": pattern,
    }


def _columns(entries: Iterable[object], names: Sequence[str]) -> Iterator[Cells]:
    return ({name: getattr(entry, name) for name in names} for entry in entries)


def _capital(match: MatchedProject) -> Iterator[Cells]:
    for cells in _columns(match.row.capital, CAPITAL_COLUMNS):
        yield {**cells, "pattern": bits_of(cells[name] for name in CAPITAL_CELLS)}


def _blockers(match: MatchedProject, units: UnitBook) -> Iterator[Cells]:
    for cells in match.row.blockers:
        staged = {
            "description": cells.description,
            "category": cells.category,
            "recipient_unit_id": next(iter(units.find(cells.recipient)), None),
            "proposed_solution": cells.solution,
            "due_on": cells.due_on,
        }
        yield {**staged, "pattern": bits_of(staged[name] for name in BLOCKER_CELLS)}
