"""Writes the staged projects into the ledger, one statement for each kind of fact.

A statement changes only what differs, and an empty cell changes nothing: the same file twice
writes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Executable, text
from sqlalchemy.orm import Session

LOCK = "SELECT id FROM project WHERE id = ANY (:ids) ORDER BY id FOR UPDATE"

NEW_PROJECTS = """
INSERT INTO project (id, code, name, investor_id, sector, is_sme, unit_id, amount, currency, signed_on, officer_id,
                     leader_id, squad_id, origin_activity, extra)
SELECT project_id, code, name, investor_id, coalesce(sector, 'other'), coalesce(is_sme, false), unit_id, amount,
       currency, signed_on, officer_id, leader_id, squad_id, coalesce(origin_activity, ''), extra
FROM staged_project WHERE is_new ORDER BY row_no
"""

# The columns of `project` a file gives; and what a cleared cell puts there, if that is possible.
COLUMNS = {
    **dict.fromkeys(("code", "name", "unit_id", "amount", "currency", "signed_on")),
    **dict.fromkeys(("investor_id", "officer_id", "leader_id", "squad_id"), "NULL"),
    "sector": "'other'",
    "is_sme": "false",
    "origin_activity": "''",
}


def staged_value(column: str, otherwise: str) -> str:
    """SQL for column `s.…` of a staged project, or `otherwise` if its cell is empty."""
    if blank := COLUMNS[column]:
        otherwise = f"CASE WHEN '{column}' = ANY (s.cleared) THEN {blank} ELSE {otherwise} END"
    return f"coalesce(s.{column}, {otherwise})"


CHANGED_PROJECTS = """
UPDATE project p SET {assignments}, extra = n.extra
FROM (
    SELECT p.id, {values}, (p.extra - s.dropped) || s.extra AS extra
    FROM project p JOIN staged_project s ON s.project_id = p.id AND NOT s.is_new
) n
WHERE p.id = n.id AND ({former}, p.extra) IS DISTINCT FROM ({new}, n.extra)
RETURNING p.id
""".format(  # noqa: S608 - only words of ours
    assignments=", ".join(f"{name} = n.{name}" for name in COLUMNS),
    values=", ".join(f"{staged_value(name, f'p.{name}')} AS {name}" for name in COLUMNS),
    former=", ".join(f"p.{name}" for name in COLUMNS),
    new=", ".join(f"n.{name}" for name in COLUMNS),
)

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
SELECT s.project_id, g.kind, g.planned_on, g.done_on, coalesce(g.evidence, '')
FROM staged_milestone g JOIN staged_project s USING (row_no)
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
SELECT s.project_id, :as_of, g.text
FROM staged_progress g JOIN staged_project s USING (row_no)
WHERE NOT EXISTS (SELECT FROM progress p WHERE p.project_id = s.project_id AND p.text = g.text)
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
    """Enter the projects the ledger does not have yet."""
    session.execute(text(NEW_PROJECTS))


def enter_facts(changes: Changes, moved_investors: Iterable[int], as_of: date) -> None:
    """Update the known projects; enter co-units, milestones and progress of all."""
    changes.run(CHANGED_PROJECTS)
    changes.run(PROJECTS_OF_MOVED_INVESTORS, moved=list(moved_investors))
    changes.run(NEW_CO_UNITS)
    changes.run(FORMER_CO_UNITS)
    changes.milestones = changes.run(MILESTONES)
    changes.run(PROGRESS, as_of=as_of)
