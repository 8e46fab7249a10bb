"""events: the statement that writes a fact also writes what Prefect is told of it

Statement-level triggers, as history has: no path can forget them. A transaction that enters many
rows (`luodi.is_bulk`) writes one event of its own instead.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SEEN = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
}

# A plan is made once a connection: without nested loops it also serves a statement of many rows.
TELL = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop = off SET jit = off AS $$
BEGIN
    IF coalesce(current_setting('luodi.is_bulk', true), '') = '' THEN
        {body}
    END IF;
    RETURN NULL;
END $$
"""

PROJECT_SIGNED = """
INSERT INTO outbox_event (name, project_id, unit_id, leader_id, payload)
SELECT 'luodi.project.signed', id, unit_id, leader_id, jsonb_build_object('signed_on', signed_on)
FROM new_rows ORDER BY id;
"""

PROJECT_MOVED = """
INSERT INTO outbox_event (name, project_id, unit_id, leader_id, payload)
SELECT CASE n.stage WHEN 'landed' THEN 'luodi.project.landed' WHEN 'exited' THEN 'luodi.project.exited'
                    ELSE 'luodi.project.reopened' END,
       n.id, n.unit_id, n.leader_id,
       CASE n.stage WHEN 'landed' THEN jsonb_build_object('landed_on', n.ended_on)
                    WHEN 'exited' THEN jsonb_build_object('exited_on', n.ended_on, 'exit', n.exit)
                    ELSE jsonb_build_object('former_stage', o.stage) END
FROM new_rows n JOIN old_rows o ON o.id = n.id
WHERE n.stage <> o.stage AND (n.stage IN ('landed', 'exited') OR o.stage IN ('landed', 'exited'))
ORDER BY n.id;
"""

# Most statements, each sweep's among them, close and reopen nothing: that is seen without a join.
ITEM_CLOSED = """
IF EXISTS (SELECT FROM new_rows WHERE closed_on IS NOT NULL)
   OR EXISTS (SELECT FROM old_rows WHERE closed_on IS NOT NULL) THEN
    INSERT INTO outbox_event (name, project_id, investor_id, unit_id, leader_id, payload)
    SELECT 'luodi.blocker.resolved', n.project_id, n.investor_id, n.unit_id, n.leader_id,
           jsonb_build_object('item_id', n.id, 'resolved_on', n.closed_on, 'due_on', n.due_on)
    FROM new_rows n JOIN old_rows o ON o.id = n.id
    WHERE n.kind = 'blocker' AND n.result = 'resolved' AND o.closed_on IS NULL
    ORDER BY n.id;
    INSERT INTO outbox_event (name, project_id, investor_id, unit_id, leader_id, payload)
    SELECT CASE WHEN n.closed_on IS NULL THEN 'luodi.item.reopened' ELSE 'luodi.item.closed' END,
           n.project_id, n.investor_id, n.unit_id, n.leader_id,
           CASE WHEN n.closed_on IS NULL
                THEN jsonb_build_object('item_id', n.id, 'kind', n.kind, 'due_on', n.due_on)
                ELSE jsonb_build_object('item_id', n.id, 'kind', n.kind, 'due_on', n.due_on,
                                        'closed_on', n.closed_on, 'result', n.result) END
    FROM new_rows n JOIN old_rows o ON o.id = n.id
    WHERE (n.closed_on IS NULL) <> (o.closed_on IS NULL)
    ORDER BY n.id;
END IF;
"""

VISIT_MADE = """
INSERT INTO outbox_event (name, project_id, investor_id, unit_id, leader_id, payload)
SELECT 'luodi.visit.made', i.project_id, i.investor_id, i.unit_id, i.leader_id,
       jsonb_build_object('item_id', i.id, 'visited_on', n.visited_on, 'due_on', i.due_on, 'outcome', n.outcome)
FROM new_rows n JOIN action_item i ON i.id = n.item_id ORDER BY i.id;
"""

BLOCKER_OPENED = """
INSERT INTO outbox_event (name, project_id, investor_id, unit_id, leader_id, payload)
SELECT 'luodi.blocker.opened', i.project_id, i.investor_id, i.unit_id, i.leader_id,
       jsonb_build_object('item_id', i.id, 'category', n.category, 'opened_on', i.opened_on, 'due_on', i.due_on)
FROM new_rows n JOIN action_item i ON i.id = n.item_id ORDER BY i.id;
"""

# Reminders to the owner are not raised.
ESCALATION_RAISED = """
INSERT INTO outbox_event (name, project_id, investor_id, unit_id, leader_id, payload)
SELECT 'luodi.escalation.raised', i.project_id, i.investor_id, i.unit_id, i.leader_id,
       jsonb_build_object('item_id', i.id, 'kind', i.kind, 'step', n.step, 'round', n.round,
                          'raised_on', n.raised_on, 'due_on', n.due_on, 'document_no', n.document_no)
FROM new_rows n JOIN action_item i ON i.id = n.item_id
WHERE n.step NOT IN ('reminder_before', 'reminder_after') ORDER BY n.id;
"""

# One statement may enter several: a hand-over is also taken note of. An answer that takes the place
# of an earlier one is an answer, too.
ESCALATION_ANSWERED = """
INSERT INTO outbox_event (name, project_id, investor_id, unit_id, leader_id, payload)
SELECT 'luodi.escalation.answered', i.project_id, i.investor_id, i.unit_id, i.leader_id,
       jsonb_build_object('item_id', i.id, 'kind', i.kind, 'step', n.step, 'round', n.round,
                          'raised_on', n.raised_on, 'due_on', i.due_on, 'promised_on', i.promised_on,
                          'answer', CASE WHEN n.replied_at IS DISTINCT FROM o.replied_at THEN 'replied'
                                         WHEN n.handed_over_at IS DISTINCT FROM o.handed_over_at THEN 'handed_over'
                                         ELSE 'acknowledged' END)
FROM new_rows n JOIN old_rows o ON o.id = n.id JOIN action_item i ON i.id = n.item_id
WHERE (n.replied_at, n.handed_over_at, n.acknowledged_at)
      IS DISTINCT FROM (o.replied_at, o.handed_over_at, o.acknowledged_at)
ORDER BY n.id;
"""

BULLETIN_ISSUED = """
INSERT INTO outbox_event (name, payload)
SELECT 'luodi.bulletin.issued',
       jsonb_build_object('bulletin_id', id, 'year', year, 'number', number, 'week_from', week_from,
                          'week_until', week_until, 'issued_on', issued_on)
FROM new_rows ORDER BY id;
"""

TRIGGERS = (
    ("project", "INSERT", "tell_project_signed", PROJECT_SIGNED),
    ("project", "UPDATE", "tell_project_moved", PROJECT_MOVED),
    ("action_item", "UPDATE", "tell_item_closed", ITEM_CLOSED),
    ("visit", "INSERT", "tell_visit_made", VISIT_MADE),
    ("blocker", "INSERT", "tell_blocker_opened", BLOCKER_OPENED),
    ("escalation", "INSERT", "tell_escalation_raised", ESCALATION_RAISED),
    ("escalation", "UPDATE", "tell_escalation_answered", ESCALATION_ANSWERED),
    ("bulletin", "INSERT", "tell_bulletin_issued", BULLETIN_ISSUED),
)


def upgrade() -> None:
    op.create_table(
        "outbox_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("event_id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "occurred_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("project_id", sa.Integer(), nullable=True),
        sa.Column("investor_id", sa.Integer(), nullable=True),
        sa.Column("unit_id", sa.Integer(), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_event")),
    )
    for table, event, name, body in TRIGGERS:
        op.execute(TELL.format(name=name, body=body.strip()))
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {SEEN[event]} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


def downgrade() -> None:
    for table, _event, name, _body in TRIGGERS:
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}")
    op.drop_table("outbox_event")
