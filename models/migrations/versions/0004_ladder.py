"""what the ladder needs: its clock on each item, verifications, notices with their occasion"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
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
OCCASIONS = ("raised", "copy", "handed_over", "instructed", "reopened", "verify")
# By constraint: the words there were, the new one, and what it becomes when this is undone
WORDS = {
    ("unit", "unitkind", "kind"): (["county", "bureau", "inspection_office"], "commerce_bureau", "bureau"),
    ("action_item", "itemresult", "result"): (
        ["done", "resolved", "project_ended", "withdrawn"],
        "not_verified",
        "done",
    ),
}
CHECKS = {
    "verification_names_its_item": "(kind = 'verify') = (verifies_id IS NOT NULL)",
    "fired_has_day": "(fired_step IS NULL) = (fired_on IS NULL)",
    "next_has_day": "(next_step IS NULL) = (next_fires_on IS NULL)",
    "only_the_open_fire": "next_step IS NULL OR (closed_on IS NULL AND NOT is_paused)",
}
WAITING = "delivered_at IS NULL AND refused_at IS NULL"


def upgrade() -> None:
    for (table, name, column), (words, new, _former) in WORDS.items():
        _allow(table, name, column, [*words, new])
    op.add_column("action_item", sa.Column("verifies_id", sa.Integer(), nullable=True))
    op.create_foreign_key(op.f("fk_action_item_verifies_id"), "action_item", "action_item", ["verifies_id"], ["id"])
    op.add_column("action_item", sa.Column("promised_on", sa.Date(), nullable=True))
    op.add_column("action_item", sa.Column("fired_on", sa.Date(), nullable=True))
    for column in ("entry_step", "resumed_step"):
        op.add_column("action_item", sa.Column(column, sa.String(length=32), nullable=True))
        op.create_check_constraint(op.f(f"ck_action_item_{column}"), "action_item", _one_of(column, STEPS))
    for name, rule in CHECKS.items():
        op.create_check_constraint(op.f(f"ck_action_item_{name}"), "action_item", rule)
    op.create_index(
        "uq_action_item_open_verification",
        "action_item",
        ["verifies_id"],
        unique=True,
        postgresql_where=sa.text("closed_on IS NULL AND verifies_id IS NOT NULL"),
    )
    op.create_index(
        "ix_action_item_verifies_id",
        "action_item",
        ["verifies_id"],
        postgresql_where=sa.text("verifies_id IS NOT NULL"),
    )
    _index_milestones("closed_on IS NULL AND milestone_id IS NOT NULL")  # every firing writes all indexes of its item
    op.drop_index("ix_action_item_open_due", table_name="action_item")
    op.add_column("ask", sa.Column("form", sa.Text(), server_default="", nullable=False))
    op.create_index(op.f("ix_ask_flow_subject_id"), "ask", ["flow", "subject_id"])
    op.add_column("policy", sa.Column("verify_within", sa.Integer(), server_default="5", nullable=False))
    op.add_column("policy", sa.Column("follows_general", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("escalation", sa.Column("due_on", sa.Date(), nullable=False))
    op.add_column("escalation", sa.Column("document_no", sa.Integer(), nullable=True))
    op.add_column("escalation", sa.Column("acknowledged_by", sa.Text(), server_default="", nullable=False))
    op.add_column("escalation", sa.Column("replied_by", sa.Text(), server_default="", nullable=False))
    op.create_index(op.f("ix_escalation_raised_on"), "escalation", ["raised_on"])
    op.add_column("notice", sa.Column("occasion", sa.String(length=32), server_default="raised", nullable=False))
    op.add_column("notice", sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_notice_occasion"), "notice", _one_of("occasion", OCCASIONS))
    op.alter_column("notice", "text", server_default="")
    op.drop_constraint(op.f("uq_notice_escalation_id_recipient_id"), "notice")
    op.create_unique_constraint(
        op.f("uq_notice_escalation_id_recipient_id_occasion"),
        "notice",
        ["escalation_id", "recipient_id", "occasion"],
    )
    op.create_index(
        "ix_notice_waiting",
        "notice",
        ["recipient_id"],
        postgresql_where=sa.text("delivery_id IS NULL AND dropped_at IS NULL"),
    )
    op.add_column("delivery", sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column(
        "delivery", "body", type_=postgresql.JSONB(), existing_type=sa.Text(), postgresql_using="body::jsonb"
    )
    op.create_check_constraint(
        op.f("ck_delivery_settled_once"), "delivery", "num_nonnulls(delivered_at, refused_at, dropped_at) <= 1"
    )
    _index_waiting(f"{WAITING} AND dropped_at IS NULL")


def downgrade() -> None:
    _index_waiting(WAITING)
    op.drop_constraint(op.f("ck_delivery_settled_once"), "delivery")
    op.alter_column(
        "delivery", "body", type_=sa.Text(), existing_type=postgresql.JSONB(), postgresql_using="body::text"
    )
    op.drop_column("delivery", "dropped_at")
    op.drop_index("ix_notice_waiting", table_name="notice")
    op.drop_constraint(op.f("uq_notice_escalation_id_recipient_id_occasion"), "notice")
    op.execute("DELETE FROM notice WHERE occasion <> 'raised'")
    op.create_unique_constraint(
        op.f("uq_notice_escalation_id_recipient_id"), "notice", ["escalation_id", "recipient_id"]
    )
    op.alter_column("notice", "text", server_default=None)
    op.drop_column("notice", "dropped_at")
    op.drop_column("notice", "occasion")
    op.drop_index(op.f("ix_escalation_raised_on"), table_name="escalation")
    for column in ("replied_by", "acknowledged_by", "document_no", "due_on"):
        op.drop_column("escalation", column)
    op.drop_column("policy", "follows_general")
    op.drop_column("policy", "verify_within")
    op.drop_index(op.f("ix_ask_flow_subject_id"), table_name="ask")
    op.drop_column("ask", "form")
    op.create_index("ix_action_item_open_due", "action_item", ["due_on"], postgresql_where=sa.text("closed_on IS NULL"))
    _index_milestones("closed_on IS NULL")
    op.drop_index("ix_action_item_verifies_id", table_name="action_item")
    op.drop_index("uq_action_item_open_verification", table_name="action_item")
    for name in CHECKS:
        op.drop_constraint(op.f(f"ck_action_item_{name}"), "action_item")
    for column in ("resumed_step", "entry_step", "fired_on", "promised_on", "verifies_id"):
        op.drop_column("action_item", column)
    for (table, name, column), (words, new, former) in WORDS.items():
        op.execute(f"UPDATE {table} SET {column} = '{former}' WHERE {column} = '{new}'")  # noqa: S608
        _allow(table, name, column, words)


def _allow(table: str, name: str, column: str, words: Sequence[str]) -> None:
    op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, _one_of(column, words))


def _one_of(column: str, words: Sequence[str]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


def _index_milestones(rule: str) -> None:
    op.drop_index("uq_action_item_open_milestone", table_name="action_item")
    op.create_index(
        "uq_action_item_open_milestone", "action_item", ["milestone_id"], unique=True, postgresql_where=sa.text(rule)
    )


def _index_waiting(rule: str) -> None:
    op.drop_index("ix_delivery_waiting", table_name="delivery")
    op.create_index("ix_delivery_waiting", "delivery", ["lease_until"], postgresql_where=sa.text(rule))
