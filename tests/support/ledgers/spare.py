"""Ledgers for tests: one that is given back is emptied and given out again, which is quicker than
making another.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import uuid4

import psycopg
import pytest
from psycopg import Cursor, sql

from deployments.embedded_postgres.server import EmbeddedPostgres
from support.recount.next_steps import check_clocks
from tasks import database

MADE_WITH = """
SELECT (SELECT (count(*), max(oid))::text FROM pg_class), (SELECT (count(*), max(oid))::text FROM pg_trigger),
       (SELECT (count(*), max(oid))::text FROM pg_proc), (SELECT (count(*), max(oid))::text FROM pg_constraint),
       (SELECT count(*) FROM pg_attribute), (SELECT (count(*), max(xmin::text::bigint))::text FROM workday)
"""
"""What differs in a database whose tables, columns, triggers, functions or days are not those it
was made with.
"""
WRITTEN = """
SELECT relname, pg_relation_size(oid) FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'workday' AND pg_relation_size(oid) > 0
ORDER BY relname
"""
BLOATED = 1024**2
"""A table of so many bytes is not worth emptying: what is deleted stays in the file for a while."""
COUNTERS = "SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL FROM pg_sequences"
SET_COUNTER = "SELECT setval(%s::regclass, %s, %s)"
END_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
UNCHECKED = "SET session_replication_role = replica"
"""No trigger fires and no reference is followed: neither keeps a table from being emptied."""

T = TypeVar("T")


class SpareLedgers:
    """Gives out ledgers that hold what the template holds."""

    def __init__(self, postgres: EmbeddedPostgres, template: str) -> None:
        self._postgres, self._template = postgres, template
        self._spare: list[str] = []
        self._names: dict[str, list[str]] = {}  # of copies that were dropped, by original
        with self._cursor(template) as cursor:
            self._made_with = cursor.execute(MADE_WITH).fetchone()
            self._counters = cursor.execute(COUNTERS).fetchall()
            self._rows = {table: _copied(cursor, table) for table, _size in cursor.execute(WRITTEN).fetchall()}

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Inside the block `LUODI_DATABASE_URL` names a ledger with nothing in it; gives its
        URL.
        """
        name = self._take()
        with self._used(name) as url:
            yield url
            check_clocks()
        self._give_back(name)

    @contextmanager
    def filled(self, fill: Callable[[], T]) -> Iterator[tuple[str, T]]:
        """The name of a ledger in which `fill` was called, and what that returned: each test works
        on a copy.
        """
        name = self._take()
        with self._used(name):
            told = fill()
            check_clocks()
        yield name, told
        self._give_back(name)

    @contextmanager
    def copied(self, original: str, *, to_spoil: bool = False) -> Iterator[str]:
        """Inside the block `LUODI_DATABASE_URL` names a copy of a ledger on which nobody works;
        gives its URL.

        One that is there `to_spoil` need not be sound in the end. The next copy has the same name:
        its engine has compiled the statements already.
        """
        names = self._names.setdefault(original, [])
        name = self._copy(original, names.pop() if names else "")
        with self._used(name) as url:
            yield url
            if not to_spoil:
                check_clocks()
        self._drop(name)
        names.append(name)

    @contextmanager
    def _used(self, name: str) -> Iterator[str]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LUODI_DATABASE_URL", url := self._url(name))
            yield url
            database.engine().dispose()

    def _take(self) -> str:
        return self._spare.pop() if self._spare else self._copy(self._template)

    def _give_back(self, name: str) -> None:
        """Empty a ledger for whoever takes it next; one of another shape by now, or a large one, is
        dropped.
        """
        with self._cursor(name) as cursor:
            cursor.execute(END_OTHERS)
            written = dict(cursor.execute(WRITTEN).fetchall())
            is_worth_it = cursor.execute(MADE_WITH).fetchone() == self._made_with and max(written.values()) < BLOATED
            if is_worth_it:
                self._empty(cursor, written)
        if is_worth_it:
            self._spare.append(name)
        else:
            self._drop(name)

    def _copy(self, original: str, name: str = "") -> str:
        name = name or f"ledger_{uuid4().hex[:12]}"
        with self._cursor("postgres") as cursor:
            cursor.execute(_filled_in("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY", name, original))
        return name

    def _drop(self, name: str) -> None:
        with self._cursor("postgres") as cursor:
            cursor.execute(_filled_in("DROP DATABASE {} WITH (FORCE)", name))

    def _url(self, name: str) -> str:
        return self._postgres.url(name, "psycopg")

    def _empty(self, cursor: Cursor, written: Iterable[str]) -> None:
        cursor.execute(UNCHECKED)
        for table in written:
            cursor.execute(_filled_in("DELETE FROM {}", table))
        for table, rows in self._rows.items():
            with cursor.copy(_filled_in("COPY {} FROM STDIN", table)) as copy:
                copy.write(rows)
        cursor.executemany(SET_COUNTER, self._counters)

    @contextmanager
    def _cursor(self, name: str) -> Iterator[Cursor]:
        with psycopg.connect(self._url(name).replace("+psycopg", ""), autocommit=True) as connection:
            yield connection.cursor()


def _copied(cursor: Cursor, table: str) -> bytes:
    with cursor.copy(_filled_in("COPY {} TO STDOUT", table)) as copy:
        return b"".join(bytes(block) for block in copy)


def _filled_in(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))
