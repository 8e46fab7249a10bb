"""Which message is sent next, so that a channel which does not answer holds up no other."""

import time
from collections import Counter, deque

AT_ONCE = 8  # messages under way at once
SHARE = 2  # of them by one channel …
INBOX_SHARE = 4  # … and into the inbox
MOST_SILENCES = 3  # after so many messages without an answer the channel is left for the next run
RUN_SECONDS = 1200.0  # after which a run begins no further message


class Turns:
    """Messages that wait. Their channels take turns, each with its share of the senders."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[int]] = {}
        self._under_way: Counter[str] = Counter()
        self._silences: Counter[str] = Counter()
        self._ends_at = time.monotonic() + RUN_SECONDS

    def add(self, delivery_id: int, channel: str) -> None:
        self._waiting.setdefault(channel, deque()).append(delivery_id)

    def take(self) -> tuple[int, str] | None:
        """The message to begin now, and its channel; None if none may."""
        if self.is_over or self._under_way.total() >= AT_ONCE:
            return None
        for channel, messages in self._waiting.items():
            share = SHARE if channel else INBOX_SHARE
            if messages and self._under_way[channel] < share and not self.is_silent(channel):
                self._waiting[channel] = self._waiting.pop(channel)  # to the end: the others come first now
                self._under_way[channel] += 1
                return messages.popleft(), channel
        return None

    def end(self, channel: str, *, answered: bool) -> None:
        """Note that a message which was taken is settled, or not."""
        self._under_way[channel] -= 1
        self._silences[channel] += not answered

    def is_silent(self, channel: str) -> bool:
        return self._silences[channel] >= MOST_SILENCES

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self._ends_at

    def left(self) -> list[tuple[int, str]]:
        """The messages that are not begun in this run, taken from it."""
        left = [(number, channel) for channel, messages in self._waiting.items() for number in messages]
        self._waiting.clear()
        return left
