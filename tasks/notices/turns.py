"""How many messages are under way at once, and when a channel is left for the next run.

The channels of a run are served side by side, so that one which does not answer holds up no other.
"""

import time
from dataclasses import dataclass, field

from models.i18n import gettext as _

AT_ONCE = 8  # channels served at once; the others follow
SHARE = 2  # messages under way by one channel …
INBOX_SHARE = 4  # … and into the inbox
MOST_SILENCES = 3  # after so many messages without an answer the channel is left
RUN_SECONDS = 1200.0  # after which a run begins no further message


def run_ends_at() -> float:
    return time.monotonic() + RUN_SECONDS


@dataclass
class Turns:
    """Whether a channel's next message is begun."""

    ends_at: float
    most_silences: int = MOST_SILENCES
    silences: list[int] = field(default_factory=list)  # the messages that got no answer

    @property
    def is_over(self) -> bool:
        return time.monotonic() > self.ends_at

    def why_not(self) -> str:
        """Why no further message is begun; empty if one may be."""
        if len(self.silences) >= self.most_silences:
            return _("The receiver did not answer several messages of this run; the next one goes on.")
        return _("The run has taken too long; the next one goes on.") if self.is_over else ""
