"""Compares the live ledger database with the models."""

import re
from collections.abc import Mapping

from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from models.events.outbox import TELLING
from models.i18n import gettext as _
from models.ledger.history import DERIVED, HISTORIC_TABLES, SECRET
from models.tables import Base
from tasks.database import engine

VERSION_TABLE = "alembic_version"
SEEN = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}
KEEPS_HISTORY = (
    "CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON change "
    "FOR EACH STATEMENT EXECUTE FUNCTION refuse_edits_of_history()"
)

# Every column, constraint and index with its definition; NOT NULL is read from the columns, for
# only newer servers list it as a constraint.
PARTS = """
WITH relation AS (
    SELECT oid, relname FROM pg_class WHERE relkind = 'r'
    AND relnamespace = CASE WHEN :is_wanted THEN pg_my_temp_schema() ELSE current_schema()::regnamespace END
)
SELECT relname, 'column ' || attname, concat_ws(' ', format_type(atttypid, atttypmod),
    CASE WHEN attnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr(adbin, adrelid),
    'IDENTITY ' || nullif(attidentity::text, ''), 'GENERATED ' || nullif(attgenerated::text, ''))
FROM relation JOIN pg_attribute ON attrelid = relation.oid AND attnum > 0 AND NOT attisdropped
LEFT JOIN pg_attrdef ON adrelid = relation.oid AND adnum = attnum
UNION ALL
SELECT relname, 'constraint ' || conname, pg_get_constraintdef(pg_constraint.oid)
FROM relation JOIN pg_constraint ON conrelid = relation.oid AND contype <> 'n'
UNION ALL
SELECT relation.relname, 'index ' || named.relname, pg_get_indexdef(indexrelid)
FROM relation JOIN pg_index ON indrelid = relation.oid JOIN pg_class AS named ON named.oid = indexrelid
UNION ALL
SELECT relname, 'trigger ' || tgname, pg_get_triggerdef(pg_trigger.oid)
FROM relation JOIN pg_trigger ON tgrelid = relation.oid AND NOT tgisinternal AND tgenabled = 'O'
"""
Parts = dict[tuple[str, str], str]


def other_shape() -> str:
    """How the ledger database differs from the models, in a sentence; empty if it does not."""
    try:
        with engine().connect() as connection:
            others = differences(connection)
    except ProgrammingError as problem:  # an office's own server may let us make no temporary tables
        refused = _("The ledger database cannot be compared with this version of Luodi: %(why)s")
        return refused % {"why": problem.orig}
    what = _("The ledger database has another shape than this version of Luodi: %(names)s")
    return what % {"names": "; ".join(others)} if others else ""


def differences(connection: Connection) -> list[str]:
    """What the ledger database lacks, has too much or has otherwise, in words; empty if nothing.

    The models' tables are made beside it as temporary ones, in a transaction that is undone: both
    definitions are the same server's words.
    """
    with connection.begin_nested() as beside:
        there = _parts(connection, is_wanted=False)
        wanted = connection.execution_options(schema_translate_map={None: "pg_temp"})
        Base.metadata.create_all(wanted, checkfirst=False)
        parts = _parts(connection, is_wanted=True)
        beside.rollback()
    return compare(parts | {name: _plain(definition) for name, definition in _triggers().items()}, there)


def compare(wanted: Mapping[tuple[str, str], str], there: Mapping[tuple[str, str], str]) -> list[str]:
    lines = [
        (_("lacks %(table)s, %(part)s"), wanted.keys() - there.keys()),
        (_("has too much: %(table)s, %(part)s"), there.keys() - wanted.keys()),
        (
            _("differs: %(table)s, %(part)s"),
            {name for name in wanted.keys() & there.keys() if wanted[name] != there[name]},
        ),
    ]
    return [line % {"table": table, "part": part} for line, names in lines for table, part in sorted(names)]


def _parts(connection: Connection, *, is_wanted: bool) -> Parts:
    rows = connection.execute(text(PARTS), {"is_wanted": is_wanted})
    return {(table, part): _plain(definition) for table, part, definition in rows if table != VERSION_TABLE}


def _plain(definition: str) -> str:
    """A definition without its schema, casts and brackets, which a restored dump has otherwise; the
    words a column takes in the order of the alphabet.
    """
    bare = re.sub(r"\b(pg_temp(_\d+)?|public)\.|::(character varying|[a-z]+)(\[\])?|[()]", "", definition)
    return re.sub(r"ARRAY\[([^\]]*)\]", lambda words: f"ARRAY[{', '.join(sorted(words[1].split(', ')))}]", bare)


def _triggers() -> Parts:
    """The triggers that write history and events: migrations make them, no model does."""
    telling = {
        (table, f"trigger {name}"): (
            f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {SEEN[event]} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
        for table, event, name in TELLING
    }
    writing = {
        (table, f"trigger history_of_{event.lower()}"): (
            f"CREATE TRIGGER history_of_{event.lower()} AFTER {event} ON {table} REFERENCING {seen} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION write_history({_arguments(table)})"
        )
        for table in HISTORIC_TABLES
        for event, seen in SEEN.items()
    }
    return writing | telling | {("change", "trigger append_only"): KEEPS_HISTORY}


def _arguments(table: str) -> str:
    """The first column of its key, and the columns history leaves out."""
    key = next(iter(Base.metadata.tables[table].primary_key)).name
    return ", ".join(f"'{column}'" for column in (key, *DERIVED.get(table, ()), *SECRET.get(table, ())))
