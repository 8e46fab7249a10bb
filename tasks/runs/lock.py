"""One execution a run at a time: a lock in the ledger's database dies with its holder."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from tasks.database import engine

KEY = "hashtextextended(:run, 0)"


@contextmanager
def held_run(run_id: uuid.UUID) -> Iterator[bool]:
    """Hold the run's lock inside the block unless somebody else does; yields whether we do."""
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        ours = bool(connection.execute(text(f"SELECT pg_try_advisory_lock({KEY})"), {"run": str(run_id)}).scalar())
        try:
            yield ours
        finally:
            if ours:
                connection.execute(text(f"SELECT pg_advisory_unlock({KEY})"), {"run": str(run_id)})
