"""the numbers and the landing definition an office starts with"""

from collections.abc import Sequence

from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("INSERT INTO policy (version) VALUES (1)")
    op.execute(
        "INSERT INTO campaign (name, starts_on, landing_definition) "
        """VALUES ('常态', '2000-01-01', '["registered", "construction_started"]')"""
    )


def downgrade() -> None:
    op.execute("DELETE FROM campaign WHERE name = '常态'")
    op.execute("DELETE FROM policy WHERE version = 1")
