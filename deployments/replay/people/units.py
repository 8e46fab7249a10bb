"""The units with which problems lie: they solve them, ask for more time, or for help from above."""

from random import Random

from deployments.replay.city.world import Deed, Today
from deployments.replay.people.cast import Diligence
from deployments.replay.people.matters import Matter, acting_on, matters
from models.words import RAISED, ItemKind
from tasks.items.blockers import ask_coordination, extend, resolve_blocker
from tasks.ledger.questions import RESOLUTION

# How likely a problem is solved on a working day
SOLVES = {Diligence.PROMPT: 0.14, Diligence.AVERAGE: 0.06, Diligence.SLOW: 0.02}
PRESSED = (1, 2, 3)  # times more likely by the pressure from above
# How likely an extension is asked for in the last two working days there are for it
ASKS_FOR_TIME = {Diligence.PROMPT: 0.05, Diligence.AVERAGE: 0.2, Diligence.SLOW: 0.35}
ASKS_FOR_HELP = 0.08  # how likely a unit says on a working day after the date that it cannot do it alone


def act(today: Today) -> None:
    dice = today.dice("units")
    for matter in matters(ItemKind.BLOCKER):
        pace, late = today.world.cast.solving[matter.unit], today.late(matter.day)
        if dice.random() < SOLVES[pace] * PRESSED[matter.pressure]:
            _resolve(today, matter)
        elif late in (-2, -1) and _may_extend(matter) and dice.random() < ASKS_FOR_TIME[pace]:
            _extend(today, dice, matter)
        elif late > 0 and not matter.coordination_asked_on and dice.random() < ASKS_FOR_HELP:
            _ask_for_help(today, matter)


def _resolve(today: Today, matter: Matter) -> None:
    with acting_on(matter, matter.unit, RESOLUTION) as (session, item):
        resolve_blocker(session, item, f"{matter.unit}已协调解决", matter.unit, today.day)
    today.world.solve(matter.project_id, matter.item_id)
    today.note(Deed.RESOLVED, matter.item_id)


def _extend(today: Today, dice: Random, matter: Matter) -> None:
    leader = today.world.cast.leader(matter.unit) or matter.unit
    due_on = today.world.calendar.add(matter.due_on, dice.randint(5, 12))
    with acting_on(matter, matter.unit, RESOLUTION) as (session, item):
        extend(session, item, due_on, "正在按程序办理，尚需时间", leader, today.day)
    today.note(Deed.EXTENDED, matter.item_id)


def _ask_for_help(today: Today, matter: Matter) -> None:
    with acting_on(matter, matter.unit, RESOLUTION) as (session, item):
        ask_coordination(session, item, "涉及多个部门，请分包领导召集协调", matter.unit, today.day)
    today.note(Deed.COORDINATION, matter.item_id)
    if not (matter.fired_step in RAISED or matter.promised_on or matter.was_at_office):
        today.note(Deed.HEARD, matter.item_id)


def _may_extend(matter: Matter) -> bool:
    """Whether the unit may still move the date: not after a promise or at the inspection office."""
    return matter.promised_on is None and not matter.was_at_office
