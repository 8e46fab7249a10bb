"""since when nobody could be told of an item; the units an inspector looks after"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0017"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("action_item", sa.Column("unheard_since", sa.Date(), nullable=True))
    units = sa.Column("looks_after", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False)
    op.add_column("person", units)


def downgrade() -> None:
    op.drop_column("person", "looks_after")
    op.drop_column("action_item", "unheard_since")
