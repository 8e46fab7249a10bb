"""The ladder's rule once more, written apart from `models/escalation/ladder.py`: what fires on a day, what not."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from deployments.replay.checks.raw import Raw, Workdays, records

STEPS = (
    "reminder_before",
    "reminder_after",
    "leader",
    "office",
    "office_repeat_1",
    "office_repeat_2",
    "office_repeat_3",
)
LEADER, OFFICE, LAST = 2, 3, len(STEPS) - 1  # rungs are places in `STEPS`
# The office's first numbers, in working days; the replay changes none of them
BEFORE, AFTER, TO_LEADER, TO_OFFICE, AGAIN = -3, 1, 2, 3, 5


class Firing(NamedTuple):
    """A step of the ladder for an item, in one of its rounds."""

    item_id: int
    round: int
    step: str


class Clock(NamedTuple):
    """What the rule looks at of an item."""

    id: int
    round: int
    due_on: date
    promised_on: date | None
    entry_step: str | None
    resumed_step: str | None


class Raised(NamedTuple):
    """A step that has fired."""

    item_id: int
    round: int
    step: str
    raised_on: date
    due_on: date


def rung_of(step: str | None) -> int:
    """How high a step is; -1 for none."""
    return STEPS.index(step) if step else -1


def must_fire(raw: Raw, workdays: Workdays, day: date) -> set[Firing]:
    """The steps a sweep on a working day has to fire: for each item that runs the highest one that is due."""
    raised = _raised(raw)
    items = raw["item"]
    running = items[items.closed_on.isna() & ~items.is_paused.astype(bool)]
    firings = set()
    for item in records(running, Clock, Clock._fields):
        fired = raised.get((item.id, item.round), {})
        due = [rung for rung, fires in _fires(item, fired, workdays) if fires <= day and rung > max(fired, default=-1)]
        if due:
            firings.add(Firing(item.id, item.round, STEPS[max(due)]))
    return firings


def _raised(raw: Raw) -> dict[tuple[int, int], dict[int, date]]:
    """When each rung fired, by item and round."""
    days: dict[tuple[int, int], dict[int, date]] = {}
    for escalation in records(raw["escalation"], Raised, Raised._fields):
        days.setdefault((escalation.item_id, escalation.round), {})[rung_of(escalation.step)] = escalation.raised_on
    return days


def _fires(item: Clock, fired: dict[int, date], workdays: Workdays) -> Iterator[tuple[int, date]]:
    """When each rung fires, the office's counted from the rung before it as it really fired."""
    day, entry, last_fired = item.promised_on or item.due_on, max(rung_of(item.entry_step), 1), max(fired, default=-1)
    resumed = rung_of(item.resumed_step)
    highest = resumed if resumed > last_fired else LAST  # nothing above the rung a stopped clock had come to
    yield 0, workdays.after(day, BEFORE)
    before = day
    for rung in range(entry, highest + 1):
        if rung == entry:
            fires = workdays.after(day, AFTER)
        elif rung == LEADER:
            fires = workdays.after(day, TO_LEADER)
        elif rung == OFFICE:
            fires = workdays.after(max(before, day), TO_OFFICE)
        else:
            fires = workdays.after(before, AGAIN)
        yield rung, fires
        before = fired.get(rung, fires) if rung == last_fired else fires


def too_early(raw: Raw, workdays: Workdays, office_first: set[int]) -> list[Firing]:
    """The steps that fired before the day they may, or on a day off, by the date that was due when they fired.

    `office_first`: the items of which a promise, an instruction or a reopening let the inspection office hear first.
    """
    raised = _raised(raw)
    asked = set(raw["blocker"][["item_id", "coordination_asked_on"]].itertuples(index=False, name=None))
    firings = []
    for escalation in records(raw["escalation"], Raised, Raised._fields):
        is_asked = escalation.step == STEPS[LEADER] and (escalation.item_id, escalation.raised_on) in asked
        fired = raised[escalation.item_id, escalation.round]
        earliest = _earliest(
            rung_of(escalation.step), escalation.due_on, fired, workdays, is_first=escalation.item_id in office_first
        )
        if not workdays.is_working(escalation.raised_on) or (escalation.raised_on < earliest and not is_asked):
            firings.append(Firing(escalation.item_id, escalation.round, escalation.step))
    return firings


def _earliest(rung: int, due_on: date, fired: dict[int, date], workdays: Workdays, *, is_first: bool) -> date:
    if rung == 0:
        return workdays.after(due_on, BEFORE)
    if rung < LEADER:
        return workdays.after(due_on, AFTER)
    if rung == LEADER:
        return workdays.after(due_on, TO_LEADER)
    if rung == OFFICE:
        if LEADER in fired:
            return workdays.after(max(fired[LEADER], due_on), TO_OFFICE)
        return workdays.after(due_on, AFTER if is_first else TO_LEADER + TO_OFFICE)
    before = fired.get(rung - 1) or _earliest(rung - 1, due_on, fired, workdays, is_first=is_first)
    return workdays.after(before, AGAIN)
