"""The traffic light of a project (红黄绿灯): how badly it stalls, by rule and never by hand."""

from collections.abc import Iterable
from datetime import date
from typing import Protocol

from dateutil.relativedelta import relativedelta

from models.i18n import mark
from models.words import RAISED, Step, Word

RED_AFTER, YELLOW_AFTER = 3, 2
"""Months without progress; 邯郸 warns a project after two and calls it stalled after three."""


class Light(Word):
    """How a project stands."""

    RED = "red", mark("Red")
    YELLOW = "yellow", mark("Yellow")
    GREEN = "green", mark("Green")


class Owed(Protocol):
    """What the light must know of an open item; a row read in bulk will do."""

    @property
    def due_on(self) -> date: ...
    @property
    def promised_on(self) -> date | None: ...
    @property
    def fired_step(self) -> Step | None: ...
    @property
    def is_paused(self) -> bool: ...


def traffic_light(items: Iterable[Owed], last_progress_on: date, soon_on: date, as_of: date) -> Light:
    """The light of an open project by what is owed on it and the last day something happened.

    Red: something is overdue and was raised to the leader or higher, or nothing happened for three months. Yellow:
    something is overdue or due by `soon_on`, or nothing happened for two months. What is on hold is excused: it is
    neither overdue nor a stall.
    """
    owed = list(items)
    running = [item for item in owed if not item.is_paused]
    overdue = [item for item in running if is_overdue(item, as_of)]
    still_since = as_of if len(running) < len(owed) else last_progress_on
    if still_since <= as_of - relativedelta(months=RED_AFTER) or any(item.fired_step in RAISED for item in overdue):
        return Light.RED
    is_soon = any(_day(item) <= soon_on for item in running)
    return Light.YELLOW if is_soon or still_since <= as_of - relativedelta(months=YELLOW_AFTER) else Light.GREEN


def is_overdue(item: Owed, as_of: date) -> bool:
    """Whether an item's day, the promised one where there is one, is over; on hold none is."""
    return not item.is_paused and _day(item) < as_of


def _day(item: Owed) -> date:
    return item.promised_on or item.due_on
