"""A blocker that climbs the ladder, and what is answered to it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Visit
from models.escalation.calendar import official_calendar
from models.escalation.escalation import Escalation
from models.escalation.notice import Notice
from models.ledger.facts import Facts, FoundBlocker
from models.ledger.organisation import Person, Unit
from models.ledger.project import Milestone, Project
from models.words import (
    BlockerCategory,
    Clock,
    ItemKind,
    ItemResult,
    MilestoneKind,
    Occasion,
    Role,
    Step,
    UnitKind,
    VisitOutcome,
)
from tasks.database import transaction
from tasks.escalation.answers import Answer, promise
from tasks.escalation.sweep import sweep
from tasks.items.assignments import turn_clock
from tasks.items.blockers import resolve_blocker
from tasks.items.facts import record_facts
from tasks.items.next_steps import set_next_steps
from tasks.items.open_items import open_verification, open_visit
from tasks.items.visits import record_visit
from tasks.ledger.locks import lock_project

CALENDAR = official_calendar(2012, 2015)
OPENED = date(2013, 6, 3)
DUE = date(2013, 6, 17)  # a Monday
LEADER_HEARD, OFFICE_HEARD = date(2013, 6, 19), date(2013, 6, 24)
ANSWERED, NEW = date(2013, 6, 20), date(2013, 7, 1)  # a Thursday; a Monday
OFFICER, LEADER, DEPUTY = 1, 2, 3
LAND = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", DUE)


@contextmanager
def locked(project: int = 1) -> Iterator[tuple[Session, Project]]:
    with transaction("测试") as session:
        yield session, lock_project(session, project)


@contextmanager
def answering(item_id: int) -> Iterator[tuple[Session, ActionItem]]:
    with locked() as (session, _found):
        yield session, session.get_one(ActionItem, item_id)


def said(text: str = "本周内协调到位", as_of: date = ANSWERED, by: str = "分管副市长") -> Answer:
    return Answer(by, text, datetime.combine(as_of, time(2), UTC), as_of)


def named(session: Session, name: str) -> Person:
    return session.scalars(select(Person).where(Person.name == name)).one()


def name_inspector(name: str = "督查室科长") -> int:
    """Somebody new at the inspection office."""
    with transaction("测试") as session:
        office = session.scalars(select(Unit).where(Unit.kind == UnitKind.INSPECTION_OFFICE)).one_or_none()
        office = office or Unit(name="市政府督查室", kind=UnitKind.INSPECTION_OFFICE)
        inspector = Person(name=name, role=Role.INSPECTOR, unit=office)
        session.add(inspector)
        session.flush()
        return inspector.id


def sweep_daily(last: date, first: date = OPENED) -> None:
    for day in CALENDAR.days:
        if first <= day <= last:
            sweep(day)


def state(item_id: int) -> ActionItem:
    with transaction() as session:
        return session.get_one(ActionItem, item_id)


def raised(item_id: int) -> list[Escalation]:
    with transaction() as session:
        mine = select(Escalation).where(Escalation.item_id == item_id)
        return list(session.scalars(mine.order_by(Escalation.id)))


def climbed(item_id: int) -> list[tuple[int, Step, date]]:
    return [(each.round, each.step, each.raised_on) for each in raised(item_id)]


def told(occasion: Occasion) -> dict[str, str]:
    with transaction() as session:
        said_to = select(Person.name, Notice.text).join(Person, Person.id == Notice.recipient_id)
        return dict(session.execute(said_to.where(Notice.occasion == occasion)).all())


def resolve(item_id: int, as_of: date) -> None:
    with answering(item_id) as (session, item):
        resolve_blocker(session, item, "指标已下达", "国土局科长", as_of)


def report(*, as_of: date, **what: Any) -> None:
    with locked() as (session, found):
        outcome = what.pop("outcome", VisitOutcome.CONTINUE)
        record_facts(session, found, Facts(as_of, "专员", outcome, **what), as_of)


def visit(as_of: date, next_on: date, **what: Any) -> int:
    """Makes the visit that is owed; returns its number."""
    with locked() as (session, found):
        owed = open_visit(session, found.id)
        assert owed is not None
        told = Facts(as_of, "专员", what.pop("outcome", VisitOutcome.CONTINUE), **what)
        register = Visit(item_id=owed.id, visited_on=as_of, outcome=told.outcome, progress="进展", filled_in_by="专员")
        record_visit(session, owed, register, told, next_on, as_of)
        return owed.id


def hold(clock: Clock, as_of: date) -> None:
    with locked() as (session, found):
        turn_clock(session, found, clock, "环评公示", "分管副市长", as_of)


def verification_of(item_id: int) -> ActionItem | None:
    with transaction() as session:
        return open_verification(session, item_id)


def verifications(item_id: int) -> list[ItemResult | None]:
    with transaction() as session:
        of_it = select(ActionItem.result).where(ActionItem.verifies_id == item_id)
        return list(session.scalars(of_it.order_by(ActionItem.id)))


def promised(item: int, day: date = NEW) -> None:
    with answering(item) as (session, owed):
        promise(session, owed, said(), day)


def plan(project: int) -> ActionItem:
    """The company's registration, planned for the same day as everything else."""
    with locked(project) as (session, found):
        planned = Milestone(project_id=found.id, kind=MilestoneKind.REGISTERED, planned_on=DUE)
        session.add(planned)
        session.flush()
        owed = ActionItem(kind=ItemKind.MILESTONE, milestone_id=planned.id, project_id=found.id, unit_id=found.unit_id)
        owed.owner_id, owed.opened_on, owed.due_on = OFFICER, OPENED, DUE
        session.add(owed)
        session.flush()
        set_next_steps(session, items=[owed.id])
    return owed
