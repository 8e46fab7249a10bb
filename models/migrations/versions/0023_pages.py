"""pages: a question names the artifact that shows it, so no step asks Prefect for it"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0023"
down_revision: str | None = "0022"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("ask", sa.Column("page_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    op.drop_column("ask", "page_id")
