"""The leaders: they acknowledge, promise, grant time, put others in charge, or say nothing."""

from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from deployments.replay.city.world import Deed, Today, acting
from deployments.replay.people.cast import AWAY_FROM, AWAY_UNTIL, Diligence
from deployments.replay.people.matters import Matter, acting_on, matters
from deployments.sample.words import BUREAUS
from models.escalation.action_item import ActionItem
from models.ledger.organisation import Person
from models.ledger.project import Project
from models.words import OPEN_STAGES, Clock, ItemKind
from tasks.escalation.answers import Charge, acknowledge, grant_extension, hand_over, promise
from tasks.items.assignments import Assignment, delegate, reassign, turn_clock
from tasks.ledger.locks import lock_project
from tasks.ledger.lookups import unit_named
from tasks.ledger.questions import ESCALATION

# How likely somebody answers on a working day what was raised to them
ANSWERS = {Diligence.PROMPT: 0.6, Diligence.AVERAGE: 0.3, Diligence.SLOW: 0.08, Diligence.SILENT: 0.0}
ONLY_ACKNOWLEDGES, PROMISES, PASSES_ON = 0.5, 0.6, 0.3
HOLDS_A_DAY = 0.12  # how likely one more project is put on hold on a working day, by 100 open projects
REASON_TO_HOLD, WHO_HOLDS = "投资方境外审批期间，同意暂缓", "市政府分管领导"


def hold_projects(today: Today) -> None:
    """Take off hold what has waited long enough; put another one on hold, now and then."""
    world, dice = today.world, today.dice("holds")
    for project_id, until in sorted(world.held.items()):
        if until <= today.day:
            _turn(today, project_id, Clock.RESUME, Deed.RESUMED)
            del world.held[project_id]
    waiting = sorted(world.courses.keys() - world.held.keys())
    if waiting and dice.random() < HOLDS_A_DAY * len(waiting) / 100:
        project_id = dice.choice(waiting)
        _turn(today, project_id, Clock.HOLD, Deed.HELD)
        world.held[project_id] = today.after(dice.randint(6, 14))


def _turn(today: Today, project_id: int, clock: Clock, deed: Deed) -> None:
    with acting(WHO_HOLDS, "change-assignment") as session:
        turn_clock(session, lock_project(session, project_id), clock, REASON_TO_HOLD, WHO_HOLDS, today.day)
    today.note(deed, project_id)


def act(today: Today) -> None:
    if today.day == AWAY_FROM:
        _leave(today)
    dice = today.dice("leaders")
    for matter in matters():
        is_raised = matter.is_with_leader and matter.kind is not ItemKind.VERIFY
        if is_raised and dice.random() < ANSWERS[today.world.diligence(matter.raised_to)]:
            _answer(today, dice, matter)


def _leave(today: Today) -> None:
    """One leader names a delegate before going away for some weeks."""
    cast = today.world.cast
    with acting(cast.away, "change-assignment") as session:
        led = select(Project.id).join(Person, Person.id == Project.leader_id).where(Person.name == cast.away)
        open_ones = led.where(Project.stage.in_(OPEN_STAGES)).order_by(Project.id).limit(1)
        if (project_id := session.scalar(open_ones)) is not None:
            deputy = _person(session, cast.delegate)
            delegate(lock_project(session, project_id), deputy, first_on=AWAY_FROM, last_on=AWAY_UNTIL)


def _answer(today: Today, dice: Random, matter: Matter) -> None:
    by = today.world.names[matter.raised_to or 0]
    chosen = dice.random()
    with acting_on(matter, by, ESCALATION) as (session, item):
        if matter.acknowledged_at is None and chosen < ONLY_ACKNOWLEDGES:
            acknowledge(session, item, today.answer(by))
            today.note(Deed.ACKNOWLEDGED, item.id)
        elif today.world.diligence(matter.owner_id) is Diligence.SILENT:
            _pass_on(session, today, dice, item, by)
        elif item.blocker and dice.random() < PASSES_ON and _give_to_bureau(session, today, dice, item, by):
            today.note(Deed.HANDED_OVER, item.id)
        elif item.promised_on is None and dice.random() < PROMISES:
            promise(session, item, today.answer(by, "已召集协调，按期办结"), today.after(dice.randint(2, 8)))
            today.note(Deed.PROMISED, item.id)
        else:
            day = today.world.calendar.add(max(today.day, item.due_on), dice.randint(4, 10))
            grant_extension(session, item, today.answer(by, "情况属实，同意延期"), day)
            today.note(Deed.GRANTED, item.id)


def _pass_on(session: Session, today: Today, dice: Random, item: ActionItem, by: str) -> None:
    """Give what a silent officer owes to another one: once the item, the next time the project."""
    cast, project = today.world.cast, item.project
    unit = project.unit if project else item.unit
    others = [officer for officer in cast.officers(unit.name) if officer.diligence is not Diligence.SILENT]
    successor = _person(session, dice.choice(others).name)
    if project is None or project.id not in today.world.passed_on:
        hand_over(session, item, today.answer(by, "由其他专员接手"), Charge(successor, item.leader, item.unit))
        today.note(Deed.HANDED_OVER, item.id)
        today.world.passed_on |= {project.id} if project else set()
    else:
        reassign(session, project, Assignment(successor, project.leader, project.squad), today.day)
        today.note(Deed.REASSIGNED, project.id)


def _give_to_bureau(session: Session, today: Today, dice: Random, item: ActionItem, by: str) -> bool:
    """Put a bureau in charge of a problem, unless it lies with one already."""
    if item.unit.name in BUREAUS:
        return False
    bureau = unit_named(session, dice.choice(BUREAUS[1:]))
    hand_over(session, item, today.answer(by, "由市直部门牵头办理"), Charge(item.owner, item.leader, bureau))
    return True


def _person(session: Session, name: str) -> Person:
    return session.scalars(select(Person).where(Person.name == name)).one()
