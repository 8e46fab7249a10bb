"""the ledger's tables"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("signed_from", sa.Date(), nullable=True),
        sa.Column("signed_until", sa.Date(), nullable=True),
        sa.Column("landing_definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("jsonb_array_length(landing_definition) > 0", name=op.f("ck_campaign_landing_is_defined")),
        sa.CheckConstraint("signed_from <= signed_until", name=op.f("ck_campaign_cohort_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("name", name=op.f("uq_campaign_name")),
    )
    op.create_index(op.f("ix_campaign_starts_on"), "campaign", ["starts_on"], unique=False)
    op.create_table(
        "change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("row_id", sa.Text(), nullable=False),
        sa.Column("column_name", sa.Text(), nullable=True),
        sa.Column("old", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("new", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
    )
    op.create_index(op.f("ix_change_table_name_row_id"), "change", ["table_name", "row_id"], unique=False)
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "investor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("registered_in", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_investor")),
        sa.UniqueConstraint("name", name=op.f("uq_investor_name")),
    )
    op.create_table(
        "run",
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("run_no", sa.Integer(), server_default="1", nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("flow", "subject_id", name=op.f("pk_run")),
    )
    op.create_table(
        "squad",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_squad")),
        sa.UniqueConstraint("name", name=op.f("uq_squad_name")),
    )
    op.create_table(
        "sweep_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep_log")),
    )
    op.create_index(op.f("ix_sweep_log_as_of"), "sweep_log", ["as_of"], unique=False)
    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "county",
                "bureau",
                "inspection_office",
                name="unitkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="county",
            nullable=False,
        ),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("name", name=op.f("uq_unit_name")),
    )
    op.create_table(
        "workday",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_working", sa.Boolean(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_workday")),
    )
    op.create_index(op.f("ix_workday_ordinal"), "workday", ["ordinal"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "officer",
                "leader",
                "inspector",
                "operator",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("channels", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("delegate_id", sa.Integer(), nullable=True),
        sa.Column("delegate_from", sa.Date(), nullable=True),
        sa.Column("delegate_until", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("delegate_from <= delegate_until", name=op.f("ck_person_delegate_dates_in_order")),
        sa.CheckConstraint(
            "num_nonnulls(delegate_id, delegate_from, delegate_until) IN (0, 3)",
            name=op.f("ck_person_delegate_has_dates"),
        ),
        sa.ForeignKeyConstraint(["delegate_id"], ["person.id"], name=op.f("fk_person_delegate_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_person_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("name", "unit_id", name=op.f("uq_person_name_unit_id")),
    )
    op.create_index(op.f("ix_person_unit_id"), "person", ["unit_id"], unique=False)
    op.create_table(
        "policy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "visit",
                "blocker",
                "milestone",
                "procedure",
                "report",
                "verify",
                "lead",
                "complaint",
                name="itemkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("campaign_id", sa.Integer(), nullable=True),
        sa.Column("first_visit_within", sa.Integer(), server_default="10", nullable=False),
        sa.Column("visit_every", sa.Integer(), server_default="20", nullable=False),
        sa.Column("visit_after_resolution", sa.Integer(), server_default="3", nullable=False),
        sa.Column("blocker_within", sa.Integer(), server_default="15", nullable=False),
        sa.Column("extension_notice", sa.Integer(), server_default="1", nullable=False),
        sa.Column("reminder_before", sa.Integer(), server_default="3", nullable=False),
        sa.Column("reminder_after", sa.Integer(), server_default="1", nullable=False),
        sa.Column("leader_after", sa.Integer(), server_default="2", nullable=False),
        sa.Column("acknowledge_within", sa.Integer(), server_default="1", nullable=False),
        sa.Column("reply_within", sa.Integer(), server_default="3", nullable=False),
        sa.Column("office_after", sa.Integer(), server_default="3", nullable=False),
        sa.Column("office_repeat_every", sa.Integer(), server_default="5", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_policy_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy")),
        sa.UniqueConstraint("version", name=op.f("uq_policy_version")),
    )
    op.create_table(
        "unit_alias",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_alias_unit_id")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_unit_alias")),
    )
    op.create_index(op.f("ix_unit_alias_unit_id"), "unit_alias", ["unit_id"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Uuid(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_delivery_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_delivery_idempotency_key")),
    )
    op.create_index(op.f("ix_delivery_recipient_id"), "delivery", ["recipient_id"], unique=False)
    op.create_index(
        "ix_delivery_waiting",
        "delivery",
        ["lease_until"],
        unique=False,
        postgresql_where=sa.text("delivered_at IS NULL AND refused_at IS NULL"),
    )
    op.create_table(
        "project",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("investor_id", sa.Integer(), nullable=True),
        sa.Column(
            "sector",
            sa.Enum(
                "finance",
                "biopharma",
                "food",
                "furniture",
                "trade",
                "machinery",
                "new_energy",
                "new_materials",
                "other",
                name="sector",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_sme", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column(
            "currency",
            sa.Enum("CNY", "USD", name="currency", native_enum=False, create_constraint=True, length=32),
            server_default="CNY",
            nullable=False,
        ),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("squad_id", sa.Integer(), nullable=True),
        sa.Column("origin_activity", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "signed",
                "follow_up",
                "landed",
                "exited",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            server_default="signed",
            nullable=False,
        ),
        sa.Column(
            "exit",
            sa.Enum("terminated", "lost", name="exit", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("exit_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("extra", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(stage = 'exited') = (exit IS NOT NULL)", name=op.f("ck_project_exited_says_how")),
        sa.CheckConstraint(
            "(stage IN ('landed', 'exited')) = (ended_on IS NOT NULL)", name=op.f("ck_project_ended_has_day")
        ),
        sa.CheckConstraint("exit IS NULL OR exit_reason <> ''", name=op.f("ck_project_exit_has_reason")),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_project_amount_not_negative")),
        sa.ForeignKeyConstraint(["investor_id"], ["investor.id"], name=op.f("fk_project_investor_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"], name=op.f("fk_project_leader_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["person.id"], name=op.f("fk_project_officer_id")),
        sa.ForeignKeyConstraint(["squad_id"], ["squad.id"], name=op.f("fk_project_squad_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_project_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project")),
        sa.UniqueConstraint("code", name=op.f("uq_project_code")),
    )
    op.create_index(op.f("ix_project_investor_id"), "project", ["investor_id"], unique=False)
    op.create_index(
        op.f("ix_project_name_investor_id_unit_id"),
        "project",
        ["name", "investor_id", "unit_id"],
        unique=False,
    )
    op.create_index(op.f("ix_project_signed_on"), "project", ["signed_on"], unique=False)
    op.create_index(op.f("ix_project_stage"), "project", ["stage"], unique=False)
    op.create_index(op.f("ix_project_unit_id"), "project", ["unit_id"], unique=False)
    op.create_table(
        "capital_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "increase",
                "paid_in",
                name="capitalkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=20, scale=2), nullable=False),
        sa.Column(
            "currency",
            sa.Enum("CNY", "USD", name="currency", native_enum=False, create_constraint=True, length=32),
            server_default="CNY",
            nullable=False,
        ),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_capital_event_amount_positive")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_capital_event_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_capital_event")),
    )
    op.create_index(op.f("ix_capital_event_project_id"), "capital_event", ["project_id"], unique=False)
    op.create_table(
        "milestone",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "registered",
                "filed",
                "land_paid",
                "construction_started",
                "completed",
                "in_production",
                "at_capacity",
                name="milestonekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_milestone_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("project_id", "kind", name=op.f("uq_milestone_project_id_kind")),
    )
    op.create_table(
        "progress",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reported_by", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_progress_project_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_progress")),
    )
    op.create_index(op.f("ix_progress_project_id"), "progress", ["project_id"], unique=False)
    op.create_table(
        "project_co_unit",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_project_co_unit_project_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_project_co_unit_unit_id")),
        sa.PrimaryKeyConstraint("project_id", "unit_id", name=op.f("pk_project_co_unit")),
    )
    op.create_table(
        "action_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "visit",
                "blocker",
                "milestone",
                "procedure",
                "report",
                "verify",
                "lead",
                "complaint",
                name="itemkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("investor_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("milestone_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column(
            "result",
            sa.Enum(
                "done",
                "resolved",
                "project_ended",
                "withdrawn",
                name="itemresult",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("is_paused", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("round", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "fired_step",
            sa.Enum(
                "reminder_before",
                "reminder_after",
                "leader",
                "office",
                "office_repeat_1",
                "office_repeat_2",
                "office_repeat_3",
                name="fired_step",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "next_step",
            sa.Enum(
                "reminder_before",
                "reminder_after",
                "leader",
                "office",
                "office_repeat_1",
                "office_repeat_2",
                "office_repeat_3",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("next_fires_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind <> 'milestone' OR milestone_id IS NOT NULL",
            name=op.f("ck_action_item_milestone_item_names_it"),
        ),
        sa.CheckConstraint("(closed_on IS NULL) = (result IS NULL)", name=op.f("ck_action_item_closed_says_why")),
        sa.CheckConstraint("num_nonnulls(project_id, investor_id) <= 1", name=op.f("ck_action_item_one_subject")),
        sa.ForeignKeyConstraint(["investor_id"], ["investor.id"], name=op.f("fk_action_item_investor_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"], name=op.f("fk_action_item_leader_id")),
        sa.ForeignKeyConstraint(["milestone_id"], ["milestone.id"], name=op.f("fk_action_item_milestone_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_action_item_owner_id")),
        sa.ForeignKeyConstraint(["project_id"], ["project.id"], name=op.f("fk_action_item_project_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_action_item_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_item")),
    )
    op.create_index(
        "ix_action_item_clock",
        "action_item",
        ["next_fires_on"],
        unique=False,
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_index(
        "ix_action_item_open_due",
        "action_item",
        ["due_on"],
        unique=False,
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_index(op.f("ix_action_item_project_id_kind"), "action_item", ["project_id", "kind"], unique=False)
    op.create_index(op.f("ix_action_item_unit_id"), "action_item", ["unit_id"], unique=False)
    op.create_index(
        "uq_action_item_open_milestone",
        "action_item",
        ["milestone_id"],
        unique=True,
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.create_index(
        "uq_action_item_open_visit",
        "action_item",
        ["project_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'visit' AND closed_on IS NULL"),
    )
    op.create_table(
        "ask",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("form_no", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("is_standing", sa.Boolean(), nullable=False),
        sa.Column("flow_run_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Integer(), nullable=True),
        sa.Column("schema_sent", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("brief", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("overtaken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("filled_in_by", sa.Text(), server_default="", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "applied",
                "refused",
                "superseded",
                name="verdict",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["action_item.id"], name=op.f("fk_ask_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ask")),
    )
    op.create_index(op.f("ix_ask_flow_run_id"), "ask", ["flow_run_id"], unique=False)
    op.create_index(op.f("ix_ask_item_id"), "ask", ["item_id"], unique=False)
    op.create_index(
        "ix_ask_overtaken",
        "ask",
        ["overtaken_at"],
        unique=False,
        postgresql_where=sa.text("verdict IS NULL AND overtaken_at IS NOT NULL"),
    )
    op.create_index(
        "uq_ask_open_per_subject",
        "ask",
        ["flow", "subject_id"],
        unique=True,
        postgresql_where=sa.text("verdict IS NULL AND is_standing"),
    )
    op.create_table(
        "blocker",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "land",
                "permit",
                "environment",
                "demolition",
                "utilities",
                "financing",
                "labour",
                "promise",
                "investor",
                "other",
                name="blockercategory",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("recipient_unit_id", sa.Integer(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("proposed_solution", sa.Text(), server_default="", nullable=False),
        sa.Column("resolution", sa.Text(), server_default="", nullable=False),
        sa.Column("coordination_asked_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["action_item.id"], name=op.f("fk_blocker_item_id")),
        sa.ForeignKeyConstraint(["recipient_unit_id"], ["unit.id"], name=op.f("fk_blocker_recipient_unit_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_blocker")),
    )
    op.create_index(op.f("ix_blocker_recipient_unit_id"), "blocker", ["recipient_unit_id"], unique=False)
    op.create_table(
        "escalation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column(
            "step",
            sa.Enum(
                "reminder_before",
                "reminder_after",
                "leader",
                "office",
                "office_repeat_1",
                "office_repeat_2",
                "office_repeat_3",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("recipient_id", sa.Integer(), nullable=True),
        sa.Column("on_behalf_of_id", sa.Integer(), nullable=True),
        sa.Column("policy_id", sa.Integer(), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["action_item.id"], name=op.f("fk_escalation_item_id")),
        sa.ForeignKeyConstraint(["on_behalf_of_id"], ["person.id"], name=op.f("fk_escalation_on_behalf_of_id")),
        sa.ForeignKeyConstraint(["policy_id"], ["policy.id"], name=op.f("fk_escalation_policy_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_escalation_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_escalation")),
        sa.UniqueConstraint("item_id", "round", "step", name=op.f("uq_escalation_item_id_round_step")),
    )
    op.create_index(op.f("ix_escalation_recipient_id"), "escalation", ["recipient_id"], unique=False)
    op.create_table(
        "extension",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("former_due_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("due_on > former_due_on", name=op.f("ck_extension_later")),
        sa.ForeignKeyConstraint(["item_id"], ["action_item.id"], name=op.f("fk_extension_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_extension")),
    )
    op.create_index(op.f("ix_extension_item_id"), "extension", ["item_id"], unique=False)
    op.create_table(
        "pause",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["action_item.id"], name=op.f("fk_pause_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pause")),
    )
    op.create_index(op.f("ix_pause_item_id"), "pause", ["item_id"], unique=False)
    op.create_table(
        "visit",
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "continue",
                "landed",
                "terminated",
                "lost",
                name="visitoutcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("topics", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("filled_in_by", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["action_item.id"], name=op.f("fk_visit_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_visit")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("recipient_id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name=op.f("fk_notice_delivery_id")),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalation.id"], name=op.f("fk_notice_escalation_id")),
        sa.ForeignKeyConstraint(["recipient_id"], ["person.id"], name=op.f("fk_notice_recipient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("escalation_id", "recipient_id", name=op.f("uq_notice_escalation_id_recipient_id")),
    )
    op.create_index(op.f("ix_notice_delivery_id"), "notice", ["delivery_id"], unique=False)
    op.create_index(op.f("ix_notice_recipient_id"), "notice", ["recipient_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_notice_recipient_id"), table_name="notice")
    op.drop_index(op.f("ix_notice_delivery_id"), table_name="notice")
    op.drop_table("notice")
    op.drop_table("visit")
    op.drop_index(op.f("ix_pause_item_id"), table_name="pause")
    op.drop_table("pause")
    op.drop_index(op.f("ix_extension_item_id"), table_name="extension")
    op.drop_table("extension")
    op.drop_index(op.f("ix_escalation_recipient_id"), table_name="escalation")
    op.drop_table("escalation")
    op.drop_index(op.f("ix_blocker_recipient_unit_id"), table_name="blocker")
    op.drop_table("blocker")
    op.drop_index(
        "uq_ask_open_per_subject",
        table_name="ask",
        postgresql_where=sa.text("verdict IS NULL AND is_standing"),
    )
    op.drop_index(
        "ix_ask_overtaken",
        table_name="ask",
        postgresql_where=sa.text("verdict IS NULL AND overtaken_at IS NOT NULL"),
    )
    op.drop_index(op.f("ix_ask_item_id"), table_name="ask")
    op.drop_index(op.f("ix_ask_flow_run_id"), table_name="ask")
    op.drop_table("ask")
    op.drop_index(
        "uq_action_item_open_visit",
        table_name="action_item",
        postgresql_where=sa.text("kind = 'visit' AND closed_on IS NULL"),
    )
    op.drop_index(
        "uq_action_item_open_milestone",
        table_name="action_item",
        postgresql_where=sa.text("closed_on IS NULL"),
    )
    op.drop_index(op.f("ix_action_item_unit_id"), table_name="action_item")
    op.drop_index(op.f("ix_action_item_project_id_kind"), table_name="action_item")
    op.drop_index("ix_action_item_open_due", table_name="action_item", postgresql_where=sa.text("closed_on IS NULL"))
    op.drop_index("ix_action_item_clock", table_name="action_item", postgresql_where=sa.text("closed_on IS NULL"))
    op.drop_table("action_item")
    op.drop_table("project_co_unit")
    op.drop_index(op.f("ix_progress_project_id"), table_name="progress")
    op.drop_table("progress")
    op.drop_table("milestone")
    op.drop_index(op.f("ix_capital_event_project_id"), table_name="capital_event")
    op.drop_table("capital_event")
    op.drop_index(op.f("ix_project_unit_id"), table_name="project")
    op.drop_index(op.f("ix_project_stage"), table_name="project")
    op.drop_index(op.f("ix_project_signed_on"), table_name="project")
    op.drop_index(op.f("ix_project_name_investor_id_unit_id"), table_name="project")
    op.drop_index(op.f("ix_project_investor_id"), table_name="project")
    op.drop_table("project")
    op.drop_index(
        "ix_delivery_waiting",
        table_name="delivery",
        postgresql_where=sa.text("delivered_at IS NULL AND refused_at IS NULL"),
    )
    op.drop_index(op.f("ix_delivery_recipient_id"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_index(op.f("ix_unit_alias_unit_id"), table_name="unit_alias")
    op.drop_table("unit_alias")
    op.drop_table("policy")
    op.drop_index(op.f("ix_person_unit_id"), table_name="person")
    op.drop_table("person")
    op.drop_index(op.f("ix_workday_ordinal"), table_name="workday")
    op.drop_table("workday")
    op.drop_table("unit")
    op.drop_index(op.f("ix_sweep_log_as_of"), table_name="sweep_log")
    op.drop_table("sweep_log")
    op.drop_table("squad")
    op.drop_table("run")
    op.drop_table("investor")
    op.drop_table("counter")
    op.drop_index(op.f("ix_change_table_name_row_id"), table_name="change")
    op.drop_table("change")
    op.drop_index(op.f("ix_campaign_starts_on"), table_name="campaign")
    op.drop_table("campaign")
