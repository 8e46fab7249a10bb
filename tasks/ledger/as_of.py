"""The ledger as of a day: every project signed by then, and whether it had landed.

A fact with a day of its own counts by that day. Others, such as the unit in charge, are taken as
they are now, or as history says they were known at a moment.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Integer,
    Subquery,
    Text,
    case,
    cast,
    func,
    literal,
    select,
    text,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.orm import Session

from models.base import Base
from models.ledger.history import Change
from models.ledger.organisation import Unit
from models.ledger.project import Milestone, Project
from models.words import MilestoneKind, UnitKind

BY_HASHES = "SELECT set_config('enable_nestloop', 'off', true), set_config('work_mem', '64MB', true)"
AS_EVER = "SET LOCAL enable_nestloop = DEFAULT; SET LOCAL work_mem = DEFAULT"
PROJECT = (
    *("id", "unit_id", "investor_id", "sector", "is_sme", "amount", "currency", "signed_on"),
    *("officer_id", "leader_id", "squad_id", "exit", "ended_on"),
)
MILESTONE = ("id", "project_id", "kind", "planned_on", "done_on", "evidence")


def projects_as_of(day: date, definition: Sequence[MilestoneKind], known_at: datetime | None = None) -> CTE:
    """Every project signed by the end of `day`, one row each.

    Columns: those of `PROJECT` but `exit`; `landed_on`, the day the last milestone of `definition`
    was reached, all of them proven, unless the project had exited; `exited_on`; `started_on` and
    `completed_on`, when construction was, proven; `ended_on`, when the project was closed as landed
    or exited. All of them are empty unless by `day`.

    `known_at` (aware) takes what has no day of its own, and what was corrected since, as it was
    known then.
    """
    project = as_known(Project, PROJECT, known_at)
    reached = _reached(day, definition, known_at)
    exited_on = case(((project.c.exit.is_not(None)) & (project.c.ended_on <= day), project.c.ended_on))
    kept = [project.c[name] for name in PROJECT if name not in ("exit", "ended_on")]
    return (
        select(
            *kept,
            case((exited_on.is_(None) & (reached.c.count == len(set(definition))), reached.c.last_on)).label(
                "landed_on"
            ),
            exited_on.label("exited_on"),
            reached.c.started_on,
            reached.c.completed_on,
            case((project.c.ended_on <= day, project.c.ended_on)).label("ended_on"),
        )
        .outerjoin_from(project, reached, reached.c.project_id == project.c.id)
        .where(project.c.signed_on <= day)
        .cte("project_as_of")
    )


def signed_between(first: date | None, last: date | None, ledger: FromClause) -> ColumnElement[bool]:
    """Whether a project was signed from one day through another; None: at any time."""
    return ledger.c.signed_on.between(first or date.min, last or date.max)


def _reached(day: date, definition: Sequence[MilestoneKind], known_at: datetime | None) -> Subquery:
    milestone = as_known(Milestone, MILESTONE, known_at)
    defines = milestone.c.kind.in_(list(definition))
    started = milestone.c.kind == MilestoneKind.CONSTRUCTION_STARTED
    completed = milestone.c.kind == MilestoneKind.COMPLETED
    return (
        select(
            milestone.c.project_id,
            func.count().filter(defines).label("count"),
            func.max(milestone.c.done_on).filter(defines).label("last_on"),
            func.max(milestone.c.done_on).filter(started).label("started_on"),
            func.max(milestone.c.done_on).filter(completed).label("completed_on"),
        )
        .where(milestone.c.done_on <= day, func.btrim(milestone.c.evidence) != "")
        .group_by(milestone.c.project_id)
        .subquery("reached")
    )


def as_known(table: type[Base], names: Sequence[str], known_at: datetime | None) -> FromClause:
    """The columns of a table's rows, each cell as it was at `known_at`; None: as it is.

    Rows entered since are among them: a fact that was entered late still happened on its day.
    """
    plain = table.__table__
    if known_at is None:
        return plain
    former = _former(table.__tablename__, known_at)
    (key,) = plain.primary_key
    return (
        select(key, *(_known(name, plain.c[name], former) for name in names if name != key.name))
        .outerjoin_from(plain, former, former.c.row_id == key)
        .subquery(f"known_{table.__tablename__}")
    )


def units_as_known(session: Session, known_at: datetime | None) -> dict[int, tuple[str, UnitKind]]:
    """Names and kinds of units by id, in the order of entry; `known_at` as in `projects_as_of`."""
    unit = as_known(Unit, ("id", "name", "kind"), known_at)
    rows = session.execute(select(unit.c.id, unit.c.name, unit.c.kind).order_by(unit.c.id))
    return {number: (name, kind) for number, name, kind in rows}


def _former(table: str, known_at: datetime) -> Subquery:
    """The former values of the cells changed after a moment, by row, as one JSON object."""
    first = (
        select(Change.row_id, Change.column_name, Change.old)
        .where(Change.table_name == table, Change.column_name.is_not(None), Change.recorded_at > known_at)
        .ext(distinct_on(Change.row_id, Change.column_name))
        .order_by(Change.row_id, Change.column_name, Change.id)
        .subquery("first_change")
    )
    cells = func.jsonb_object_agg(first.c.column_name, first.c.old)
    row_id = cast(first.c.row_id, Integer).label("row_id")
    return select(row_id, type_coerce(cells, JSONB).label("cells")).group_by(first.c.row_id).subquery("former")


def _known(name: str, column: ColumnElement[Any], former: Subquery) -> Any:
    cell = cast(former.c.cells.op("->>")(literal(name, Text)), column.type)
    return case((former.c.cells.op("?")(literal(name, Text)), cell), else_=column).label(name)


@contextmanager
def by_hashes(session: Session) -> Iterator[None]:
    """Inside the block PostgreSQL makes no nested loops.

    It takes 100,000 projects as they were known for one row, and would scan the other table for
    each.
    """
    session.execute(text(BY_HASHES))
    yield
    session.execute(text(AS_EVER))
