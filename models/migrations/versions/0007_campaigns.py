"""targets, revisit campaigns and issued bulletins"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

HISTORIC = ("target", "revisit_campaign")
EVENTS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}
SECTORS = (
    "finance",
    "biopharma",
    "food",
    "furniture",
    "trade",
    "machinery",
    "new_energy",
    "new_materials",
    "other",
)
RESULTS = ("done", "resolved", "project_ended", "withdrawn", "not_verified")
CANCELLED = "cancelled"


def upgrade() -> None:
    _allow_results(*RESULTS, CANCELLED)
    _targets()
    _revisit_campaigns()
    _bulletins()
    _investor_visits()
    for table in HISTORIC:
        for event, seen in EVENTS.items():
            op.execute(
                f"CREATE TRIGGER history_of_{event.lower()} AFTER {event} ON {table} REFERENCING {seen} "
                "FOR EACH STATEMENT EXECUTE FUNCTION write_history('id')"
            )


def downgrade() -> None:
    op.drop_index(op.f("ix_action_item_investor_id"), "action_item")
    op.drop_index("uq_action_item_open_investor_visit", "action_item")
    for table in ("bulletin", "revisit_visit", "revisit_campaign", "target"):
        op.drop_table(table)
    op.execute(f"UPDATE action_item SET result = 'withdrawn' WHERE result = '{CANCELLED}'")  # noqa: S608
    _allow_results(*RESULTS)


def _allow_results(*words: str) -> None:
    op.drop_constraint(op.f("ck_action_item_itemresult"), "action_item")
    listed = ", ".join(repr(word) for word in words)
    op.create_check_constraint(op.f("ck_action_item_itemresult"), "action_item", f"result IN ({listed})")


def _targets() -> None:
    op.create_table(
        "target",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "measure",
            sa.Enum(
                "landing_rate",
                "landed",
                "signed",
                name="targetmeasure",
                native_enum=False,
                length=32,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("goal", sa.Numeric(10, 2), nullable=False),
        sa.Column("signed_from", sa.Date(), nullable=True),
        sa.Column("signed_until", sa.Date(), nullable=True),
        sa.Column("amount_from", sa.Numeric(20, 2), nullable=True),
        sa.Column(
            "sector",
            sa.Enum(*SECTORS, name="sector", native_enum=False, length=32, create_constraint=True),
            nullable=True,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("each_county", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("by_leader", sa.Boolean(), server_default="false", nullable=False),
        _recorded_at(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_target")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_target_campaign_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_target_unit_id")),
        sa.UniqueConstraint("campaign_id", "name", name=op.f("uq_target_campaign_id_name")),
        sa.CheckConstraint("goal > 0", name=op.f("ck_target_goal_positive")),
        sa.CheckConstraint("measure <> 'landing_rate' OR goal <= 100", name=op.f("ck_target_rate_at_most_whole")),
        sa.CheckConstraint("signed_from <= signed_until", name=op.f("ck_target_cohort_in_order")),
        sa.CheckConstraint("NOT (each_county AND unit_id IS NOT NULL)", name=op.f("ck_target_each_county_or_one_unit")),
    )


def _revisit_campaigns() -> None:
    op.create_table(
        "revisit_campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("selection", postgresql.JSONB(), nullable=False),
        sa.Column("squad_id", sa.Integer(), nullable=True),
        sa.Column("visits_projects", sa.Boolean(), nullable=False),
        sa.Column("visits_investors", sa.Boolean(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("is_cancelled", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("progress_id", sa.Uuid(), nullable=True),
        _recorded_at(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisit_campaign")),
        sa.ForeignKeyConstraint(["squad_id"], ["squad.id"], name=op.f("fk_revisit_campaign_squad_id")),
        sa.UniqueConstraint("name", name=op.f("uq_revisit_campaign_name")),
        sa.CheckConstraint("due_on >= opened_on", name=op.f("ck_revisit_campaign_due_after_it_opens")),
        sa.CheckConstraint("visits_projects OR visits_investors", name=op.f("ck_revisit_campaign_somebody_is_visited")),
        sa.CheckConstraint(
            "NOT is_cancelled OR closed_on IS NOT NULL", name=op.f("ck_revisit_campaign_cancelled_is_closed")
        ),
    )
    op.create_table(
        "revisit_visit",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("former_due_on", sa.Date(), nullable=True),
        sa.Column("was_opened", sa.Boolean(), nullable=False),
        _recorded_at(),
        sa.PrimaryKeyConstraint("campaign_id", "item_id", name=op.f("pk_revisit_visit")),
        sa.ForeignKeyConstraint(["campaign_id"], ["revisit_campaign.id"], name=op.f("fk_revisit_visit_campaign_id")),
        sa.ForeignKeyConstraint(["item_id"], ["action_item.id"], name=op.f("fk_revisit_visit_item_id")),
    )
    op.create_index(op.f("ix_revisit_visit_item_id"), "revisit_visit", ["item_id"])


def _bulletins() -> None:
    op.create_table(
        "bulletin",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week_from", sa.Date(), nullable=False),
        sa.Column("week_until", sa.Date(), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        _recorded_at(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulletin")),
        sa.UniqueConstraint("week_from", name=op.f("uq_bulletin_week_from")),
        sa.UniqueConstraint("year", "number", name=op.f("uq_bulletin_year_number")),
        sa.CheckConstraint("week_until - week_from = 6", name=op.f("ck_bulletin_a_whole_week")),
        sa.CheckConstraint("issued_on > week_until", name=op.f("ck_bulletin_issued_after_its_week")),
    )


def _investor_visits() -> None:
    op.create_index(
        "uq_action_item_open_investor_visit",
        "action_item",
        ["investor_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'visit' AND closed_on IS NULL AND investor_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_action_item_investor_id"),
        "action_item",
        ["investor_id"],
        postgresql_where=sa.text("investor_id IS NOT NULL"),
    )


def _recorded_at() -> sa.Column[datetime]:
    return sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)
