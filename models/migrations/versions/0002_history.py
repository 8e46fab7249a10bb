"""history written by the database on every path

Statement-level triggers with transition tables: a bulk statement writes its history in one more
statement.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

KEYS = {
    "unit": "id",
    "unit_alias": "name",
    "person": "id",
    "squad": "id",
    "investor": "id",
    "project": "id",
    "project_co_unit": "project_id",
    "milestone": "id",
    "progress": "id",
    "capital_event": "id",
    "action_item": "id",
    "pause": "id",
    "extension": "id",
    "visit": "item_id",
    "blocker": "item_id",
    "policy": "id",
    "campaign": "id",
}

WRITE_HISTORY = """
CREATE FUNCTION write_history() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    by_whom text := coalesce(nullif(current_setting('luodi.actor', true), ''), session_user);
    from_where text := coalesce(nullif(current_setting('luodi.source', true), ''), 'sql');
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO change (actor, source, table_name, row_id, new)
        SELECT by_whom, from_where, TG_TABLE_NAME, to_jsonb(r) ->> TG_ARGV[0], to_jsonb(r) FROM new_rows r;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO change (actor, source, table_name, row_id, old)
        SELECT by_whom, from_where, TG_TABLE_NAME, to_jsonb(r) ->> TG_ARGV[0], to_jsonb(r) FROM old_rows r;
    ELSE
        INSERT INTO change (actor, source, table_name, row_id, column_name, old, new)
        SELECT by_whom, from_where, TG_TABLE_NAME, n.row ->> TG_ARGV[0], cell.key, o.row -> cell.key, cell.value
        FROM (SELECT to_jsonb(r) AS row FROM new_rows r) n
        JOIN (SELECT to_jsonb(r) AS row FROM old_rows r) o ON o.row ->> TG_ARGV[0] = n.row ->> TG_ARGV[0]
        CROSS JOIN LATERAL jsonb_each(n.row) AS cell
        WHERE cell.value IS DISTINCT FROM o.row -> cell.key;
    END IF;
    RETURN NULL;
END $$
"""

REFUSE_EDITS = """
CREATE FUNCTION refuse_edits_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is append-only: table % takes no %', TG_TABLE_NAME, TG_OP;
END $$
"""


def upgrade() -> None:
    op.execute(WRITE_HISTORY)
    for table, key in KEYS.items():
        for event, seen in (
            ("INSERT", "NEW TABLE AS new_rows"),
            ("UPDATE", "OLD TABLE AS old_rows NEW TABLE AS new_rows"),
            ("DELETE", "OLD TABLE AS old_rows"),
        ):
            op.execute(
                f"CREATE TRIGGER history_of_{event.lower()} AFTER {event} ON {table} REFERENCING {seen} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION write_history('{key}')"
            )
    op.execute(REFUSE_EDITS)
    op.execute(
        "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON change "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_edits_of_history()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER append_only ON change")
    op.execute("DROP FUNCTION refuse_edits_of_history")
    for table in KEYS:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER history_of_{event} ON {table}")
    op.execute("DROP FUNCTION write_history")
