"""The ladder: which step fires next for what somebody owes, and on which working day."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Row, case, null

from models.escalation.action_item import ActionItem
from models.escalation.calendar import Calendar
from models.escalation.policy import Policy
from models.words import RAISED, ItemKind, Step


@dataclass(frozen=True)
class Firing:
    step: Step
    day: date  # a working day


class Ticks(NamedTuple):
    """Everything the ladder's rule reads: items with the same ticks have the same next step."""

    kind: ItemKind
    due_on: date
    promised_on: date | None
    entry_step: Step | None
    fired_step: Step | None
    fired_on: date | None
    resumed_step: Step | None
    campaign_id: int | None = None  # whose numbers apply

    @classmethod
    def of(cls, item: ActionItem | Row[Any], campaign_id: int | None) -> "Ticks":
        """The ticks of an item, or of a row with its columns."""
        return cls(
            item.kind,
            item.due_on,
            item.promised_on,
            item.entry_step,
            item.fired_step,
            item.fired_on,
            item.resumed_step,
            campaign_id,
        )


def due_step(
    item: ActionItem | Ticks,
    policy: Policy,
    calendar: Calendar,
    as_of: date,
    manned: Collection[Step] = tuple(Step),
    *,
    was_unheard: bool = False,
) -> Firing | None:
    """The highest step that is due: a sweep fires this one, also if it comes days late.

    `was_unheard`: the item has waited for somebody to be named. What it waited with begins at the
    leader then, so that nobody who is found loses days.
    """
    due = [firing for firing in firings(item, policy, calendar, manned) if firing.day <= as_of]
    if was_unheard and (raised := [firing for firing in due if firing.step in RAISED]):
        return min(raised, key=lambda firing: firing.step.position)
    return max(due, key=lambda firing: firing.step.position, default=None)


def firings(
    item: ActionItem | Ticks, policy: Policy, calendar: Calendar, manned: Collection[Step] = tuple(Step)
) -> Iterator[Firing]:
    """Every step still to come in this round, each on the day it fires if those before it do.

    The reminders and the leader count from the due date, or from the promised date. The inspection
    office counts from the day the step before it really fired: a late sweep takes nobody's time to
    reply. For the same reason nothing above `resumed_step` comes until that step has fired again.

    `manned`: the steps that somebody hears. An empty one is not waited out: on its day, the next
    one fires that somebody hears. Only the reminder before the date is left out: nothing is late.
    """
    day = item.promised_on or item.due_on
    entry = item.entry_step or Step.REMINDER_AFTER
    fired = item.fired_step
    before = day
    skipped_on: date | None = None
    is_resumed = False
    for step in Step:
        if step is Step.REMINDER_BEFORE:
            fires = calendar.shift(day, -policy.reminder_before)
        elif not step.reaches(entry):
            continue
        elif step is entry:
            fires = calendar.shift(day, policy.reminder_after)
        elif step is Step.LEADER:
            fires = calendar.shift(day, policy.leader_after)
        elif step is Step.OFFICE:
            # The office waits for the date, even if the unit asked for its leader early
            fires = calendar.shift(max(before, day), policy.office_after)
        else:
            fires = calendar.shift(before, policy.office_repeat_every)
        if fired is None or not fired.reaches(step):
            fires = skipped_on or fires
            is_resumed = is_resumed or step is item.resumed_step
            if step not in manned:
                skipped_on = None if step is Step.REMINDER_BEFORE else fires
                continue
            skipped_on = None
            yield Firing(step, fires)
            if is_resumed:
                return
        before = item.fired_on if step is fired and item.fired_on else fires


def new_round(*, entry: Step | None = None, promised_on: date | None = None) -> dict[str, object]:
    """Columns of an UPDATE that lets the ladder count anew; `entry`: the first step after the date.

    Once the leader has heard, every step may fire again, in a new round; before, the round stays,
    and reminders that were sent are not sent again.
    """
    heard = ActionItem.fired_step.in_(RAISED)
    return {
        "round": case((heard, ActionItem.round + 1), else_=ActionItem.round),
        "fired_step": case((heard, null()), else_=ActionItem.fired_step),
        "fired_on": case((heard, null()), else_=ActionItem.fired_on),
        "entry_step": entry,
        "promised_on": promised_on,
        "resumed_step": None,
        "unheard_since": None,
    }


def resumed(promised_on: date | None) -> dict[str, object]:
    """Columns of an UPDATE that lets the ladder go on where a pause stopped it."""
    reached = case((ActionItem.fired_step.in_(RAISED), ActionItem.fired_step), else_=ActionItem.resumed_step)
    stays = {"entry_step": ActionItem.entry_step, "unheard_since": ActionItem.unheard_since}
    return new_round(promised_on=promised_on) | stays | {"resumed_step": reached}


def one_step_up(reached: Step | None) -> Step | None:
    """The entry step of an item opened again: one above the highest it reached, at most office."""
    if reached is None or reached is Step.REMINDER_BEFORE:
        return None  # the reminder, as ever
    return Step.LEADER if reached is Step.REMINDER_AFTER else Step.OFFICE
