"""The ladder: which step fires next for what somebody owes, and on which working day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import case, null

from models.escalation.action_item import ActionItem
from models.escalation.calendar import Calendar
from models.escalation.policy import Policy
from models.words import RAISED, Step


@dataclass(frozen=True)
class Firing:
    """A step of the ladder and the working day it fires."""

    step: Step
    day: date


class OnLadder(Protocol):
    """What the ladder's rule reads of an action item; a row of a bulk query has it, too."""

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


def due_step(item: OnLadder, policy: Policy, calendar: Calendar, as_of: date) -> Firing | None:
    """The highest step that is due: a sweep fires this one, also if it comes days late."""
    return max(
        (firing for firing in firings(item, policy, calendar) if firing.day <= as_of),
        key=lambda firing: firing.step.position,
        default=None,
    )


def firings(item: OnLadder, policy: Policy, calendar: Calendar) -> Iterator[Firing]:
    """Every step still to come in this round, in order, each on the day it fires if those before it fire in time.

    The reminders and the leader count from the due date, or from the promised date. The inspection office counts
    from the day the step before it really fired: a late sweep takes nobody's time to reply. For the same reason
    no step above `resumed_step` comes until that step has fired again.
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
        elif step is Step.OFFICE:  # if the unit asked for its leader early, the office still waits for the date
            fires = calendar.shift(max(before, day), policy.office_after)
        else:
            fires = calendar.shift(before, policy.office_repeat_every)
        if fired is None or not fired.reaches(step):
            yield Firing(step, fires)
            if step is item.resumed_step:
                return
        before = item.fired_on if step is fired and item.fired_on else fires


def new_round(*, entry: Step | None = None, promised_on: date | None = None) -> dict[str, object]:
    """Columns of an UPDATE that lets the ladder count anew from an item's date, or from the promised one.

    `entry` is the first step after the date. Once the leader has heard, every step may fire again, in a new round;
    before, the round stays, and reminders that were sent are not sent again.
    """
    heard = ActionItem.fired_step.in_(RAISED)
    return {
        "round": case((heard, ActionItem.round + 1), else_=ActionItem.round),
        "fired_step": case((heard, null()), else_=ActionItem.fired_step),
        "fired_on": case((heard, null()), else_=ActionItem.fired_on),
        "entry_step": entry,
        "promised_on": promised_on,
        "resumed_step": None,
    }


def resumed(promised_on: date | None) -> dict[str, object]:
    """Columns of an UPDATE that lets the ladder go on where a pause stopped it.

    Once the leader has heard it goes on in a new round, which tells everybody anew.
    """
    reached = case((ActionItem.fired_step.in_(RAISED), ActionItem.fired_step), else_=ActionItem.resumed_step)
    return new_round(promised_on=promised_on) | {"entry_step": ActionItem.entry_step, "resumed_step": reached}


def one_step_up(reached: Step | None) -> Step | None:
    """The entry step of an item opened again: one step above the highest it reached, at most the office."""
    if reached is None or reached is Step.REMINDER_BEFORE:
        return None  # the reminder, as ever
    return Step.LEADER if reached is Step.REMINDER_AFTER else Step.OFFICE
