"""Opens a blocker for each problem in a ledger (存在的主要问题), once, however it is worded."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, Update, func, literal, text, update

from models.escalation.action_item import ActionItem
from models.i18n import gettext as _
from models.ledger.project import Project
from models.office_files.rows import Effect, LedgerFile, Problem
from models.words import ItemKind
from tasks.imports.entering.cell_days import FileAge, keep_days, subsets
from tasks.imports.entering.changed_since import BLOCKERS as KNOWN_BLOCKERS
from tasks.imports.entering.changed_since import withhold
from tasks.imports.entering.identity.matched_project import MatchedProject
from tasks.imports.entering.implied_items import Deadlines, new_dates, was_due_on
from tasks.imports.entering.older_file import leave_blockers
from tasks.imports.entering.rewording import recognise
from tasks.imports.entering.staging import BLOCKER_CELLS, STAGED_BLOCKER
from tasks.imports.entering.write import Changes
from tasks.items.long_overdue import Backlog
from tasks.items.moving import moved_items
from tasks.items.opening import ON_PROJECT, Columns, new_items, opened_items

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
SET item_id = n.item_id, is_new = true, recipient_unit_id = coalesce(b.recipient_unit_id, n.unit_id)
FROM (
    SELECT number, unit_id, nextval(pg_get_serial_sequence('action_item', 'id')) AS item_id
    FROM (SELECT b.number, p.unit_id FROM staged_blocker b JOIN project p ON p.id = b.project_id
          WHERE b.item_id IS NULL AND p.stage IN ('signed', 'follow_up') ORDER BY b.number) o
) n
WHERE n.number = b.number
"""

BLOCKERS = """
INSERT INTO blocker (item_id, category, recipient_unit_id, description, proposed_solution)
SELECT item_id, coalesce(category, 'other'), recipient_unit_id, description, coalesce(proposed_solution, '')
FROM staged_blocker WHERE is_new
"""

CHANGED = """
UPDATE blocker k
SET category = n.category, recipient_unit_id = n.recipient_unit_id, proposed_solution = n.proposed_solution,
    description = n.description
FROM (
    SELECT k.item_id, i.project_id,
           CASE WHEN b.is_longer THEN b.description ELSE k.description END AS description,
           coalesce(b.category, k.category) AS category,
           coalesce(b.recipient_unit_id, k.recipient_unit_id) AS recipient_unit_id,
           coalesce(b.proposed_solution, k.proposed_solution) AS proposed_solution
    FROM blocker k JOIN staged_blocker b USING (item_id) JOIN action_item i ON i.id = k.item_id
    WHERE NOT b.is_new AND i.closed_on IS NULL
) n
WHERE k.item_id = n.item_id AND (k.category, k.recipient_unit_id, k.proposed_solution, k.description)
      IS DISTINCT FROM (n.category, n.recipient_unit_id, n.proposed_solution, n.description)
RETURNING n.project_id
"""

HANDED_OVER = """
UPDATE action_item i SET unit_id = k.recipient_unit_id
FROM staged_blocker b JOIN blocker k USING (item_id)
WHERE i.id = b.item_id AND NOT b.is_new AND i.closed_on IS NULL AND i.unit_id <> k.recipient_unit_id
RETURNING i.project_id
"""

GIVEN = "SELECT item_id AS row_id, pattern FROM staged_blocker WHERE item_id IS NOT NULL"

NOT_OPENED = """
SELECT b.row_no, b.description, i.closed_on
FROM staged_blocker b JOIN project p ON p.id = b.project_id LEFT JOIN action_item i ON i.id = b.item_id
WHERE NOT b.is_new AND (b.item_id IS NULL OR i.closed_on IS NOT NULL AND p.stage IN ('signed', 'follow_up'))
ORDER BY b.row_no
"""


def open_blockers(
    changes: Changes, file: LedgerFile, matches: Sequence[MatchedProject], defaults: Deadlines, age: FileAge
) -> list[Problem]:
    """Open blockers for new problems, update the open ones; returns what was left alone."""
    session, as_of = changes.session, age.today
    session.execute(text(KNOWN))
    notes = recognise(session, file, matches)
    notes += withhold(session, KNOWN_BLOCKERS, file, matches, age)
    leave_blockers(session, matches, age)
    session.execute(text(NEW))
    undated = update(STAGED_BLOCKER).where(STAGED_BLOCKER.c.is_new, STAGED_BLOCKER.c.due_on.is_(None))
    session.execute(undated.values(**defaults.blocker.columns(STAGED_BLOCKER.c.project_id)))
    changes.run(opened_items(_new_items(as_of), defaults.steps))
    session.execute(text(BLOCKERS))
    changes.run(CHANGED)
    changes.run(moved_items(_moved_items(defaults.backlog), as_of))
    changes.run(HANDED_OVER)
    keep_days(session, "blocker", GIVEN, subsets(BLOCKER_CELLS), age.day)
    return notes + [
        file.problem(matches[row_no].row, "problem", description, _why_not_opened(closed_on), Effect.NOTE)
        for row_no, description, closed_on in session.execute(text(NOT_OPENED))
    ]


def _new_items(as_of: date) -> Select[Any]:
    days: Columns = {
        **{name: STAGED_BLOCKER.c[name] for name in ("due_on", "counted_from", "counted_days")},
        "opened_on": func.least(literal(as_of), STAGED_BLOCKER.c.due_on),
    }
    columns = ON_PROJECT | days | {"id": STAGED_BLOCKER.c.item_id, "unit_id": STAGED_BLOCKER.c.recipient_unit_id}
    new = new_items(ItemKind.BLOCKER, columns | {"position": STAGED_BLOCKER.c.item_id})
    return new.join(STAGED_BLOCKER, STAGED_BLOCKER.c.project_id == Project.id).where(STAGED_BLOCKER.c.is_new)


def _moved_items(backlog: Backlog) -> Update:
    """A due date is news if the item never had it: an old file does not take back an extension."""
    due_on = STAGED_BLOCKER.c.due_on
    return (
        update(ActionItem)
        .where(ActionItem.id == STAGED_BLOCKER.c.item_id, ~STAGED_BLOCKER.c.is_new, ActionItem.closed_on.is_(None))
        .where(ActionItem.due_on != due_on, ~was_due_on(ActionItem, due_on))
        .values(**new_dates(ItemKind.BLOCKER, due_on, backlog))
    )


def _why_not_opened(closed_on: date | None) -> str:
    if closed_on is None:
        return _("The project has ended, so no blocker was opened for this problem.")
    return _("This blocker was closed on %(day)s. If the problem is back, word it anew.") % {"day": closed_on}
