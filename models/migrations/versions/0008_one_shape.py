"""what ledgers of earlier states lack, because migrations 0001 to 0007 were edited in place

Each statement does nothing where the ledger has that shape already.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

STEPS = (
    "reminder_before",
    "reminder_after",
    "leader",
    "office",
    "office_repeat_1",
    "office_repeat_2",
    "office_repeat_3",
)
WORDS = {
    ("action_item", "result", "itemresult"): (
        "done",
        "resolved",
        "project_ended",
        "withdrawn",
        "not_verified",
        "cancelled",
    ),
    ("action_item", "resumed_step", "resumed_step"): STEPS,
    ("notice", "occasion", "occasion"): ("raised", "copy", "handed_over", "instructed", "reopened", "verify"),
}
COLUMNS = {
    "action_item": "resumed_step varchar(32)",
    "policy": "follows_general boolean DEFAULT false NOT NULL",
    "target": '"position" integer DEFAULT 0 NOT NULL',
}
# Some had the same version once per kind and campaign.
VERSIONS = """
UPDATE policy SET version = numbered.version
FROM (SELECT id, row_number() OVER (ORDER BY version, recorded_at, id) AS version FROM policy) AS numbered
WHERE numbered.id = policy.id AND EXISTS (SELECT FROM policy GROUP BY version HAVING count(*) > 1)
"""
INDEXES = {
    "ix_ask_overtaken": (
        "INDEX ix_ask_overtaken ON ask (overtaken_at) WHERE verdict IS NULL AND overtaken_at IS NOT NULL"
    ),
    "ix_action_item_verifies_id": (
        "INDEX ix_action_item_verifies_id ON action_item (verifies_id) WHERE verifies_id IS NOT NULL"
    ),
    "uq_action_item_open_milestone": (
        "UNIQUE INDEX uq_action_item_open_milestone ON action_item (milestone_id) "
        "WHERE closed_on IS NULL AND milestone_id IS NOT NULL"
    ),
    "uq_action_item_open_verification": (
        "UNIQUE INDEX uq_action_item_open_verification ON action_item (verifies_id) "
        "WHERE closed_on IS NULL AND verifies_id IS NOT NULL"
    ),
}


def upgrade() -> None:
    op.execute("SELECT set_config('luodi.actor', 'luodi db upgrade', true)")
    for table, column in COLUMNS.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {column}")
    for (table, column, name), words in WORDS.items():
        allowed = ", ".join(repr(word) for word in words)
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS ck_{table}_{name}")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_{name} CHECK ({column} IN ({allowed}))")
    op.execute("ALTER TABLE policy DROP CONSTRAINT IF EXISTS uq_policy_version_kind_campaign_id")
    op.execute("ALTER TABLE policy DROP CONSTRAINT IF EXISTS uq_policy_version")
    op.execute(VERSIONS)
    op.execute("ALTER TABLE policy ADD CONSTRAINT uq_policy_version UNIQUE (version)")
    op.execute("DROP INDEX IF EXISTS ix_action_item_open_due")
    for name, index in INDEXES.items():
        op.execute(f"DROP INDEX IF EXISTS {name}")
        op.execute(f"CREATE {index}")


def downgrade() -> None:
    """Nothing: 0007 as it stands now has this shape."""
