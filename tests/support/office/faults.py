"""What goes wrong in an office: a failing ledger, a lost Prefect, old runs."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import text

from support.office.workers import Workers


class Faults(Workers):
    """Makes the databases fail, forget, or grow older."""

    @contextmanager
    def trigger(self, table: str, when: str, act: str, url: str = "") -> Iterator[None]:
        """Inside the block a database, the ledger's unless told otherwise, does `act` (PL/pgSQL).

        It does so before each INSERT into `table` that fits `when`.
        """
        name = f"test_{uuid.uuid4().hex[:8]}"
        with self.connect(url) as connection:
            connection.execute(
                text(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {act}; RETURN NEW; END $$")
            )
            connection.execute(
                text(
                    f"CREATE TRIGGER {name} BEFORE INSERT ON {table} "
                    f"FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
                )
            )
            try:
                yield
            finally:
                connection.execute(text(f"DROP FUNCTION {name} CASCADE"))

    @contextmanager
    def spoilt(self, marker: str) -> Iterator[None]:
        """Inside the block the ledger fails on every progress entry with `marker` in it, as by a
        bug of ours.
        """
        with self.trigger("progress", f"NEW.text LIKE '%{marker}%'", "RAISE EXCEPTION 'spoilt by a test'"):
            yield

    def grow_old(self, run_id: object, by: timedelta) -> None:
        """Let a run be in its state for longer than it is: reconciliation leaves young runs
        alone.
        """
        with self.connect(self.prefect_url) as connection:
            for table, column, key in (
                ("flow_run_state", "timestamp", "flow_run_id"),
                ("flow_run", "state_timestamp", "id"),
                ("flow_run", "end_time", "id"),
            ):
                connection.execute(
                    text(f"UPDATE {table} SET {column} = {column} - :by WHERE {key} = :run"),  # noqa: S608
                    {"by": by, "run": str(run_id)},
                )

    def lose_prefect(self) -> None:
        """Throw Prefect's database away and start its server on an empty one."""
        self.stop_server()
        self.administer(f"DROP DATABASE {self.prefect} WITH (FORCE)")
        self.start_server()
