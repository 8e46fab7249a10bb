"""history of many rows at once is quick, and leaves out what the ladder derives

The former function took its plan from the first statement a connection saw: after a change of one
row, a change of a thousand compared every row with every other (15 s). It also built each row's
JSON anew for every column.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# Of action items. The first two follow from the other columns; `escalation` holds what has fired.
DERIVED = ("next_step", "next_fires_on", "fired_step", "fired_on")
EVENTS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}

# Statements that change nothing but derived columns, as each sweep does, are told by comparing
# rows: JSON is dear.
# A plan is made once a connection, knowing nothing of later statements: it must not be one for few
# rows only. Without
# nested loops PostgreSQL rates the plan as costly, which must not start its compiler.
WRITE_HISTORY = """
CREATE OR REPLACE FUNCTION write_history() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop = off SET jit = off AS $$
DECLARE
    by_whom text := coalesce(nullif(current_setting('luodi.actor', true), ''), session_user);
    from_where text := coalesce(nullif(current_setting('luodi.source', true), ''), 'sql');
    key_column text := TG_ARGV[0];
    derived text[] := TG_ARGV[1:];
    others text;
    is_only_derived boolean := false;
BEGIN
    IF TG_OP = 'UPDATE' AND cardinality(derived) > 0 THEN
        SELECT string_agg(quote_ident(attname), ', ') INTO others FROM pg_attribute
        WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped AND attname <> ALL (derived);
        EXECUTE format('SELECT NOT EXISTS (SELECT %1$s FROM new_rows EXCEPT SELECT %1$s FROM old_rows)', others)
        INTO is_only_derived;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO change (actor, source, table_name, row_id, new)
        SELECT by_whom, from_where, TG_TABLE_NAME, to_jsonb(r) ->> key_column, to_jsonb(r) - derived FROM new_rows r;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO change (actor, source, table_name, row_id, old)
        SELECT by_whom, from_where, TG_TABLE_NAME, to_jsonb(r) ->> key_column, to_jsonb(r) - derived FROM old_rows r;
    ELSIF NOT is_only_derived THEN
        INSERT INTO change (actor, source, table_name, row_id, column_name, old, new)
        WITH o AS MATERIALIZED (SELECT to_jsonb(r) - derived AS row FROM old_rows r),
             n AS MATERIALIZED (SELECT to_jsonb(r) - derived AS row FROM new_rows r)
        SELECT by_whom, from_where, TG_TABLE_NAME, n.row ->> key_column, cell.key, o.row -> cell.key, cell.value
        FROM n
        JOIN o ON o.row ->> key_column = n.row ->> key_column AND o.row <> n.row
        CROSS JOIN LATERAL jsonb_each(n.row) AS cell
        WHERE cell.value IS DISTINCT FROM o.row -> cell.key;
    END IF;
    RETURN NULL;
END $$
"""
FORMER = """
CREATE OR REPLACE FUNCTION write_history() RETURNS trigger LANGUAGE plpgsql AS $$
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


def upgrade() -> None:
    op.execute(WRITE_HISTORY)
    _watch_items("id", *DERIVED)


def downgrade() -> None:
    op.execute(FORMER)
    _watch_items("id")


def _watch_items(*arguments: str) -> None:
    given = ", ".join(repr(argument) for argument in arguments)
    for event, seen in EVENTS.items():
        op.execute(
            f"CREATE OR REPLACE TRIGGER history_of_{event.lower()} AFTER {event} ON action_item REFERENCING {seen} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION write_history({given})"
        )
