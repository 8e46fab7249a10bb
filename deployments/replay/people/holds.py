"""Projects that are put on hold for a good reason, and taken off hold again."""

from deployments.replay.city.world import Today, acting
from deployments.replay.output.journal import Deed
from models.words import Clock
from tasks.items.assignments import turn_clock
from tasks.ledger.locks import lock_project

A_DAY = 0.12  # how likely one more project is put on hold on a working day, by 100 open projects
REASON, LEADER = "投资方境外审批期间，同意暂缓", "市政府分管领导"


def act(today: Today) -> None:
    """Take off hold what has waited long enough; put another one on hold, now and then."""
    world, dice = today.world, today.dice("holds")
    for project_id, until in sorted(world.held.items()):
        if until <= today.day:
            _turn(today, project_id, Clock.RESUME)
            del world.held[project_id]
    waiting = sorted(world.courses.keys() - world.held.keys())
    if waiting and dice.random() < A_DAY * len(waiting) / 100:
        project_id = dice.choice(waiting)
        _turn(today, project_id, Clock.HOLD)
        world.held[project_id] = today.after(dice.randint(6, 14))


def _turn(today: Today, project_id: int, clock: Clock) -> None:
    with acting(LEADER, "change-assignment") as session:
        turn_clock(session, lock_project(session, project_id), clock, REASON, LEADER, today.day)
    today.note(Deed.HELD if clock is Clock.HOLD else Deed.RESUMED, LEADER, project_id)
