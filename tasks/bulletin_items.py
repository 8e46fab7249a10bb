"""What was owed at the end of a day, and what of it people must hear of: next week's work, the meeting's agenda."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Row,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session, aliased

from models.action_item import ActionItem, Blocker, Pause
from models.base import Base
from models.calendar import Calendar
from models.escalation import Escalation
from models.organisation import Person, Unit
from models.project import Investor, Milestone, Project
from models.week_figures import Agenda, Concern, Issue, Matter, WorkList
from models.words import AT_OFFICE, ItemKind, Step
from tasks.standing import as_known

ITEM = (
    *("id", "kind", "project_id", "investor_id", "unit_id", "milestone_id", "verifies_id", "owner_id", "leader_id"),
    *("opened_on", "due_on", "promised_on", "closed_on", "round"),
)
BLOCKER = ("item_id", "category", "description", "proposed_solution", "coordination_asked_on")
WEIGHTY = (ItemKind.BLOCKER, ItemKind.COMPLAINT, ItemKind.VERIFY, ItemKind.MILESTONE, ItemKind.PROCEDURE)
"""The kinds that matter most, in order, where the ladder has not come to either of two; the others follow."""
WORK_SHOWN, ISSUES_SHOWN = 30, 20
"""A bulletin is read by people: longer lists are cut, and say how much there is."""


def owed(day: date, known_at: datetime | None) -> CTE:
    """Every item open at the end of `day`, with its day, the promised one where there is one.

    `rung` is how high the ladder had come in its round (1 the lowest, 0 nowhere), `office_on` since when the inspection
    office has it, in whichever round, `is_paused` whether its clock stood still.
    """
    item = as_known(ActionItem, ITEM, known_at)
    heights = array([literal(step.value, Text) for step in Step])
    rung = func.max(func.array_position(heights, cast(Escalation.step, Text)))
    raised = (
        select(Escalation.item_id, Escalation.round, rung.label("rung"))
        .where(Escalation.raised_on <= day)
        .group_by(Escalation.item_id, Escalation.round)
        .subquery("raised")
    )
    office = (
        select(Escalation.item_id, func.min(Escalation.raised_on).label("office_on"))
        .where(Escalation.raised_on <= day, Escalation.step.in_(AT_OFFICE))
        .group_by(Escalation.item_id)
        .subquery("office")
    )
    stands = exists().where(Pause.item_id == item.c.id, Pause.from_on <= day, _lasts(Pause.until_on, day))
    kept = [item.c[name] for name in ITEM if name not in ("due_on", "promised_on", "closed_on", "round")]
    return (
        select(
            *kept,
            func.coalesce(item.c.promised_on, item.c.due_on).label("day"),
            func.coalesce(raised.c.rung, 0).label("rung"),
            office.c.office_on,
            stands.label("is_paused"),
        )
        .outerjoin_from(item, raised, and_(raised.c.item_id == item.c.id, raised.c.round == item.c.round))
        .outerjoin(office, office.c.item_id == item.c.id)
        .where(item.c.opened_on <= day, _lasts(item.c.closed_on, day))
        .cte("owed")
    )


def _lasts(end: Any, day: date) -> ColumnElement[bool]:
    return or_(end.is_(None), end > day)


def work(session: Session, items: CTE, first: date, last: date, known_at: datetime | None) -> WorkList:
    """What falls due from `first` through `last`: what the ladder has come highest with first, then by weight and day.

    What is on hold is not due.
    """
    weight = case({kind.value: number for number, kind in enumerate(WEIGHTY)}, value=cast(items.c.kind, Text), else_=9)
    project = _known(Project, ("id", "amount"), known_at, "project_then")
    due = (
        select(items)
        .outerjoin(project, project.c.id == items.c.project_id)
        .where(~items.c.is_paused, items.c.day.between(first, last))
    )
    in_order = (-items.c.rung, weight, items.c.day, -project.c.amount, items.c.id)
    listed = _first(session, due, in_order, WORK_SHOWN, known_at)
    return WorkList(listed[0].total if listed else 0, tuple(_matter(row) for row in listed))


def agenda(
    session: Session, items: CTE, day: date, known_at: datetime | None, calendar: Callable[[date], Calendar]
) -> Agenda:
    """What the meeting takes up: coordination asked for, then what is at the office, then the longest overdue."""
    blocker = _known(Blocker, BLOCKER, known_at, "problem")
    asked_on = case((blocker.c.coordination_asked_on <= day, blocker.c.coordination_asked_on))
    why = case(
        (asked_on.is_not(None), Concern.COORDINATION.value),
        (items.c.office_on.is_not(None), Concern.AT_OFFICE.value),
        (items.c.day < day, Concern.OVERDUE.value),
    )
    place = case({each.value: number for number, each in enumerate(Concern)}, value=why)
    since = case((asked_on.is_not(None), asked_on), else_=func.coalesce(items.c.office_on, items.c.day))
    project = _known(Project, ("id", "amount"), known_at, "project_then")
    found = (
        select(items, why.label("concern"), since.label("since"), blocker.c.proposed_solution.label("solution"))
        .outerjoin(project, project.c.id == items.c.project_id)
        .outerjoin(blocker, blocker.c.item_id == items.c.id)
        .where(~items.c.is_paused, why.is_not(None))
    )
    listed = _first(session, found, (place, since, -project.c.amount, items.c.id), ISSUES_SHOWN, known_at)
    notices = _notices(session, [row.id for row in listed], day)
    issues = (_issue(row, day, calendar, notices) for row in listed)
    return Agenda(listed[0].total if listed else 0, tuple(issues))


def _issue(
    row: Row[Any], day: date, calendar: Callable[[date], Calendar], notices: dict[int, tuple[int, int]]
) -> Issue:
    year, number = notices.get(row.id, (None, None))
    late = calendar(row.day).elapsed(row.day, day)
    return Issue(Concern(row.concern), _matter(row), row.solution or "", row.since, late, year, number)


def _notices(session: Session, items: Sequence[int], day: date) -> dict[int, tuple[int, int]]:
    """The year and number of the last supervision notice of each item that has one by the day."""
    numbered = select(Escalation.item_id, Escalation.raised_on, Escalation.document_no).where(
        Escalation.item_id == func.any(list(items)), Escalation.document_no.is_not(None), Escalation.raised_on <= day
    )
    rows = session.execute(numbered.order_by(Escalation.id)).tuples()
    return {item: (raised_on.year, number or 0) for item, raised_on, number in rows}


def _first(
    session: Session, found: Select[Any], in_order: Sequence[ColumnElement[Any]], count: int, known_at: datetime | None
) -> Sequence[Row[Any]]:
    """The first of the items, what is empty last, with everything by name; `total` says how many there are in all.

    Only those are joined with all that names them: there may be a hundred thousand others.
    """
    places = [each.label(f"place_{number}") for number, each in enumerate(in_order)]
    first = found.add_columns(*places, func.count().over().label("total")).order_by(*places).limit(count).cte("first")
    return session.execute(_named(first, known_at).order_by(*(first.c[each.name] for each in places))).all()


def _named(items: CTE, known_at: datetime | None) -> Select[Any]:
    """The items with everything by name; problems also by what verifies them."""
    about, verified = _known(Blocker, BLOCKER, known_at, "about"), aliased(ActionItem)
    project = _known(Project, ("id", "code", "name"), known_at, "named_project")
    unit = _known(Unit, ("id", "name"), known_at, "unit_then")
    owner, leader = (_known(Person, ("id", "name"), known_at, name) for name in ("owner", "leader"))
    milestone_id = func.coalesce(items.c.milestone_id, verified.milestone_id)
    return (
        select(
            items,
            about.c.category,
            about.c.description,
            Milestone.kind.label("milestone"),
            project.c.code,
            func.coalesce(project.c.name, Investor.name, "").label("project"),
            unit.c.name.label("unit"),
            owner.c.name.label("owner"),
            leader.c.name.label("leader"),
        )
        .join_from(items, unit, unit.c.id == items.c.unit_id)
        .outerjoin(project, project.c.id == items.c.project_id)
        .outerjoin(Investor, Investor.id == items.c.investor_id)
        .outerjoin(verified, verified.id == items.c.verifies_id)
        .outerjoin(about, about.c.item_id == func.coalesce(items.c.verifies_id, items.c.id))
        .outerjoin(Milestone, Milestone.id == milestone_id)
        .outerjoin(owner, owner.c.id == items.c.owner_id)
        .outerjoin(leader, leader.c.id == items.c.leader_id)
    )


def _known(table: type[Base], names: Sequence[str], known_at: datetime | None, name: str) -> FromClause:
    """A table as it was known, under a name of its own."""
    return as_known(table, names, known_at).alias(name)


def _matter(row: Row[Any]) -> Matter:
    return Matter(
        kind=row.kind,
        category=row.category,
        milestone=row.milestone,
        text=row.description or "",
        code=row.code or "",
        project=row.project,
        unit=row.unit,
        owner=row.owner or "",
        leader=row.leader or "",
        due_on=row.day,
    )
