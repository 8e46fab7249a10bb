"""the moments of former requests are those at which history wrote down their days

Without history it is the beginning of the day. What is filled in here was so before: it is no
change.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

FILL_IN = """
UPDATE blocker b SET coordination_asked_at = coalesce((
    SELECT max(c.recorded_at) FROM change c
    WHERE c.table_name = 'blocker' AND c.row_id = CAST(b.item_id AS text)
      AND (c.column_name = 'coordination_asked_on'
           OR c.column_name IS NULL AND c.new ->> 'coordination_asked_on' IS NOT NULL)
), CAST(b.coordination_asked_on AS timestamptz))
WHERE b.coordination_asked_on IS NOT NULL
"""


def upgrade() -> None:
    op.execute("ALTER TABLE blocker DISABLE TRIGGER USER")
    op.execute(FILL_IN)
    op.execute("ALTER TABLE blocker ENABLE TRIGGER USER")
    op.create_check_constraint(
        op.f("ck_blocker_coordination_has_moment"),
        "blocker",
        "(coordination_asked_on IS NULL) = (coordination_asked_at IS NULL)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_blocker_coordination_has_moment"), "blocker")
