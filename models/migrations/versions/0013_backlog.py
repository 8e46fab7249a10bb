"""the day on which the ladder of what was long overdue begins; how a due date was counted"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("action_item", sa.Column("begins_on", sa.Date(), nullable=True))
    op.add_column("action_item", sa.Column("counted_from", sa.Date(), nullable=True))
    op.add_column("action_item", sa.Column("counted_days", sa.Integer(), nullable=True))
    op.create_check_constraint(
        op.f("ck_action_item_counted_from_and_days"),
        "action_item",
        "(counted_from IS NULL) = (counted_days IS NULL)",
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_action_item_counted_from_and_days"), "action_item")
    for column in ("counted_days", "counted_from", "begins_on"):
        op.drop_column("action_item", column)
