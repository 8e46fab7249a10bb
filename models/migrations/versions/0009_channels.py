"""channels: addresses and signing keys, sealed"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SECRET = ("sealed", "sealed_with")  # columns history leaves out
EVENTS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def upgrade() -> None:
    op.create_table(
        "channel",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("has_key", sa.Boolean(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("sealed_with", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channel")),
    )
    arguments = ", ".join(f"'{name}'" for name in ("name", *SECRET))
    for event, seen in EVENTS.items():
        op.execute(
            f"CREATE TRIGGER history_of_{event.lower()} AFTER {event} ON channel REFERENCING {seen} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION write_history({arguments})"
        )


def downgrade() -> None:
    op.drop_table("channel")
