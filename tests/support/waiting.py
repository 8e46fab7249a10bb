"""Waiting: for what others do, and for others to wait, without guessing how long it takes."""

import time
from collections.abc import Callable
from typing import TypeVar

import pytest
from sqlalchemy import text

from tasks.database import transaction

STUCK = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
PATIENCE = 30.0  # seconds until a test gives up; a step takes about 2 on two cores, CI may be slower

T = TypeVar("T")


def wait_for(condition: Callable[[], T | None], what: str | Callable[[], str], patience: float = PATIENCE) -> T:
    """What `condition` returns once it is true; fails saying `what` was waited for."""
    deadline, pause = time.monotonic() + patience, 0.05
    while not (value := condition()):
        if time.monotonic() > deadline:
            name = what if isinstance(what, str) else what()
            pytest.fail(f"waited {patience:.0f} s for {name}; last seen: {value!r}")
        time.sleep(pause)
        pause = min(pause * 1.1, 0.3)  # many who wait must not keep the server from what they wait for
    return value


def wait_until_locked(count: int = 1) -> None:
    """Until so many other transactions wait for a lock."""
    for _try in range(500):
        with transaction() as session:
            if session.scalar(text(STUCK)) == count:
                return
        time.sleep(0.01)
    raise TimeoutError(STUCK)
