"""What the staged projects imply: items opened, moved, handed over and closed, and questions that are out of date."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from models.words import ItemKind
from tasks.imports.entering.write import Changes, said
from tasks.items.moving import MOVED, RESTARTED
from tasks.items.next_steps import stage_clocks
from tasks.items.open_items import current_policy
from tasks.ledger.questions import ESCALATION, INVESTOR_VISIT, LIFECYCLE, RESOLUTION
from tasks.ledger.workdays import calendar_around

# Before the projects themselves are changed: whoever took over from whom is seen by comparing the two. What was handed
# to others than the project's own people stays with them.
HAND_OVER = """
UPDATE action_item i SET owner_id = n.owner_id, leader_id = n.leader_id, unit_id = n.unit_id
FROM (
    SELECT i.id,
           CASE WHEN i.owner_id IS NOT DISTINCT FROM p.officer_id THEN {officer}
                ELSE i.owner_id END AS owner_id,
           CASE WHEN i.leader_id IS NOT DISTINCT FROM p.leader_id THEN {leader}
                ELSE i.leader_id END AS leader_id,
           CASE WHEN i.unit_id = p.unit_id AND i.kind <> 'blocker' THEN {unit}
                ELSE i.unit_id END AS unit_id
    FROM action_item i
    JOIN project p ON p.id = i.project_id
    JOIN staged_project s ON s.project_id = p.id
    WHERE i.closed_on IS NULL AND i.kind <> 'verify'
) n
WHERE i.id = n.id AND (i.owner_id, i.leader_id, i.unit_id) IS DISTINCT FROM (n.owner_id, n.leader_id, n.unit_id)
RETURNING i.project_id, CASE WHEN i.kind = 'blocker' THEN i.id END
""".format(  # noqa: S608 - only words of ours
    officer=said("officer_id", "i.owner_id"), leader=said("leader_id", "i.leader_id"), unit=said("unit_id", "i.unit_id")
)


# Before the milestones are changed, for the same reason: an extension granted meanwhile outlives an unchanged plan.
MOVED_PLANS = MOVED.format(
    update=f"""
UPDATE action_item i SET due_on = g.planned_on, {RESTARTED}
FROM staged_milestone g
JOIN staged_project s USING (row_no)
JOIN milestone m ON m.project_id = s.project_id AND m.kind = g.kind
WHERE i.milestone_id = m.id AND i.closed_on IS NULL
  AND g.planned_on IS DISTINCT FROM m.planned_on AND i.due_on <> g.planned_on
RETURNING i.id, i.project_id, NULL AS blocker_id
"""  # noqa: S608 - only words of ours
)

REACHED = """
UPDATE action_item i
SET closed_on = :as_of, result = 'done', is_paused = false, next_step = NULL, next_fires_on = NULL
FROM milestone m JOIN staged_project s ON s.project_id = m.project_id
WHERE i.milestone_id = m.id AND i.closed_on IS NULL AND m.done_on IS NOT NULL
RETURNING i.project_id, NULL
"""

# A due date is news when the visit never had it: an old file does not undo what was agreed since.
VISIT_DUE = MOVED.format(
    update=f"""
UPDATE action_item i SET due_on = s.visit_due_on, {RESTARTED}
FROM staged_project s
WHERE i.project_id = s.project_id AND i.kind = 'visit' AND i.closed_on IS NULL AND i.due_on <> s.visit_due_on
  AND NOT EXISTS (
      SELECT FROM action_item former
      LEFT JOIN change c ON c.table_name = 'action_item' AND c.row_id = CAST(former.id AS text)
                        AND c.column_name = 'due_on'
      WHERE former.project_id = i.project_id AND former.kind = 'visit'
        AND (former.due_on = s.visit_due_on OR c.old = to_jsonb(s.visit_due_on)))
RETURNING i.id, i.project_id, NULL AS blocker_id
"""  # noqa: S608 - only words of ours
)

VISITS = """
INSERT INTO action_item (kind, project_id, unit_id, owner_id, leader_id, opened_on, due_on, next_step, next_fires_on)
SELECT 'visit', n.id, n.unit_id, n.officer_id, n.leader_id, n.opened_on, n.due_on, k.next_step, k.next_fires_on
FROM (
    SELECT p.id, p.unit_id, p.officer_id, p.leader_id, s.row_no,
           CASE WHEN s.is_new THEN least(p.signed_on, s.visit_due_on) ELSE CAST(:as_of AS date) END AS opened_on,
           CASE WHEN s.is_new THEN coalesce(s.visit_due_on, :visit_due_on) ELSE :visit_due_on END AS due_on
    FROM project p JOIN staged_project s ON s.project_id = p.id
    WHERE p.stage IN ('signed', 'follow_up')
      AND NOT EXISTS (SELECT FROM action_item i
                      WHERE i.project_id = p.id AND i.kind = 'visit' AND i.closed_on IS NULL)
) n
LEFT JOIN staged_clock k ON k.kind = 'visit' AND k.due_on = n.due_on
ORDER BY n.row_no
RETURNING project_id, NULL
"""

PLANS = """
INSERT INTO action_item (kind, project_id, milestone_id, unit_id, owner_id, leader_id, opened_on, due_on,
                         next_step, next_fires_on)
SELECT 'milestone', p.id, m.id, p.unit_id, p.officer_id, p.leader_id, least({opened_on}, m.planned_on), m.planned_on,
       k.next_step, k.next_fires_on
FROM project p
JOIN staged_project s ON s.project_id = p.id
JOIN milestone m ON m.project_id = p.id
LEFT JOIN staged_clock k ON k.kind = 'milestone' AND k.due_on = m.planned_on
WHERE p.stage IN ('signed', 'follow_up') AND m.planned_on IS NOT NULL AND m.done_on IS NULL AND {rule}
ORDER BY s.row_no, m.id
RETURNING project_id, NULL
"""
FIRST_PLANS = PLANS.format(opened_on="p.signed_on", rule="s.is_new")

# What was planned for that day once was owed already, and whoever closed it meant this plan.
NEW_PLANS = PLANS.format(
    opened_on=":as_of",
    rule="""
  NOT s.is_new AND NOT EXISTS (SELECT FROM action_item i
                  WHERE i.milestone_id = m.id AND (i.closed_on IS NULL OR i.due_on = m.planned_on))
  AND NOT EXISTS (SELECT FROM action_item i, change c
                  WHERE i.milestone_id = m.id AND c.table_name = 'action_item' AND c.row_id = CAST(i.id AS text)
                    AND c.column_name = 'due_on' AND c.old = to_jsonb(m.planned_on))
""",
)

DAYS = """
SELECT 'visit' AS kind, due_on FROM (SELECT DISTINCT coalesce(visit_due_on, :visit) AS due_on FROM staged_project) v
UNION SELECT 'visit', CAST(:visit AS date)
UNION SELECT 'milestone', planned_on FROM staged_milestone WHERE planned_on IS NOT NULL AND done_on IS NULL
UNION SELECT 'blocker', coalesce(due_on, :blocker) FROM staged_blocker
"""

# What is opened on a project on hold waits with the rest; what was closed waits no more.
HOLD_NEW = """
WITH held AS (
    SELECT DISTINCT ON (i.project_id) i.project_id, w.reason, w.granted_by
    FROM pause w JOIN action_item i ON i.id = w.item_id JOIN staged_project s ON s.project_id = i.project_id
    WHERE w.until_on IS NULL AND i.closed_on IS NULL
    ORDER BY i.project_id, w.id
), fresh AS (
    UPDATE action_item i SET is_paused = true, next_step = NULL, next_fires_on = NULL FROM held h
    WHERE i.project_id = h.project_id AND i.closed_on IS NULL AND NOT i.is_paused
    RETURNING i.id, h.reason, h.granted_by
)
INSERT INTO pause (item_id, from_on, reason, granted_by) SELECT id, :as_of, reason, granted_by FROM fresh
"""

END_PAUSES = """
UPDATE pause w SET until_on = :as_of
FROM action_item i JOIN staged_project s ON s.project_id = i.project_id
WHERE i.id = w.item_id AND i.closed_on IS NOT NULL AND w.until_on IS NULL
"""

OVERTAKEN = """
UPDATE ask SET overtaken_at = now()
WHERE verdict IS NULL AND overtaken_at IS NULL AND is_standing
  AND (flow = :lifecycle AND subject_id = ANY(:projects)
       OR flow = :escalation AND subject_id IN (SELECT id FROM action_item WHERE project_id = ANY(:projects))
       OR flow = :resolution AND (subject_id = ANY(:blockers) OR subject_id IN (
           SELECT id FROM action_item WHERE project_id = ANY(:projects) AND kind = 'blocker' AND closed_on IS NULL))
       OR flow IN (:investor_visit, :escalation) AND subject_id IN (
           SELECT i.id FROM action_item i JOIN project p ON p.investor_id = i.investor_id
           WHERE p.id = ANY(:projects) AND i.investor_id IS NOT NULL))
"""


class DueDates(NamedTuple):
    """When a first visit and a blocker are due of which the file does not say it."""

    visit: date
    blocker: date


def hand_over(changes: Changes, as_of: date) -> None:
    """Give open items their new owners, leaders and units, and planned milestones their new days."""
    changes.run(HAND_OVER)
    changes.run(MOVED_PLANS, as_of=as_of)


def close_reached(changes: Changes, as_of: date) -> None:
    """Close the items of the milestones that were reached."""
    changes.run(REACHED, as_of=as_of)


def settle_pauses(changes: Changes, as_of: date) -> None:
    """Let new items of projects on hold wait with the others, and end the pauses of items that were closed."""
    for statement in (HOLD_NEW, END_PAUSES):
        changes.session.execute(text(statement), {"as_of": as_of})


def set_clocks(session: Session, defaults: DueDates) -> None:
    """Have at hand when the ladder moves on whatever may be opened, so that it is opened with its next step."""
    given = {"visit": defaults.visit, "blocker": defaults.blocker}
    days = session.execute(text(DAYS), given)
    stage_clocks(session, [(ItemKind(kind), day) for kind, day in days])


def due_dates(session: Session, as_of: date) -> DueDates:
    """When visits and blockers without a date of their own are due, in working days after `as_of`.

    `as_of` is the day the project entered the ledger: nothing is overdue only because a ledger was late.
    """
    calendar = calendar_around(session, as_of)
    visit, blocker = (current_policy(session, kind) for kind in (ItemKind.VISIT, ItemKind.BLOCKER))
    return DueDates(calendar.add(as_of, visit.first_visit_within), calendar.add(as_of, blocker.blocker_within))


def open_items(changes: Changes, defaults: DueDates, as_of: date) -> None:
    """Open what is owed: a visit for each open project, an item for each plan."""
    changes.run(VISIT_DUE, as_of=as_of)
    changes.run(VISITS, as_of=as_of, visit_due_on=defaults.visit)
    changes.run(FIRST_PLANS)
    changes.learn("action_item")
    changes.run(NEW_PLANS, as_of=as_of)


def overtake_questions(changes: Changes) -> None:
    """Mark the questions that wait on what changed as out of date; their runs are nudged after the commit."""
    given = {"projects": list(changes.projects), "blockers": list(changes.blockers)}
    flows = {"lifecycle": LIFECYCLE, "resolution": RESOLUTION, "escalation": ESCALATION}
    changes.session.execute(text(OVERTAKEN), given | flows | {"investor_visit": INVESTOR_VISIT})
