"""what ledger files need: history names the row a change came from, files taken in are known, plans
are found quickly

An import that has laid down in the temporary table `staged_place` where each project stands in its
file turns `luodi.places` on: until its transaction ends, history says so of each row that belongs
to such a project.

The function's statements are put together each time: a plan then knows how many rows there are, and
rows are compared by their columns before anything becomes JSON.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

WRITE_HISTORY = """
CREATE OR REPLACE FUNCTION write_history() RETURNS trigger LANGUAGE plpgsql SET jit = off AS $$
DECLARE
    by_whom text := coalesce(nullif(current_setting('luodi.actor', true), ''), session_user);
    from_where text := coalesce(nullif(current_setting('luodi.source', true), ''), 'sql');
    key_column text := TG_ARGV[0];
    derived text[] := TG_ARGV[1:];
    columns text[] := ARRAY(SELECT attname FROM pg_attribute
                            WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped AND attname <> ALL (derived));
    source text := '$2';
    places text := '';
BEGIN
    IF current_setting('luodi.places', true) = 'on' THEN
        IF TG_TABLE_NAME = 'project' THEN
            places := 'LEFT JOIN staged_place w ON w.project_id = r.id';
        ELSIF 'project_id' = ANY (columns) THEN
            places := 'LEFT JOIN staged_place w ON w.project_id = r.project_id';
        ELSIF 'item_id' = ANY (columns) THEN
            places := 'LEFT JOIN action_item i ON i.id = r.item_id '
                      'LEFT JOIN staged_place w ON w.project_id = i.project_id';
        END IF;
        IF places <> '' THEN
            source := 'concat_ws('' · '', $2, w.place)';
        END IF;
    END IF;
    IF TG_OP = 'INSERT' THEN
        EXECUTE format('INSERT INTO change (actor, source, table_name, row_id, new) '
                       'SELECT $1, %s, $3, CAST(r.%I AS text), to_jsonb(r) - $4 FROM new_rows r %s',
                       source, key_column, places)
        USING by_whom, from_where, TG_TABLE_NAME, derived;
    ELSIF TG_OP = 'DELETE' THEN
        EXECUTE format('INSERT INTO change (actor, source, table_name, row_id, old) '
                       'SELECT $1, %s, $3, CAST(r.%I AS text), to_jsonb(r) - $4 FROM old_rows r %s',
                       source, key_column, places)
        USING by_whom, from_where, TG_TABLE_NAME, derived;
    ELSE
        EXECUTE format('INSERT INTO change (actor, source, table_name, row_id, column_name, old, new) '
                       'SELECT $1, %1$s, $3, CAST(r.%2$I AS text), cell.key, former.row -> cell.key, cell.value '
                       'FROM new_rows r JOIN old_rows o ON o.%2$I = r.%2$I %3$s '
                       'CROSS JOIN LATERAL (SELECT to_jsonb(o) AS row OFFSET 0) former '
                       'CROSS JOIN LATERAL jsonb_each(to_jsonb(r) - $4) cell '
                       'WHERE (%4$s) IS DISTINCT FROM (%5$s) AND cell.value IS DISTINCT FROM former.row -> cell.key',
                       source, key_column, places,
                       (SELECT string_agg(format('r.%I', name), ', ') FROM unnest(columns) name),
                       (SELECT string_agg(format('o.%I', name), ', ') FROM unnest(columns) name))
        USING by_whom, from_where, TG_TABLE_NAME, derived;
    END IF;
    RETURN NULL;
END $$
"""
FORMER = """
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


def upgrade() -> None:
    op.create_table(
        "imported_file",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("refusal", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_imported_file")),
    )
    op.create_index(
        op.f("ix_action_item_milestone_id"),
        "action_item",
        ["milestone_id"],
        postgresql_where=sa.text("milestone_id IS NOT NULL"),
    )
    op.create_index(
        "ix_change_cell",
        "change",
        ["table_name", "column_name", "row_id"],
        postgresql_where=sa.text("column_name IS NOT NULL"),
    )
    op.execute(WRITE_HISTORY)


def downgrade() -> None:
    op.execute(FORMER)
    op.drop_index("ix_change_cell", "change")
    op.drop_index(op.f("ix_action_item_milestone_id"), "action_item")
    op.drop_table("imported_file")
