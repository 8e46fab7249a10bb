"""The ladder's rule once more, written apart from `models/escalation/ladder.py`."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from deployments.replay.checks.raw import Raw, Workdays, rows

STEPS = ("reminder_before", "reminder_after", "leader", "office", *(f"office_repeat_{again}" for again in (1, 2, 3)))
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
    begins_on: date | None


class Raised(NamedTuple):
    item_id: int
    round: int
    step: str
    raised_on: date
    due_on: date


def rung_of(step: str | None) -> int:
    """How high a step is; -1 for none."""
    return STEPS.index(step) if step else -1


def must_fire(raw: Raw, workdays: Workdays, day: date) -> set[Firing]:
    """The steps a sweep on a working day has to fire: of each running item the highest due."""
    raised = _raised(raw)
    items = raw["item"]
    running = items[items.closed_on.isna() & ~items.is_paused.astype(bool)]
    firings = set()
    for item in map(Clock._make, rows(running, Clock._fields)):
        fired = raised.get((item.id, item.round), {})
        due = [rung for rung, fires in _fires(item, fired, workdays) if fires <= day and rung > max(fired, default=-1)]
        if due:
            firings.add(Firing(item.id, item.round, STEPS[max(due)]))
    return firings


def _raised(raw: Raw) -> dict[tuple[int, int], dict[int, date]]:
    """When each rung fired, by item and round."""
    days: defaultdict[tuple[int, int], dict[int, date]] = defaultdict(dict)
    for escalation in _escalations(raw):
        days[escalation.item_id, escalation.round][rung_of(escalation.step)] = escalation.raised_on
    return days


def _escalations(raw: Raw) -> Iterator[Raised]:
    return map(Raised._make, rows(raw["escalation"], Raised._fields))


def _fires(item: Clock, fired: dict[int, date], workdays: Workdays) -> Iterator[tuple[int, date]]:
    """When each rung fires, the office's counted from the rung before it as it really fired."""
    day, entry, last_fired = item.promised_on or item.due_on, max(rung_of(item.entry_step), 1), max(fired, default=-1)
    resumed = rung_of(item.resumed_step)
    highest = resumed if resumed > last_fired else LAST  # nothing above the rung a stopped clock had come to
    if item.begins_on:  # long overdue when it came: its first rung, and only then those above
        day = item.promised_on or item.begins_on
        if last_fired < entry:
            yield entry, day if workdays.is_working(day) else workdays.after(day, 1)
            return
    else:
        yield 0, workdays.after(day, BEFORE)
    before = day
    for rung in range(entry, highest + 1):
        if rung == entry:
            fires = workdays.after(day, AFTER)
        elif rung == LEADER:
            fires = workdays.after(max(before, day) if item.begins_on else day, TO_LEADER)
        elif rung == OFFICE:
            fires = workdays.after(max(before, day), TO_OFFICE)
        else:
            fires = workdays.after(before, AGAIN)
        yield rung, fires
        before = fired.get(rung, fires) if rung == last_fired else fires


def too_early(raw: Raw, workdays: Workdays, office_first: set[int]) -> list[Firing]:
    """The steps that fired on a day off or too early for the date that was due when they fired.

    `office_first`: items the office hears of first, for a promise, an instruction or a reopening.
    """
    raised = _raised(raw)
    asked = set(rows(raw["blocker"], ["item_id", "coordination_asked_on"]))
    firings = []
    for item_id, number, step, raised_on, due_on in _escalations(raw):
        is_asked = step == STEPS[LEADER] and (item_id, raised_on) in asked
        fired = raised[item_id, number]
        earliest = _earliest(rung_of(step), due_on, fired, workdays, is_first=item_id in office_first)
        if not workdays.is_working(raised_on) or (raised_on < earliest and not is_asked):
            firings.append(Firing(item_id, number, step))
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
