"""What the simulated people did, written down beside the ledger, so that the ledger can be held against it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from models.i18n import mark
from models.words import Word


class Deed(Word):
    """What somebody did on a day."""

    SIGNED = "signed", mark("Projects signed")
    VISITED = "visited", mark("Visits made")
    OPENED = "opened", mark("Blockers opened")
    RESOLVED = "resolved", mark("Blockers resolved")
    EXTENDED = "extended", mark("Extensions agreed before the date")
    HEARD = "heard", mark("Raised to a leader by the unit itself")
    COORDINATION = "coordination", mark("Coordination asked for")
    ACKNOWLEDGED = "acknowledged", mark("Acknowledged by a leader")
    PROMISED = "promised", mark("Promised by a leader")
    GRANTED = "granted", mark("Extensions granted by a leader")
    HANDED_OVER = "handed_over", mark("Handed over by a leader")
    REASSIGNED = "reassigned", mark("Projects given to another officer")
    INSTRUCTED = "instructed", mark("Instructed by the inspection office")
    CLOSED = "closed", mark("Closed by the inspection office")
    VERIFIED = "verified", mark("Verified by the inspection office")
    REOPENED = "reopened", mark("Opened again by the inspection office")
    HELD = "held", mark("Projects put on hold")
    RESUMED = "resumed", mark("Projects taken off hold")
    REFUSED = "refused", mark("Landings without evidence, refused")
    LANDED = "landed", mark("Projects landed")
    LOST = "lost", mark("Projects lost")
    RAISED = "raised", mark("Steps of the ladder fired by the sweep")


class JournalLine(NamedTuple):
    """Who did what on a day to which project or item."""

    day: date
    deed: Deed
    by: str
    subject: int


@dataclass
class Journal:
    """Every deed, in order."""

    entries: list[JournalLine] = field(default_factory=list)

    def note(self, day: date, deed: Deed, by: str, subject: int) -> None:
        """Write a deed down."""
        self.entries.append(JournalLine(day, deed, by, subject))

    def counts(self, first: date, last: date) -> Counter[Deed]:
        """How often each was done from `first` through `last`."""
        return Counter(entry.deed for entry in self.entries if first <= entry.day <= last)

    def subjects(self, *deeds: Deed) -> set[int]:
        """To what any of these was done."""
        return {entry.subject for entry in self.entries if entry.deed in deeds}
