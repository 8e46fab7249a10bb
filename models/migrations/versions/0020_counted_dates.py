"""due dates of open items that were counted in working days say how

A date is one that was counted if it lies as many working days after its item was opened as a
number of the policy says, and nobody has moved it or given it since. What is filled in here was so
before: it is no change.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# `new ? 'counted_from'`: the item was opened since dates say how they were counted.
FILL_IN = """
UPDATE action_item i SET counted_from = i.opened_on, counted_days = due.ordinal - opened.ordinal
FROM workday opened, workday due
WHERE opened.day = i.opened_on AND due.day = i.due_on AND due.is_working
  AND i.closed_on IS NULL AND i.counted_from IS NULL
  AND EXISTS (
    SELECT FROM policy p
    WHERE coalesce(p.kind, i.kind) = i.kind AND due.ordinal - opened.ordinal = ANY (
        CASE i.kind WHEN 'visit' THEN ARRAY[p.first_visit_within, p.visit_every]
                    WHEN 'blocker' THEN ARRAY[p.blocker_within]
                    WHEN 'verify' THEN ARRAY[p.verify_within] END))
  AND NOT EXISTS (SELECT FROM extension e WHERE e.item_id = i.id)
  AND NOT EXISTS (SELECT FROM revisit_visit r WHERE r.item_id = i.id AND r.was_opened)
  AND NOT EXISTS (
    SELECT FROM change c WHERE c.table_name = 'action_item' AND c.row_id = CAST(i.id AS text)
      AND (c.column_name = 'due_on' OR c.column_name IS NULL AND c.new ? 'counted_from'))
"""


def upgrade() -> None:
    op.execute("ALTER TABLE action_item DISABLE TRIGGER USER")
    op.execute(FILL_IN)
    op.execute("ALTER TABLE action_item ENABLE TRIGGER USER")


def downgrade() -> None:
    """The dates were counted; to say how does no harm."""
