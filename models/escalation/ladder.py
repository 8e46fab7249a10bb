"""The ladder: which step fires next for what somebody owes, and on which working day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from models.escalation.action_item import ActionItem
from models.escalation.calendar import Calendar
from models.escalation.policy import Policy
from models.words import RAISED, Step


@dataclass(frozen=True)
class Firing:
    """A step of the ladder and the working day it fires."""

    step: Step
    day: date


class Ticking(Protocol):
    """What the ladder must know of an action item; a row read in bulk will do."""

    @property
    def due_on(self) -> date: ...
    @property
    def promised_on(self) -> date | None: ...
    @property
    def entry_step(self) -> Step | None: ...
    @property
    def fired_step(self) -> Step | None: ...
    @property
    def fired_on(self) -> date | None: ...
    @property
    def resumed_step(self) -> Step | None: ...


def next_firing(item: ActionItem, policy: Policy, calendar: Calendar) -> Firing | None:
    """The step that comes next and the working day it fires; None when nothing can stall any more."""
    if item.closed_on is not None or item.is_paused:
        return None
    return next(firings(item, policy, calendar), None)


def due_step(item: Ticking, policy: Policy, calendar: Calendar, as_of: date) -> Firing | None:
    """The highest step that is due: what a sweep fires, however many days it comes late."""
    return max(
        (firing for firing in firings(item, policy, calendar) if firing.day <= as_of),
        key=lambda firing: firing.step.position,
        default=None,
    )


def firings(item: Ticking, policy: Policy, calendar: Calendar) -> Iterator[Firing]:
    """Every step still to come in this round, in order, each on the day it fires if those before it fire in time.

    The reminders and the leader count from the date that is due, or promised; the inspection office counts from the
    day the step before it really fired, so that nobody's time to reply is cut by a late sweep. For the same reason
    nothing lies above the step a stopped clock had come to, until that step has fired again.
    """
    day = item.promised_on or item.due_on
    entry = item.entry_step or Step.REMINDER_AFTER
    fired = item.fired_step
    before = day
    for step in Step:
        if step is Step.REMINDER_BEFORE:
            fires = calendar.shift(day, -policy.reminder_before)
        elif not step.reaches(entry):
            continue
        elif step is entry:
            fires = calendar.shift(day, policy.reminder_after)
        elif step is Step.LEADER:
            fires = calendar.shift(day, policy.leader_after)
        elif step is Step.OFFICE:  # where the leader was asked for early, the office still waits for the date
            fires = calendar.shift(max(before, day), policy.office_after)
        else:
            fires = calendar.shift(before, policy.office_repeat_every)
        if fired is None or not fired.reaches(step):
            yield Firing(step, fires)
            if step is item.resumed_step:
                return
        before = item.fired_on if step is fired and item.fired_on else fires


def restart(item: ActionItem, *, entry: Step | None = None, promised_on: date | None = None) -> None:
    """Let the ladder count anew from the item's date, or from a promised one, with `entry` as its first step after it.

    Once the leader has heard, that is a new round, in which every step may fire again; before, the reminders that have
    gone out are not sent a second time.
    """
    if item.fired_step in RAISED:
        item.round += 1
        item.fired_step = item.fired_on = None
    item.entry_step, item.promised_on, item.resumed_step = entry, promised_on, None


def resume(item: ActionItem, promised_on: date | None) -> None:
    """Let the ladder go on where it stood; once the leader has heard, in a new round, which tells everybody anew."""
    reached = item.fired_step if item.fired_step in RAISED else item.resumed_step
    restart(item, entry=item.entry_step, promised_on=promised_on)
    item.resumed_step = reached


def one_step_up(reached: Step | None) -> Step | None:
    """Where an item that is opened again begins: one step above the highest it reached, at most at the office."""
    if reached is None or reached is Step.REMINDER_BEFORE:
        return None  # the reminder, as ever
    return Step.LEADER if reached is Step.REMINDER_AFTER else Step.OFFICE
