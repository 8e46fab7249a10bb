"""The ladder: which step fires next for what somebody owes, and on which working day."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, case, literal, null

from models.escalation.action_item import ActionItem
from models.escalation.calendar import Calendar
from models.escalation.policy import Policy
from models.words import AT_OFFICE, RAISED, ItemKind, Step


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
    begins_on: date | None
    campaign_id: int | None = None  # whose numbers apply

    @classmethod
    def new(
        cls, kind: ItemKind, due_on: date, *, begins_on: date | None = None, campaign_id: int | None = None
    ) -> "Ticks":
        """The ticks of an item that has just been opened."""
        return cls(kind, due_on, None, None, None, None, None, begins_on, campaign_id)

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
            item.begins_on,
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
    reply. For the same reason nothing above `resumed_step`, or above the entry step if that is
    higher, comes until that step has fired again.

    What was long overdue when a file brought it begins with its entry step on `begins_on`, however
    late the sweep comes, and the leader counts from the day it really fired.

    `manned`: the steps that somebody hears. An empty one is not waited out: on its day, the next
    one fires that somebody hears. Only the reminder before the date is left out: nothing is late.
    Of what was long overdue, empty steps below the office are waited out: the office does not hear
    on the first day of what came in without owner and leader.
    """
    begins_on = item.begins_on
    day = item.promised_on or begins_on or item.due_on
    entry = item.entry_step or Step.REMINDER_AFTER
    fired = item.fired_step
    before = day
    skipped_on: date | None = None
    is_last = False  # nothing above it comes before it has fired
    resumed_at = None
    if item.resumed_step and not (fired and fired.reaches(item.resumed_step)):
        resumed_at = entry if entry.reaches(item.resumed_step) else item.resumed_step
    for step in Step:
        if not step.reaches(entry) and (begins_on or step is not Step.REMINDER_BEFORE):
            continue
        if step is Step.REMINDER_BEFORE:
            fires = calendar.shift(day, -policy.reminder_before)
        elif step is entry:
            fires = calendar.shift(day, 0 if begins_on else policy.reminder_after)
        elif step is Step.LEADER:
            fires = calendar.shift(max(before, day) if begins_on else day, policy.leader_after)
        elif step is Step.OFFICE:
            # The office waits for the date, even if the unit asked for its leader early
            fires = calendar.shift(max(before, day), policy.office_after)
        else:
            fires = calendar.shift(before, policy.office_repeat_every)
        if fired is None or not fired.reaches(step):
            fires = skipped_on or fires
            skipped_on = None
            is_last = is_last or step is resumed_at or (begins_on is not None and step is entry)
            if step in manned:
                yield Firing(step, fires)
                if is_last:
                    return
            elif step in AT_OFFICE or not (begins_on or step is Step.REMINDER_BEFORE):
                skipped_on = fires
                continue
        before = item.fired_on if step is fired and item.fired_on else fires


def long_overdue_until(policy: Policy, calendar: Calendar, as_of: date) -> date:
    """The latest due date of which the inspection office would hear at once.

    It would if the item were entered on `as_of`, and the first sweep came on the working day after.
    """
    first_sweep, due_on = calendar.add(as_of, 1), as_of
    while not _is_at_office_on(first_sweep, due_on, policy, calendar):
        due_on -= timedelta(1)
    return due_on


def _is_at_office_on(day: date, due_on: date, policy: Policy, calendar: Calendar) -> bool:
    owed = Ticks.new(ItemKind.VISIT, due_on)
    step = due_step(owed, policy, calendar, day)
    return step is not None and step.step in AT_OFFICE


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
        "begins_on": None,
        "unheard_since": None,
    }


def resumed(promised_on: date | None, begins_on: date | None = None) -> dict[str, object]:
    """Columns of an UPDATE that lets the ladder go on where a pause stopped it."""
    reached = case((ActionItem.fired_step.in_(RAISED), ActionItem.fired_step), else_=ActionItem.resumed_step)
    still = literal(begins_on, ActionItem.begins_on.type)
    stays = {
        "entry_step": ActionItem.entry_step,
        "begins_on": case((ActionItem.fired_step.in_(RAISED), null()), else_=still),
        "unheard_since": ActionItem.unheard_since,
    }
    return new_round(promised_on=promised_on) | stays | {"resumed_step": reached}


def one_step_up(reached: Step | None) -> Step | None:
    """The entry step of an item opened again: one above the highest it reached, at most office."""
    if reached is None or reached is Step.REMINDER_BEFORE:
        return None  # the reminder, as ever
    return Step.LEADER if reached is Step.REMINDER_AFTER else Step.OFFICE
