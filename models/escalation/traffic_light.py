"""The words of the traffic light (红黄绿灯), and when an item is overdue."""

from datetime import date
from typing import Protocol

from models.i18n import mark
from models.words import Word

# Months without progress; 邯郸 warns a project after two and calls it stalled after three.
RED_AFTER, YELLOW_AFTER = 3, 2


class Light(Word):
    RED = "red", mark("Red")
    YELLOW = "yellow", mark("Yellow")
    GREEN = "green", mark("Green")


class Owed(Protocol):
    """What the rule reads of an open item; a row of a bulk query has it, too."""

    @property
    def due_on(self) -> date: ...
    @property
    def promised_on(self) -> date | None: ...
    @property
    def is_paused(self) -> bool: ...


def is_overdue(item: Owed, as_of: date) -> bool:
    """Whether the item's promised or due day is over; never on hold."""
    return not item.is_paused and (item.promised_on or item.due_on) < as_of
