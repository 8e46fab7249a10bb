"""What happens to the projects of a random city: visits, problems, what is raised, put on hold,
promised, resolved.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Blocker, Pause, Visit
from models.escalation.escalation import Escalation
from models.escalation.policy import Policy
from models.ledger.organisation import Person, Unit
from models.ledger.project import CapitalEvent, Milestone, Progress, Project
from models.words import (
    AT_OFFICE,
    RAISED,
    BlockerCategory,
    CapitalKind,
    Currency,
    Exit,
    ItemKind,
    ItemResult,
    Role,
    Stage,
    Step,
    UnitKind,
    VisitOutcome,
)
from support.ledgers.city import AMOUNTS, City
from tasks.database import transaction
from tasks.items.next_steps import set_next_steps

FIRST, DAYS = date(2013, 4, 1), 120
"""Everything happens in these days."""
ASKED_AT = time(2, tzinfo=UTC)
"""Units ask for coordination at ten in the morning."""
NOT_ASKED = {"coordination_asked_on": None, "coordination_asked_at": None}
MADE = {ItemKind.VISIT: 2, ItemKind.BLOCKER: 3, ItemKind.REPORT: 1, ItemKind.MILESTONE: 1}
"""How many items of a kind a project has at most."""


def random_happenings(city: City) -> None:
    """Enter what happened between April and the end of July 2013, and close some projects as
    landed.
    """
    pick = city.random
    with transaction("测试") as session:
        bureau = Unit(name="市商务局本级", kind=UnitKind.COMMERCE_BUREAU)
        office = Unit(name="市政府督查室", kind=UnitKind.INSPECTION_OFFICE)
        session.add_all([bureau, office])
        session.add_all(Person(name=f"专员{no}", role=Role.OFFICER, unit=bureau) for no in range(3))
        session.flush()
        officers = session.scalars(select(Person.id).where(Person.role == Role.OFFICER)).all()
        policy = session.scalars(select(func.max(Policy.id))).one()
        for project in session.scalars(select(Project).order_by(Project.id)):
            for item in _items(pick, session, project, officers):
                session.add(item)
                session.flush()
                session.add_all(_told(pick, item, policy))
            session.add_all(_entries(pick, project))
            if project.stage is Stage.SIGNED and pick.random() < 0.1:
                project.stage, project.ended_on = Stage.LANDED, _day(pick)
        session.flush()
        set_next_steps(session)


def _day(pick: Random, first: date = FIRST, days: int = DAYS) -> date:
    return first + timedelta(pick.randrange(days))


def _items(pick: Random, session: Session, project: Project, officers: Sequence[int]) -> Iterable[ActionItem]:
    planned = session.scalars(select(Milestone).where(Milestone.project_id == project.id)).first()
    for kind, most in MADE.items():
        for number in range(pick.randrange(most + 1)):
            opened_on = _day(pick)
            is_open = pick.random() < 0.6 and not (number and kind in (ItemKind.VISIT, ItemKind.MILESTONE))
            closed_on = None if is_open else opened_on + timedelta(pick.randrange(40))
            if kind is ItemKind.MILESTONE and planned is None:
                continue
            item = ActionItem(
                kind=kind,
                project_id=project.id,
                unit_id=project.unit_id,
                milestone_id=planned.id if planned and kind is ItemKind.MILESTONE else None,
                owner_id=pick.choice([None, *officers]),
                leader_id=project.leader_id,
                opened_on=opened_on,
                due_on=opened_on + timedelta(pick.randrange(60)),
                promised_on=pick.choice([None, None, None, _day(pick)]),
                closed_on=closed_on,
                result=None if is_open else pick.choice([ItemResult.DONE, ItemResult.RESOLVED]),
                round=pick.choice([1, 1, 1, 2]),
            )
            if kind is ItemKind.BLOCKER:
                asked_on = pick.choice([None, None, _day(pick)])
                item.blocker = Blocker(
                    category=pick.choice(list(BlockerCategory)),
                    recipient_unit_id=project.unit_id,
                    description=f"问题{project.id}-{number}",
                    proposed_solution=pick.choice(["", "协调解决"]),
                    coordination_asked_on=asked_on,
                    coordination_asked_at=asked_on and datetime.combine(asked_on, ASKED_AT),
                )
            elif kind is ItemKind.VISIT and closed_on:
                item.visit = Visit(
                    visited_on=closed_on, outcome=VisitOutcome.CONTINUE, progress="在建", filled_in_by="专员"
                )
            yield item


def _told(pick: Random, item: ActionItem, policy: int) -> Iterator[Escalation | Pause]:
    """The steps that fired, and a time on hold; what stands on hold now is paused."""
    steps = list(Step)
    for round_no in range(1, item.round + 1):
        reached, day = pick.randrange(len(steps) + 1), item.due_on
        for step in steps[:reached]:
            day += timedelta(pick.randrange(1, 6))
            number = day.toordinal() if step in AT_OFFICE else None
            yield Escalation(
                item_id=item.id,
                round=round_no,
                step=step,
                policy_id=policy,
                raised_on=day,
                due_on=item.due_on,
                document_no=number,
                replied_at=_replied_at(pick, day) if step in RAISED and pick.random() < 0.3 else None,
            )
            if round_no == item.round:
                item.fired_step, item.fired_on = step, day
    if pick.random() < 0.15:
        from_on, is_over = _day(pick), item.closed_on is not None or pick.random() < 0.5
        yield Pause(
            item_id=item.id,
            from_on=from_on,
            until_on=from_on + timedelta(pick.randrange(30)) if is_over else None,
            reason="停水停电",
            granted_by="领导",
        )
        item.is_paused = not is_over


def _replied_at(pick: Random, raised_on: date) -> datetime:
    """In the days after it was raised, before or after the time at which units ask."""
    after = timedelta(pick.randrange(20), 3600 * pick.choice([-2, 2]))
    return datetime.combine(raised_on, ASKED_AT) + after


def _entries(pick: Random, project: Project) -> Iterator[Progress | CapitalEvent]:
    for _number in range(pick.randrange(3)):
        yield Progress(project_id=project.id, happened_on=_day(pick), text="进展")
        yield CapitalEvent(
            project_id=project.id,
            kind=pick.choice(list(CapitalKind)),
            happened_on=_day(pick),
            amount=pick.choice(AMOUNTS),
            currency=pick.choice(list(Currency)),
        )


def change_everything(city: City) -> None:
    """Enter, days later, other units, amounts, dates and names: what stood before is only in
    history.
    """
    pick = city.random
    units = list(city.units.values())
    with transaction("测试") as session:
        session.execute(update(Project).where(Project.id % 3 == 0).values(amount=Project.amount + 7))
        session.execute(update(Project).where(Project.id % 4 == 0).values(unit_id=pick.choice(units), leader_id=None))
        session.execute(update(Milestone).where(Milestone.id % 5 == 0).values(done_on=None))
        session.execute(update(Milestone).where(Milestone.id % 7 == 0).values(evidence=" "))
        out = {"stage": Stage.EXITED, "exit": Exit.TERMINATED, "exit_reason": "撤资", "ended_on": FIRST}
        session.execute(update(Project).where(Project.id % 11 == 0).values(out))
        session.execute(update(Person).values(name=Person.name + "（离任）"))
        session.execute(update(Pause).where(Pause.until_on.is_not(None)).values(until_on=Pause.from_on))
        session.execute(update(Unit).where(Unit.id % 2 == 0).values(name=Unit.name + "（新）"))
        session.execute(update(ActionItem).where(ActionItem.id % 3 == 0).values(due_on=ActionItem.due_on + 9))
        session.execute(update(ActionItem).where(ActionItem.id % 5 == 0).values(round=ActionItem.round + 1))
        session.execute(update(Blocker).where(Blocker.item_id % 2 == 0).values(description="改", **NOT_ASKED))
        session.execute(update(CapitalEvent).where(CapitalEvent.id % 2 == 0).values(amount=CapitalEvent.amount * 2))
        closed = update(ActionItem).where(ActionItem.closed_on.is_(None), ActionItem.id % 7 == 0)
        nothing = {"next_step": None, "next_fires_on": None, "is_paused": False}
        session.execute(closed.values(closed_on=FIRST, result=ItemResult.RESOLVED, **nothing))
        session.execute(insert(Unit).values(name="新设园区"))
        set_next_steps(session)
