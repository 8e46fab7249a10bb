"""The ladder's rule once more, written apart from `models/escalation/ladder.py`."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from deployments.replay.checks.raw import Raw, Workdays, rows

STEPS = ("reminder_before", "reminder_after", "leader", "office", *(f"office_repeat_{again}" for again in (1, 2, 3)))
OWNER, LEADER, OFFICE, LAST = 1, 2, 3, len(STEPS) - 1  # rungs are places in `STEPS`
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
    fired_step: str | None
    fired_on: date | None
    unheard_since: date | None
    kind: str
    unit_id: int
    owner_id: int | None
    leader_id: int | None

    @property
    def waits_for_somebody(self) -> bool:
        """Whether a sweep found nobody on any rung, and it was not raised since."""
        if self.unheard_since is None or self.fired_on is None or rung_of(self.fired_step) < LEADER:
            return self.unheard_since is not None
        return self.fired_on < self.unheard_since


class Raised(NamedTuple):
    item_id: int
    round: int
    step: str
    raised_on: date
    due_on: date


class Offices:
    """Which units have a leader, and whether anybody inspects."""

    def __init__(self, raw: Raw) -> None:
        people = list(rows(raw["person"], ("role", "unit_id", "kind")))
        self._led = {unit_id for role, unit_id, _kind in people if role == "leader"}
        self._inspecting = [unit_id for role, unit_id, _kind in people if role == "inspector"]
        self._bureau_is_led = any(role == "leader" and kind == "commerce_bureau" for role, _unit_id, kind in people)

    def empty(self, item: Clock) -> set[int]:
        """The rungs of an item on which nobody hears."""
        is_verification = item.kind == "verify"
        unit_id = next(iter(self._inspecting), None) if is_verification else item.unit_id
        no_leader = item.leader_id is None and unit_id not in self._led and not self._bureau_is_led
        no_owner = item.owner_id is None and (not self._inspecting if is_verification else no_leader)
        empty = {0, OWNER} if no_owner else set()
        empty |= {LEADER} if no_leader else set()
        return empty if self._inspecting else empty | set(range(OFFICE, LAST + 1))


def rung_of(step: str | None) -> int:
    """How high a step is; -1 for none."""
    return STEPS.index(step) if step else -1


def must_fire(raw: Raw, workdays: Workdays, day: date) -> set[Firing]:
    """The steps a sweep on a working day has to fire: of each running item the highest due.

    An item that has waited for somebody to be named begins at its leader.
    """
    raised, offices = _raised(raw), Offices(raw)
    items = raw["item"]
    running = items[items.closed_on.isna() & ~items.is_paused.astype(bool)]
    firings = set()
    for item in map(Clock._make, rows(running, Clock._fields)):
        fired = raised.get((item.id, item.round), {})
        fires_on = _fires(item, fired, workdays, offices.empty(item))
        due = [rung for rung, fires in fires_on if fires <= day and rung > max(fired, default=-1)]
        above = [rung for rung in due if rung >= LEADER] if item.waits_for_somebody else []
        if due:
            firings.add(Firing(item.id, item.round, STEPS[min(above, default=max(due))]))
    return firings


def _raised(raw: Raw) -> dict[tuple[int, int], dict[int, date]]:
    """When each rung fired, by item and round."""
    days: defaultdict[tuple[int, int], dict[int, date]] = defaultdict(dict)
    for escalation in _escalations(raw):
        days[escalation.item_id, escalation.round][rung_of(escalation.step)] = escalation.raised_on
    return days


def _escalations(raw: Raw) -> Iterator[Raised]:
    return map(Raised._make, rows(raw["escalation"], Raised._fields))


def _fires(item: Clock, fired: dict[int, date], workdays: Workdays, empty: set[int]) -> Iterator[tuple[int, date]]:
    """When each rung fires, the office's counted from the rung before it as it really fired.

    On the day of an empty rung the next one fires, except below the office for what was long
    overdue.
    """
    day, entry, last_fired = item.promised_on or item.due_on, max(rung_of(item.entry_step), 1), max(fired, default=-1)
    resumed, highest = rung_of(item.resumed_step), LAST
    if resumed > last_fired:  # nothing above the rung a stopped clock had come to, or the first one
        highest = next((rung for rung in range(max(resumed, entry), LAST + 1) if rung not in empty), LAST)
    if item.begins_on:  # long overdue when it came: its first rung, and only then those above
        day = item.promised_on or item.begins_on
        if last_fired < entry:
            began, waited = day if workdays.is_working(day) else workdays.after(day, 1), 0
            for first in range(entry, LAST + 1):
                if first not in empty:
                    yield first, workdays.after(began, waited)
                    return
                waited += {OWNER: TO_LEADER, LEADER: TO_OFFICE}.get(first, 0)
            return
    elif 0 not in empty:
        yield 0, workdays.after(day, BEFORE)
    before, passed_on = day, None
    for rung in range(entry, highest + 1):
        if rung == entry:
            fires = workdays.after(day, AFTER)
        elif rung == LEADER:
            fires = workdays.after(max(before, day) if item.begins_on else day, TO_LEADER)
        elif rung == OFFICE:
            fires = workdays.after(max(before, day), TO_OFFICE)
        else:
            fires = workdays.after(before, AGAIN)
        if rung > last_fired:
            fires = passed_on or fires
            passed_on = fires if rung in empty and not (item.begins_on and rung < OFFICE) else None
        if passed_on is None:
            if rung not in empty:
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
    """A rung that has not fired was late, or nobody was on it: the next one waits no longer."""
    if rung == 0:
        return workdays.after(due_on, BEFORE)
    if rung < LEADER or (rung == LEADER and OWNER not in fired):
        return workdays.after(due_on, AFTER)
    if rung == LEADER:
        return workdays.after(due_on, TO_LEADER)
    if rung == OFFICE:
        if LEADER in fired:
            return workdays.after(max(fired[LEADER], due_on), TO_OFFICE)
        if is_first:
            return workdays.after(due_on, AFTER)
        return _earliest(LEADER, due_on, fired, workdays, is_first=is_first)
    before = fired.get(rung - 1) or _earliest(rung - 1, due_on, fired, workdays, is_first=is_first)
    return workdays.after(before, AGAIN)
