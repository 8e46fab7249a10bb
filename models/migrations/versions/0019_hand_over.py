"""escalations keep who put others in charge, when, and what was said"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TEXTS = ("handed_over_by", "handed_over_with")


def upgrade() -> None:
    op.add_column("escalation", sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True))
    for column in TEXTS:
        op.add_column("escalation", sa.Column(column, sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    for column in (*TEXTS, "handed_over_at"):
        op.drop_column("escalation", column)
