"""Sends Prefect the events of the ledger: soon after each run that ended, and once a minute."""

import logging
import time
from collections.abc import Callable

import anyio
import anyio.to_thread
from prefect.client.orchestration import get_client

from tasks.events.sending import send_all

# Seconds
LOOKS_EVERY = 60.0  # facts also come from elsewhere: the desk, SQL, a worker that was killed
SENDS_APART, FAILED_SENDS_APART = 1.0, 5.0  # answers that come together are one request


class EventSender:
    """Knows when the outbox is to be looked into."""

    def __init__(self) -> None:
        self._looks_at = 0.0  # at the start: whoever served before us may have died

    def look(self) -> None:
        """Let the outbox be looked into soon."""
        self._looks_at = 0.0

    async def go_on(
        self, is_ready: Callable[[], bool], logger: "logging.Logger | logging.LoggerAdapter[logging.Logger]"
    ) -> None:
        """Send whenever it is time, for ever."""
        while True:
            if is_ready() and time.monotonic() >= self._looks_at:
                self._looks_at = time.monotonic() + LOOKS_EVERY
                try:
                    failed = await anyio.to_thread.run_sync(send)
                except Exception as fault:
                    failed = [repr(fault)]
                for problem in failed:
                    logger.warning("%s", problem)
                    self._looks_at = time.monotonic() + FAILED_SENDS_APART
            await anyio.sleep(SENDS_APART)


def send() -> list[str]:
    with get_client(sync_client=True) as client:
        return send_all(client)
