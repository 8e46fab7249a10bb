"""When can a run's next question be answered? Prefect's database says: asking the server would slow
it down.
"""

import time
from collections.abc import Mapping, Sequence

from sqlalchemy import create_engine, text

LOOKS_EVERY = 0.01
PATIENCE = 300.0
SUSPENDED = text(
    "SELECT run.id::text AS run, run.state_id::text AS question FROM flow_run run "
    "JOIN flow_run_state state ON state.id = run.state_id "
    "JOIN flow_run_input form ON form.flow_run_id = run.id "
    "AND form.key = state.state_details::jsonb -> 'run_input_keyset' ->> 'schema' "
    "WHERE run.state_type = 'PAUSED' AND run.id = ANY(CAST(:runs AS uuid[]))"
)


class Clock:
    """Knows which question each run waits with, and waits for the next one."""

    def __init__(self, prefect_url: str) -> None:
        self._engine = create_engine(prefect_url, isolation_level="AUTOCOMMIT")

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def look(self, runs: Sequence[str]) -> dict[str, str]:
        """What marks the question each of the runs waits with; runs without a form as yet are left
        out.
        """
        with self._engine.connect() as connection:
            found = connection.execute(SUSPENDED, {"runs": list(runs)})
            return {row.run: row.question for row in found}

    def wait(self, runs: Sequence[str], before: Mapping[str, str]) -> None:
        """Return once each of the runs waits with another question than `before`."""
        deadline = time.monotonic() + PATIENCE
        while True:
            now = self.look(runs)
            if all(run in now and now[run] != before.get(run) for run in runs):
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(runs)} runs did not ask their next question in {PATIENCE:.0f} s")
            time.sleep(LOOKS_EVERY)
