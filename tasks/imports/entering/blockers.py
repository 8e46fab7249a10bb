"""The problems a ledger names (存在的主要问题) as blockers: each once, told apart by its text."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text

from models.i18n import gettext as _
from models.office_files.rows import Effect, LedgerFile, Problem
from tasks.imports.entering.changed_since import BLOCKERS as KNOWN_BLOCKERS
from tasks.imports.entering.changed_since import withhold
from tasks.imports.entering.identify import Entry
from tasks.imports.entering.write import Changes
from tasks.items.moving import MOVED, RESTARTED

PROJECTS = "UPDATE staged_blocker b SET project_id = s.project_id FROM staged_project s WHERE s.row_no = b.row_no"

KNOWN = """
UPDATE staged_blocker b SET item_id = known.id
FROM (
    SELECT DISTINCT ON (i.project_id, k.description) i.id, i.project_id, k.description
    FROM blocker k JOIN action_item i ON i.id = k.item_id
    WHERE i.project_id IN (SELECT project_id FROM staged_blocker)
    ORDER BY i.project_id, k.description, i.closed_on IS NOT NULL, i.id DESC
) known
WHERE known.project_id = b.project_id AND known.description = b.description
"""

NEW = """
UPDATE staged_blocker b
SET item_id = n.item_id, is_new = true, recipient_unit_id = coalesce(b.recipient_unit_id, n.unit_id),
    due_on = coalesce(b.due_on, :due_on)
FROM (
    SELECT number, unit_id, nextval(pg_get_serial_sequence('action_item', 'id')) AS item_id
    FROM (SELECT b.number, p.unit_id FROM staged_blocker b JOIN project p ON p.id = b.project_id
          WHERE b.item_id IS NULL AND p.stage IN ('signed', 'follow_up') ORDER BY b.number) o
) n
WHERE n.number = b.number
"""

ITEMS = """
INSERT INTO action_item (id, kind, project_id, unit_id, owner_id, leader_id, opened_on, due_on,
                         next_step, next_fires_on)
SELECT b.item_id, 'blocker', p.id, b.recipient_unit_id, p.officer_id, p.leader_id, least(:as_of, b.due_on), b.due_on,
       k.next_step, k.next_fires_on
FROM staged_blocker b
JOIN project p ON p.id = b.project_id
LEFT JOIN staged_clock k ON k.kind = 'blocker' AND k.due_on = b.due_on
WHERE b.is_new ORDER BY b.row_no, b.item_id
RETURNING project_id, id
"""

BLOCKERS = """
INSERT INTO blocker (item_id, category, recipient_unit_id, description, proposed_solution)
SELECT item_id, coalesce(category, 'other'), recipient_unit_id, description, coalesce(proposed_solution, '')
FROM staged_blocker WHERE is_new
"""

CHANGED = """
UPDATE blocker k
SET category = n.category, recipient_unit_id = n.recipient_unit_id, proposed_solution = n.proposed_solution
FROM (
    SELECT k.item_id, i.project_id,
           coalesce(b.category, k.category) AS category,
           coalesce(b.recipient_unit_id, k.recipient_unit_id) AS recipient_unit_id,
           coalesce(b.proposed_solution, k.proposed_solution) AS proposed_solution
    FROM blocker k JOIN staged_blocker b USING (item_id) JOIN action_item i ON i.id = k.item_id
    WHERE NOT b.is_new AND i.closed_on IS NULL
) n
WHERE k.item_id = n.item_id AND (k.category, k.recipient_unit_id, k.proposed_solution)
      IS DISTINCT FROM (n.category, n.recipient_unit_id, n.proposed_solution)
RETURNING n.project_id, k.item_id
"""

# A due date is news when the item never had it: an old file does not take back an extension.
MOVED_ITEMS = MOVED.format(
    update=f"""
UPDATE action_item i SET due_on = b.due_on, {RESTARTED}
FROM staged_blocker b
WHERE i.id = b.item_id AND NOT b.is_new AND i.closed_on IS NULL AND i.due_on <> b.due_on
  AND NOT EXISTS (SELECT FROM change c
                  WHERE c.table_name = 'action_item' AND c.row_id = CAST(i.id AS text)
                    AND c.column_name = 'due_on' AND c.old = to_jsonb(b.due_on))
RETURNING i.id, i.project_id, i.id AS blocker_id
"""  # noqa: S608 - only words of ours
)

HANDED_OVER = """
UPDATE action_item i SET unit_id = k.recipient_unit_id
FROM staged_blocker b JOIN blocker k USING (item_id)
WHERE i.id = b.item_id AND NOT b.is_new AND i.closed_on IS NULL AND i.unit_id <> k.recipient_unit_id
RETURNING i.project_id, i.id
"""

NOT_OPENED = """
SELECT b.row_no, b.description, i.closed_on
FROM staged_blocker b JOIN project p ON p.id = b.project_id LEFT JOIN action_item i ON i.id = b.item_id
WHERE NOT b.is_new AND (b.item_id IS NULL OR i.closed_on IS NOT NULL AND p.stage IN ('signed', 'follow_up'))
ORDER BY b.row_no
"""


def open_blockers(
    changes: Changes, file: LedgerFile, entries: Sequence[Entry], due_on: date, as_of: date
) -> list[Problem]:
    """Open the problems the ledger does not know, bring the open ones up to date; notes on those left alone.

    Without a date of its own a blocker is due on `due_on`.
    """
    session = changes.session
    session.execute(text(PROJECTS))
    session.execute(text(KNOWN))
    notes = withhold(session, KNOWN_BLOCKERS, file, entries)
    session.execute(text(NEW), {"due_on": due_on})
    changes.run(ITEMS, as_of=as_of)
    session.execute(text(BLOCKERS))
    changes.run(CHANGED)
    changes.run(MOVED_ITEMS, as_of=as_of)
    changes.run(HANDED_OVER)
    return notes + [
        file.problem(entries[row_no].row, "problem", description, _why_not(closed_on), Effect.NOTE)
        for row_no, description, closed_on in session.execute(text(NOT_OPENED))
    ]


def _why_not(closed_on: date | None) -> str:
    if closed_on is None:
        return _("The project has ended, so no blocker was opened for this problem.")
    return _("This blocker was closed on %(day)s. If the problem is back, word it anew.") % {"day": closed_on}
