"""What the simulated people did, written down beside the ledger, so that the ledger can be held against it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from models.i18n import mark
from models.words import Word

_ = mark


class Deed(Word):
    """What somebody did on a day."""

    SIGNED = "signed", _("Projects signed")
    VISITED = "visited", _("Visits made")
    OPENED = "opened", _("Blockers opened")
    RESOLVED = "resolved", _("Blockers resolved")
    EXTENDED = "extended", _("Extensions agreed before the date")
    HEARD = "heard", _("Raised to a leader by the unit itself")
    COORDINATION = "coordination", _("Coordination asked for")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged by a leader")
    PROMISED = "promised", _("Promised by a leader")
    GRANTED = "granted", _("Extensions granted by a leader")
    HANDED_OVER = "handed_over", _("Handed over by a leader")
    REASSIGNED = "reassigned", _("Projects given to another officer")
    INSTRUCTED = "instructed", _("Instructed by the inspection office")
    CLOSED = "closed", _("Closed by the inspection office")
    VERIFIED = "verified", _("Verified by the inspection office")
    REOPENED = "reopened", _("Opened again by the inspection office")
    HELD = "held", _("Projects put on hold")
    RESUMED = "resumed", _("Projects taken off hold")
    REFUSED = "refused", _("Landings without evidence, refused")
    LANDED = "landed", _("Projects landed")
    LOST = "lost", _("Projects lost")
    RAISED = "raised", _("Steps of the ladder fired by the sweep")


class Entry(NamedTuple):
    """Who did what on a day to which project or item."""

    day: date
    deed: Deed
    by: str
    subject: int


@dataclass
class Journal:
    """Every deed, in order."""

    entries: list[Entry] = field(default_factory=list)

    def note(self, day: date, deed: Deed, by: str, subject: int) -> None:
        """Write a deed down."""
        self.entries.append(Entry(day, deed, by, subject))

    def counts(self, first: date, last: date) -> Counter[Deed]:
        """How often each was done from `first` through `last`."""
        return Counter(each.deed for each in self.entries if first <= each.day <= last)

    def subjects(self, *deeds: Deed) -> set[int]:
        """To what any of these was done."""
        return {each.subject for each in self.entries if each.deed in deeds}
