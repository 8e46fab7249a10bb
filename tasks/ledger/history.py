"""The history of one project, of its row and of the rows that belong to it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from models.escalation.action_item import ActionItem
from models.ledger.history import Change
from models.ledger.organisation import Person, Squad, Unit
from models.ledger.project import CapitalEvent, Investor, Progress, Project
from models.tables import Base
from tasks.ledger.lookups import person_choice

LATEST_CHANGES = 5000  # of a longer history the oldest are left out
# The columns of the leader's own row that concern a project: who acts for them.
DELEGATION = ("delegate_id", "delegate_from", "delegate_until")
NAMED: tuple[type[Unit | Squad | Investor], ...] = (Unit, Squad, Investor)


class RecordedChange(NamedTuple):
    recorded_at: datetime
    actor: str
    source: str
    table: str
    row_id: str
    column: str | None
    old: Any
    new: Any


@dataclass(frozen=True)
class History:
    """The newest changes, oldest first, and the names of the rows they point to."""

    entries: Sequence[RecordedChange]
    left_out: int  # how many older changes are not among them
    # Names by table and key, those of former units and people included.
    names: Mapping[tuple[str, int], str]
    items_of: Mapping[tuple[str, str], int]  # which item a pause or an extension belongs to


def history_of(session: Session, project: Project, items: Sequence[ActionItem]) -> History:
    """Who changed what of the project, when and from where; `items` are all its items.

    Rows that somebody deleted by SQL are missing: Luodi itself deletes none.
    """
    mine = or_(*_belonging(session, project, items))
    columns = (Change.recorded_at, Change.actor, Change.source, Change.table_name, Change.row_id)
    changes = select(*columns, Change.column_name, Change.old, Change.new).where(mine).order_by(Change.id.desc())
    entries = [RecordedChange._make(row) for row in session.execute(changes.limit(LATEST_CHANGES))]
    is_cut = len(entries) == LATEST_CHANGES
    count = session.scalar(select(func.count()).select_from(Change).where(mine)) if is_cut else None
    entries.reverse()
    return History(entries, (count or len(entries)) - len(entries), _names(session, entries), _items_of(items))


def _belonging(session: Session, project: Project, items: Sequence[ActionItem]) -> Iterable[ColumnElement[bool]]:
    """The project's rows of history, as conditions that are looked up by index."""
    owed = [item.id for item in items]
    keys: dict[str, Iterable[int]] = {
        "project": [project.id],
        "project_co_unit": [project.id],
        "milestone": [milestone.id for milestone in project.milestones],
        "progress": session.scalars(select(Progress.id).where(Progress.project_id == project.id)),
        "capital_event": session.scalars(select(CapitalEvent.id).where(CapitalEvent.project_id == project.id)),
        "action_item": owed,
        "visit": owed,
        "blocker": owed,
        "pause": [pause.id for item in items for pause in item.pauses],
        "extension": [extension.id for item in items for extension in item.extensions],
        "investor": [project.investor_id] if project.investor_id else [],
    }
    for table, numbers in keys.items():
        yield and_(Change.table_name == table, Change.row_id.in_([str(number) for number in numbers]))
    if project.leader_id:
        yield and_(
            Change.table_name == "person", Change.row_id == str(project.leader_id), Change.column_name.in_(DELEGATION)
        )


def _items_of(items: Sequence[ActionItem]) -> dict[tuple[str, str], int]:
    pauses = {("pause", str(pause.id)): item.id for item in items for pause in item.pauses}
    extensions = {("extension", str(extension.id)): item.id for item in items for extension in item.extensions}
    return pauses | extensions


def _names(session: Session, entries: Sequence[RecordedChange]) -> dict[tuple[str, int], str]:
    wanted: dict[str, set[int]] = {}
    for table, key in (pair for entry in entries for pair in _keys(entry)):
        wanted.setdefault(table, set()).add(key)
    names: dict[tuple[str, int], str] = {}
    for kind in NAMED:
        rows = session.execute(select(kind.id, kind.name).where(kind.id.in_(wanted.get(kind.__tablename__, ()))))
        names |= {(kind.__tablename__, key): name for key, name in rows}
    people = session.scalars(
        select(Person).where(Person.id.in_(wanted.get("person", ()))).options(joinedload(Person.unit))
    )
    return names | {("person", person.id): person_choice(person) for person in people}


def _keys(entry: RecordedChange) -> Iterable[tuple[str, int]]:
    for side in (entry.old, entry.new):
        cells = {entry.column: side} if entry.column else side or {}
        for column, value in cells.items():
            if isinstance(value, int) and (table := points_to(entry.table, str(column))):
                yield table, value


def points_to(table: str, column: str) -> str:
    """The table whose key the column holds; empty for an ordinary column."""
    cell = Base.metadata.tables[table].columns.get(column)
    return next((key.column.table.name for key in cell.foreign_keys), "") if cell is not None else ""
