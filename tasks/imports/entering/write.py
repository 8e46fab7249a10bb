"""Writes staged projects into the ledger.

A filled cell changes the ledger's if the two differ, a cleared one blanks it, an empty one changes
nothing: the same file twice writes nothing.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Executable, any_, case, func, insert, literal, select, text, tuple_, update
from sqlalchemy.orm import Session

from models.ledger.project import LATEST_PROGRESS_FIRST, Project
from models.words import Stage
from tasks.imports.entering.cell_days import FileAge
from tasks.imports.entering.staging import BLANKS, PROJECT_COLUMNS, STAGED_PROJECT

LOCK = "SELECT id FROM project WHERE id = ANY (:ids) ORDER BY id FOR UPDATE"

PROJECTS_OF_MOVED_INVESTORS = """
SELECT project_id FROM staged_project WHERE investor_id = ANY(:moved) AND NOT is_new
"""

NEW_CO_UNITS = """
INSERT INTO project_co_unit (project_id, unit_id)
SELECT p.id, u.id FROM project p JOIN staged_project s ON s.project_id = p.id, unnest(s.co_unit_ids) AS u (id)
WHERE u.id <> p.unit_id AND (s.is_new OR s.unit_id IS NOT NULL)
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

# A text is news unless the files before and after it say the same, or the entries do.
PROGRESS = f"""
WITH known AS MATERIALIZED (
    SELECT project_id, max(happened_on) FILTER (WHERE happened_on <= :day) AS former_on,
           min(happened_on) FILTER (WHERE happened_on > :day) AS next_on
    FROM progress WHERE reported_by = '' AND project_id IN (SELECT project_id FROM staged_progress)
    GROUP BY project_id
), news AS MATERIALIZED (
    SELECT s.number, s.project_id, s.text, k.former_on, p.is_new, p.signed_on
    FROM staged_progress s JOIN staged_project p USING (project_id) LEFT JOIN known k USING (project_id)
    WHERE NOT EXISTS (
        SELECT FROM progress e WHERE e.project_id = s.project_id AND e.text = s.text AND e.reported_by = ''
        AND e.happened_on IN (k.former_on, k.next_on)
    )
)
INSERT INTO progress (project_id, happened_on, text, later_than)
SELECT n.project_id, :day, n.text, CASE WHEN CAST(:has_day AS boolean) THEN NULL ELSE least(:day, coalesce(
    (SELECT CAST(coalesce(d.days ->> 'progress', d.days ->> '*') AS date) FROM row_days r JOIN cell_days d
     ON d.id = r.cell_days_id WHERE r.row_id = n.project_id AND r.table_name = 'project'),
    n.former_on, n.signed_on, (SELECT p.signed_on FROM project p WHERE p.id = n.project_id)
)) END
FROM news n
WHERE n.is_new OR n.text IS DISTINCT FROM (
    SELECT e.text FROM progress e WHERE e.project_id = n.project_id AND e.happened_on <= :day
    ORDER BY {LATEST_PROGRESS_FIRST} LIMIT 1
) AND n.text IS DISTINCT FROM (
    SELECT e.text FROM progress e WHERE e.project_id = n.project_id AND e.happened_on > :day
    ORDER BY e.happened_on, e.id LIMIT 1
)
ORDER BY n.number
RETURNING project_id, id
"""  # noqa: S608 - only words of ours

# What a newer file had only repeated is news now: something else was said between.
PROGRESS_AGAIN = """
INSERT INTO progress (project_id, happened_on, text)
SELECT e.project_id, k.repeated_on, e.text
FROM progress e
JOIN row_days r ON r.row_id = e.project_id AND r.table_name = 'project'
JOIN cell_days d ON d.id = r.cell_days_id
CROSS JOIN LATERAL (SELECT CAST(coalesce(d.days ->> 'progress', d.days ->> '*') AS date) AS repeated_on) k
CROSS JOIN LATERAL (
    SELECT max(o.happened_on) FILTER (WHERE o.happened_on <= :day) AS former_on,
           bool_or(o.happened_on > :day AND o.happened_on <= k.repeated_on) AS is_other
    FROM progress o WHERE o.project_id = e.project_id AND o.reported_by = '' AND o.id <> ALL (:entries)
) f
WHERE e.project_id = ANY (:projects) AND e.reported_by = '' AND e.id <> ALL (:entries)
  AND k.repeated_on > :day AND e.happened_on = f.former_on AND NOT f.is_other
ORDER BY e.id
"""

LARGE = 1000  # new projects; with fewer no query plan is slow enough to matter


@dataclass
class Changes:
    """The projects an import really changed, as its statements return them."""

    session: Session
    new: int = 0  # how many projects are new
    projects: set[int] = field(default_factory=set)
    milestones: set[int] = field(default_factory=set)  # projects with a changed milestone
    ended: Counter[Stage] = field(default_factory=Counter)  # projects that landed or exited now

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


def enter_facts(changes: Changes, moved_investors: Iterable[int]) -> None:
    changes.run(_changed_projects())
    changes.run(PROJECTS_OF_MOVED_INVESTORS, moved=list(moved_investors))
    changes.run(NEW_CO_UNITS)
    changes.run(FORMER_CO_UNITS)
    changes.milestones = changes.run(MILESTONES)


def enter_progress(changes: Changes, age: FileAge, *, has_day: bool) -> None:
    """Enter what the file tells of the projects' progress, on the file's day.

    Without a day of its own (`has_day`) it tells something of after the file before it.
    """
    bound = {"day": age.day, "has_day": has_day}
    entered = changes.session.execute(text(PROGRESS), bound).all()
    changes.projects |= {project_id for project_id, _entry in entered}
    if entered and age.has_newer:
        projects, entries = map(list, zip(*entered, strict=True))
        changes.session.execute(text(PROGRESS_AGAIN), {"day": age.day, "projects": projects, "entries": entries})


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
