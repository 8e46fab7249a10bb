"""a visit that a revisit campaign brought forward keeps how its own due date was counted"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("revisit_visit", sa.Column("former_counted_from", sa.Date(), nullable=True))
    op.add_column("revisit_visit", sa.Column("former_counted_days", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("revisit_visit", "former_counted_days")
    op.drop_column("revisit_visit", "former_counted_from")
