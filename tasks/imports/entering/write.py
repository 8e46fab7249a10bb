"""Writes staged projects into the ledger.

A filled cell changes the ledger's if the two differ, a cleared one blanks it, an empty one changes
nothing: the same file twice writes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Executable, any_, case, func, insert, literal, select, text, tuple_, update
from sqlalchemy.orm import Session

from models.ledger.project import Project
from tasks.imports.entering.staging import BLANKS, PROJECT_COLUMNS, STAGED_PROJECT

LOCK = "SELECT id FROM project WHERE id = ANY (:ids) ORDER BY id FOR UPDATE"

PROJECTS_OF_MOVED_INVESTORS = """
SELECT project_id FROM staged_project WHERE investor_id = ANY(:moved) AND NOT is_new
"""

NEW_CO_UNITS = """
INSERT INTO project_co_unit (project_id, unit_id)
SELECT p.id, u.id FROM project p JOIN staged_project s ON s.project_id = p.id, unnest(s.co_unit_ids) AS u (id)
WHERE u.id <> p.unit_id
ON CONFLICT DO NOTHING
RETURNING project_id
"""

# A cell with one unit means that there is no other.
FORMER_CO_UNITS = """
DELETE FROM project_co_unit c USING staged_project s
WHERE c.project_id = s.project_id AND s.unit_id IS NOT NULL AND c.unit_id <> ALL (s.co_unit_ids)
RETURNING c.project_id
"""

MILESTONES = """
INSERT INTO milestone AS m (project_id, kind, planned_on, done_on, evidence)
SELECT project_id, kind, planned_on, done_on, coalesce(evidence, '') FROM staged_milestone
ON CONFLICT (project_id, kind) DO UPDATE
SET planned_on = coalesce(excluded.planned_on, m.planned_on),
    done_on = coalesce(excluded.done_on, m.done_on),
    evidence = coalesce(nullif(excluded.evidence, ''), m.evidence)
WHERE (m.planned_on, m.done_on, m.evidence) IS DISTINCT FROM
      (coalesce(excluded.planned_on, m.planned_on), coalesce(excluded.done_on, m.done_on),
       coalesce(nullif(excluded.evidence, ''), m.evidence))
RETURNING m.project_id
"""

PROGRESS = """
INSERT INTO progress (project_id, happened_on, text)
SELECT project_id, :as_of, text FROM staged_progress s
WHERE NOT EXISTS (SELECT FROM progress p WHERE p.project_id = s.project_id AND p.text = s.text)
RETURNING project_id
"""

LARGE = 1000  # new projects; with fewer no query plan is slow enough to matter


@dataclass
class Changes:
    """The projects an import really changed, as its statements return them."""

    session: Session
    new: int = 0  # how many projects are new
    projects: set[int] = field(default_factory=set)
    milestones: set[int] = field(default_factory=set)  # projects with a changed milestone

    def run(self, statement: str | Executable, **bound: object) -> set[int]:
        """Execute a statement that returns the projects it changes; returns their ids, too."""
        executable = text(statement) if isinstance(statement, str) else statement
        touched = {row[0] for row in self.session.execute(executable, bound)}
        self.projects |= touched
        return touched

    def learn(self, *tables: str) -> None:
        """ANALYZE these tables after many new projects, or the planner expects them to be small."""
        if self.new >= LARGE:
            self.session.execute(text(f"ANALYZE {', '.join(tables)}"))


def enter_new_projects(session: Session) -> None:
    staged = STAGED_PROJECT.c
    values = [
        staged[name] if BLANKS.get(name) is None else func.coalesce(staged[name], BLANKS[name])
        for name in PROJECT_COLUMNS
    ]
    new = select(staged.project_id, *values, staged.extra).where(staged.is_new).order_by(staged.row_no)
    session.execute(insert(Project).from_select(["id", *PROJECT_COLUMNS, "extra"], new))


def enter_facts(changes: Changes, moved_investors: Iterable[int], as_of: date) -> None:
    changes.run(_changed_projects())
    changes.run(PROJECTS_OF_MOVED_INVESTORS, moved=list(moved_investors))
    changes.run(NEW_CO_UNITS)
    changes.run(FORMER_CO_UNITS)
    changes.milestones = changes.run(MILESTONES)
    changes.run(PROGRESS, as_of=as_of)


def _changed_projects() -> Executable:
    staged, ledger = STAGED_PROJECT.c, Project.__table__.c
    values = {name: _staged_value(name) for name in PROJECT_COLUMNS}
    values["extra"] = ledger.extra.op("-")(staged.dropped).op("||")(staged.extra)
    differs = tuple_(*(ledger[name] for name in values)).is_distinct_from(tuple_(*values.values()))
    known = update(Project).where(Project.id == staged.project_id, ~staged.is_new, differs)
    return known.values(values).returning(Project.id).execution_options(synchronize_session=False)


def _staged_value(name: str) -> ColumnElement[Any]:
    """A filled cell, else the blank of a cleared one, else what the ledger has."""
    staged, former = STAGED_PROJECT.c, Project.__table__.c[name]
    if name not in BLANKS:
        return func.coalesce(staged[name], former)
    is_cleared = literal(name) == any_(staged.cleared)
    return func.coalesce(staged[name], case((is_cleared, literal(BLANKS[name], former.type)), else_=former))
