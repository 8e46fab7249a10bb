"""Notices that a part hangs: it lives, but is silent."""

import http.client
import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

# Seconds
ASKS_EVERY = 5.0
ASKS_FOR = 10.0
LONGEST_STEP = 1.0  # we were stopped, or the machine was: what we did not see counts no more than this


class Pulse(ABC):
    """For how long a part has been silent, in time that we ourselves were awake.

    Until its first sign it has `warm_up` seconds. The clock of the machine does not matter: it may
    be set.
    """

    def __init__(self, patience: float, warm_up: float) -> None:
        self.patience, self.warm_up = patience, warm_up
        self.begin()

    def begin(self) -> None:
        """The part was started."""
        self._silent, self._looked_at = -self.warm_up, time.monotonic()

    def has_stopped(self) -> bool:
        """Whether the part has been silent for too long; to be asked at least once a second."""
        now = time.monotonic()
        self._silent += min(now - self._looked_at, LONGEST_STEP)
        self._looked_at = now
        if self._is_heard():
            self._silent = 0.0
        return self._silent > self.patience

    @abstractmethod
    def _is_heard(self) -> bool:
        """Whether the part gave a sign since we looked last."""


class Beat(Pulse):
    """The sign is a file that the part touches."""

    def __init__(self, path: Path, patience: float, warm_up: float) -> None:
        self.path = path
        super().__init__(patience, warm_up)

    def begin(self) -> None:
        super().begin()
        with suppress(OSError):  # a full disk: then we cannot tell
            self.path.parent.mkdir(mode=0o700, exist_ok=True)
            self.path.touch(mode=0o600)
        self._touched = self._last_touch()

    def has_stopped(self) -> bool:
        return super().has_stopped() and self._can_be_touched()

    def _is_heard(self) -> bool:
        before, self._touched = self._touched, self._last_touch()
        return self._touched != before or self._touched is None

    def _last_touch(self) -> int | None:
        try:
            return self.path.stat().st_mtime_ns
        except OSError:
            return None

    def _can_be_touched(self) -> bool:
        """False where the disk is what is silent."""
        try:
            os.utime(self.path)
        except OSError:
            return False
        self._touched = self._last_touch()
        return True


class Answers(Pulse):
    """The sign is an answer, which a thread asks for: a part that hangs does not hold us up."""

    def __init__(self, ask: Callable[[], bool], patience: float, warm_up: float) -> None:
        self._ask, self._answered = ask, threading.Event()
        super().__init__(patience, warm_up)
        threading.Thread(target=self._go_on_asking, daemon=True).start()

    def begin(self) -> None:
        super().begin()
        self._answered.clear()

    def _is_heard(self) -> bool:
        is_heard = self._answered.is_set()
        self._answered.clear()
        return is_heard

    def _go_on_asking(self) -> None:
        while True:
            if self._ask():
                self._answered.set()
            time.sleep(ASKS_EVERY)


def web_answers(address: str) -> Callable[[], bool]:
    """Asks a web server for an answer: if it only says that it is busy, it does not hang."""
    parts = urlsplit(address)

    def ask() -> bool:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=ASKS_FOR)
        try:
            connection.request("GET", parts.path)
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    return ask
