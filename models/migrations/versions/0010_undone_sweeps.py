"""sweeps that can be undone: what each fired, what was withdrawn, which numbers are void"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
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
TABLES = ("void_number", "withdrawn_notice", "withdrawn_escalation", "undone_sweep")

# What a sweep fired bears the moment its transaction began, as its own entry does; before it, an
# item had fired the step that stands before in its round.
ASSIGN = """
UPDATE escalation e SET sweep_id = s.id, former_step = b.former_step, former_on = b.former_on
FROM sweep_log s, (
    SELECT id, lag(step) OVER stretch AS former_step, lag(raised_on) OVER stretch AS former_on
    FROM escalation WINDOW stretch AS (PARTITION BY item_id, round ORDER BY id)
) b
WHERE s.recorded_at = e.recorded_at AND s.as_of = e.raised_on AND b.id = e.id
"""


def upgrade() -> None:
    op.add_column("sweep_log", sa.Column("confirmed_by", sa.Text(), server_default="", nullable=False))
    op.add_column("escalation", sa.Column("sweep_id", sa.Integer(), nullable=True))
    op.add_column("escalation", sa.Column("former_step", _word("former_step", STEPS), nullable=True))
    op.add_column("escalation", sa.Column("former_on", sa.Date(), nullable=True))
    op.execute(ASSIGN)
    op.create_index(op.f("ix_escalation_sweep_id"), "escalation", ["sweep_id"])
    _undone_sweeps()
    _withdrawn_escalations()
    _withdrawn_notices()
    _void_numbers()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_index(op.f("ix_escalation_sweep_id"), "escalation")
    op.drop_constraint(op.f("ck_escalation_former_step"), "escalation")
    for column in ("former_on", "former_step", "sweep_id"):
        op.drop_column("escalation", column)
    op.drop_column("sweep_log", "confirmed_by")


def _undone_sweeps() -> None:
    op.create_table(
        "undone_sweep",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.Column("confirmed_by", sa.Text(), nullable=False),
        sa.Column("undone_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _recorded_at(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_undone_sweep")),
    )


def _withdrawn_escalations() -> None:
    op.create_table(
        "withdrawn_escalation",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("step", _word("step", STEPS), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=True),
        sa.Column("on_behalf_of_id", sa.Integer(), nullable=True),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("former_step", _word("former_step", STEPS), nullable=True),
        sa.Column("former_on", sa.Date(), nullable=True),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("document_no", sa.Integer(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _recorded_at(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawn_escalation")),
        _refers("withdrawn_escalation", "sweep_id", "undone_sweep"),
        _refers("withdrawn_escalation", "item_id", "action_item"),
        _refers("withdrawn_escalation", "recipient_id", "person"),
        _refers("withdrawn_escalation", "on_behalf_of_id", "person"),
        _refers("withdrawn_escalation", "policy_id", "policy"),
    )
    op.create_index(op.f("ix_withdrawn_escalation_sweep_id"), "withdrawn_escalation", ["sweep_id"])
    op.create_index(op.f("ix_withdrawn_escalation_item_id"), "withdrawn_escalation", ["item_id"])


def _withdrawn_notices() -> None:
    op.create_table(
        "withdrawn_notice",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("occasion", _word("occasion", OCCASIONS), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("was_sent", sa.Boolean(), nullable=False),
        sa.Column("withdrawal_id", sa.Integer(), nullable=True),
        _recorded_at(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawn_notice")),
        _refers("withdrawn_notice", "escalation_id", "withdrawn_escalation"),
        _refers("withdrawn_notice", "recipient_id", "person"),
        _refers("withdrawn_notice", "delivery_id", "delivery"),
        _refers("withdrawn_notice", "withdrawal_id", "delivery"),
    )
    op.create_index(op.f("ix_withdrawn_notice_escalation_id"), "withdrawn_notice", ["escalation_id"])
    op.create_index(
        "ix_withdrawn_notice_waiting",
        "withdrawn_notice",
        ["recipient_id"],
        postgresql_where=sa.text("was_sent AND withdrawal_id IS NULL"),
    )


def _void_numbers() -> None:
    op.create_table(
        "void_number",
        sa.Column("counter", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("voided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        _recorded_at(),
        sa.PrimaryKeyConstraint("counter", "number", name=op.f("pk_void_number")),
        _refers("void_number", "escalation_id", "withdrawn_escalation"),
        sa.UniqueConstraint("escalation_id", name=op.f("uq_void_number_escalation_id")),
    )


def _refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _word(name: str, values: Sequence[str]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, length=32, create_constraint=True)


def _recorded_at() -> sa.Column[datetime]:
    return sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
