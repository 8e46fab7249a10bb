"""The ladder's rule and its second writing say the same of every state an item may be in."""

from datetime import date, timedelta

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as some

from deployments.replay.checks.ladder_anew import Clock, Firing, Raised, must_fire
from deployments.replay.checks.raw import Raw, Workdays
from models.escalation.action_item import ActionItem
from models.escalation.calendar import official_calendar
from models.escalation.ladder import due_step
from models.escalation.policy import Policy
from models.escalation.recipients import Staff, StaffOnDay
from models.words import AT_OFFICE, RAISED, ItemKind, Role, Step, UnitKind

CALENDAR = official_calendar(2012, 2015)
FIRST_NUMBERS = Policy(reminder_before=3, reminder_after=1, leader_after=2, office_after=3, office_repeat_every=5)
DAY = date(2013, 7, 1)
COUNTY, BUREAU, OFFICE = 1, 2, 3
KINDS = {COUNTY: UnitKind.COUNTY, BUREAU: UnitKind.COMMERCE_BUREAU, OFFICE: UnitKind.INSPECTION_OFFICE}
PEOPLE = [
    Staff(1, Role.LEADER, COUNTY, KINDS[COUNTY]),
    Staff(2, Role.LEADER, BUREAU, KINDS[BUREAU]),
    Staff(3, Role.LEADER, OFFICE, KINDS[OFFICE]),
    Staff(4, Role.INSPECTOR, OFFICE, KINDS[OFFICE]),
]
LONG_AGO, SOON = -60, 25
days = some.integers(LONG_AGO, SOON).map(lambda passed: DAY + timedelta(passed))


class Walked(Workdays):
    def __init__(self) -> None:
        self._working = set(CALENDAR.days)
        self.after = self._after


@some.composite
def states(draw: some.DrawFn) -> ActionItem:
    """An item as answers, pauses, files, the form and former sweeps may leave it."""
    fired = draw(some.none() | some.sampled_from(Step))
    begins_on = draw(some.none() | days)
    entry = draw(some.sampled_from([None, Step.LEADER, Step.OFFICE]))
    resumed = None if begins_on else draw(some.none() | some.sampled_from(RAISED))
    promised_on = None if begins_on else draw(some.none() | days)
    return ActionItem(
        id=1,
        round=1,
        kind=draw(some.sampled_from([ItemKind.VISIT, ItemKind.VERIFY])),
        due_on=DAY - timedelta(400) if begins_on else draw(days),
        promised_on=promised_on,
        entry_step=entry,
        resumed_step=resumed,
        begins_on=begins_on,
        fired_step=fired,
        fired_on=fired and draw(days.filter(lambda day: day < DAY)),
        unheard_since=draw(some.none() | days.filter(lambda day: day < DAY)),
        unit_id=COUNTY,
        owner_id=draw(some.sampled_from([None, 8])),
        leader_id=draw(some.sampled_from([None, 9])),
    )


def raw_of(item: ActionItem, people: list[Staff]) -> Raw:
    """The tables the second writing reads."""
    row = {name: getattr(item, name) for name in Clock._fields} | {"closed_on": None, "is_paused": False}
    fired = [(1, 1, item.fired_step, item.fired_on, item.due_on)] if item.fired_step else []
    staff = [(person.role.value, person.unit_id, person.unit_kind.value) for person in people]
    return {
        "item": pd.DataFrame([row], dtype=object),
        "escalation": pd.DataFrame(fired, columns=list(Raised._fields), dtype=object),
        "person": pd.DataFrame(staff, columns=["role", "unit_id", "kind"], dtype=object),
    }


@settings(max_examples=400, deadline=None)
@given(states(), some.lists(some.sampled_from(PEOPLE), unique=True))
def test_both_fire_the_same(item: ActionItem, people: list[Staff]) -> None:
    waits = item.unheard_since is not None and not (
        item.fired_on and item.fired_step in RAISED and item.fired_on >= item.unheard_since
    )
    manned = StaffOnDay(people, DAY).manned(item)
    firing = due_step(item, FIRST_NUMBERS, CALENDAR, DAY, manned, was_unheard=waits)
    anew = must_fire(raw_of(item, people), Walked(), DAY)
    assert anew == ({Firing(1, 1, firing.step.value)} if firing else set())
    if firing and item.begins_on and item.fired_step is None and item.entry_step is not Step.OFFICE:
        assert firing.step not in AT_OFFICE or item.begins_on < DAY
