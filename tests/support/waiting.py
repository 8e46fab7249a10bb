"""Waiting for others to wait: tests of who comes first do not guess how long a statement takes."""

import time

from sqlalchemy import text

from tasks.database import transaction

STUCK = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def wait_until_locked(count: int = 1) -> None:
    """Until so many other transactions wait for a lock."""
    for _try in range(500):
        with transaction() as session:
            if session.scalar(text(STUCK)) == count:
                return
        time.sleep(0.01)
    raise TimeoutError(STUCK)
