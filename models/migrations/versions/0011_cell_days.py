"""cells know as of which day a file brought them, and a text of progress may have no day of its own

What was entered before counts as of the day an import last wrote into its row: history has no
newer day, and a file that only repeated it left none.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# By the office's zone where it is not set otherwise: elsewhere a day more or less is no matter.
WRITTEN = """
CREATE TEMPORARY TABLE written ON COMMIT DROP AS
SELECT owner, row_id, CAST(max(recorded_at) AT TIME ZONE 'Asia/Shanghai' AS date) AS day
FROM (
    SELECT CASE c.table_name WHEN 'milestone' THEN 'project' ELSE c.table_name END AS owner,
           CASE c.table_name WHEN 'milestone' THEN m.project_id ELSE CAST(c.row_id AS integer) END AS row_id,
           c.recorded_at
    FROM change c LEFT JOIN milestone m ON c.table_name = 'milestone' AND CAST(m.id AS text) = c.row_id
    WHERE c.actor = 'ledger-import'
      AND c.table_name IN ('project', 'milestone', 'blocker', 'capital_event', 'investor', 'person', 'unit')
) written_by_imports
WHERE row_id IS NOT NULL
GROUP BY owner, row_id
"""
CELL_DAYS = """
INSERT INTO cell_days (id, days, latest_on)
SELECT DISTINCT hashtextextended(CAST(day AS text), 0), jsonb_build_object('*', day), day FROM written
"""
ROW_DAYS = """
INSERT INTO row_days (row_id, table_name, cell_days_id)
SELECT row_id, owner, hashtextextended(CAST(day AS text), 0) FROM written
"""


def upgrade() -> None:
    op.create_table(
        "cell_days",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("days", postgresql.JSONB(), nullable=False),
        sa.Column("latest_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_days")),
    )
    op.create_table(
        "row_days",
        sa.Column("row_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("cell_days_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("row_id", "table_name", name=op.f("pk_row_days")),
    )
    op.add_column("progress", sa.Column("later_than", sa.Date(), nullable=True))
    for statement in (WRITTEN, CELL_DAYS, ROW_DAYS):
        op.execute(statement)


def downgrade() -> None:
    op.drop_column("progress", "later_than")
    op.drop_table("row_days")
    op.drop_table("cell_days")
