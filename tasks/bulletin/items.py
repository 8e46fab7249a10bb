"""Items open at the end of a day, and two lists of them: next week's work and the agenda."""

from collections.abc import Mapping, Sequence
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
    func,
    literal,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session, aliased

from models.base import Base
from models.bulletin.figures import AgendaItem, Beginning, Concern, Issue
from models.escalation.action_item import ActionItem, Blocker, Pause
from models.escalation.escalation import Escalation
from models.ledger.organisation import Person, Unit
from models.ledger.project import Investor, Milestone, Project
from models.words import AT_OFFICE, ItemKind, Step
from tasks.items.requests import is_unanswered
from tasks.ledger.as_of import as_known
from tasks.ledger.workdays import calendar_around

ITEM = (
    *("id", "kind", "project_id", "investor_id", "unit_id", "milestone_id", "verifies_id", "owner_id", "leader_id"),
    *("opened_on", "due_on", "promised_on", "closed_on", "round"),
)
BLOCKER = (
    *("item_id", "category", "description", "proposed_solution"),
    *("coordination_asked_on", "coordination_asked_at", "coordination_reason"),
)
# These lead among items at one step
WEIGHTY = (ItemKind.BLOCKER, ItemKind.COMPLAINT, ItemKind.VERIFY, ItemKind.MILESTONE, ItemKind.PROCEDURE)
LEADER_HEIGHT = Step.LEADER.position + 1
WORK_SHOWN, ISSUES_SHOWN = 30, 20  # longer lists are cut, with a note


def owed(day: date, known_at: datetime | None) -> CTE:
    """Every item open at the end of `day`, with its due day, or the promised one.

    `height` is the highest step of the ladder in its round (1 the lowest, 0 none), `is_raised`
    whether that is the leader's or a higher one, `office_on` the day the inspection office got it,
    in any round, `is_paused` whether it was on hold.
    """
    item = as_known(ActionItem, ITEM, known_at)
    heights = array([literal(step.value, Text) for step in Step])
    height = func.max(func.array_position(heights, cast(Escalation.step, Text)))
    raised = (
        select(Escalation.item_id, Escalation.round, height.label("height"))
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
    pause = as_known(Pause, ("id", "item_id", "from_on", "until_on"), known_at)
    is_held = and_(pause.c.from_on <= day, _lasts(pause.c.until_on, day))
    held = select(pause.c.item_id).where(is_held).distinct().subquery("held")
    kept = [item.c[name] for name in ITEM if name not in ("due_on", "promised_on", "closed_on", "round")]
    return (
        select(
            *kept,
            func.coalesce(item.c.promised_on, item.c.due_on).label("day"),
            func.coalesce(raised.c.height, 0).label("height"),
            (func.coalesce(raised.c.height, 0) >= LEADER_HEIGHT).label("is_raised"),
            office.c.office_on,
            held.c.item_id.is_not(None).label("is_paused"),
        )
        .outerjoin_from(item, raised, and_(raised.c.item_id == item.c.id, raised.c.round == item.c.round))
        .outerjoin(office, office.c.item_id == item.c.id)
        .outerjoin(held, held.c.item_id == item.c.id)
        .where(item.c.opened_on <= day, _lasts(item.c.closed_on, day))
        .cte("owed")
    )


def _lasts(end: ColumnElement[date], day: date) -> ColumnElement[bool]:
    return or_(end.is_(None), end > day)


def work(session: Session, items: CTE, first: date, last: date, known_at: datetime | None) -> Beginning[AgendaItem]:
    """What falls due from `first` through `last`: the highest steps first, then by weight and day.

    What is on hold is not due.
    """
    weight = case({kind: number for number, kind in enumerate(WEIGHTY)}, value=items.c.kind, else_=len(WEIGHTY))
    due = _runs(items, known_at, weight.label("weight")).where(items.c.day.between(first, last))
    in_order = ("height DESC", "weight", "day", "amount DESC NULLS LAST", "id")
    listed = _first(session, due, in_order, WORK_SHOWN, known_at)
    return Beginning(listed[0].total if listed else 0, tuple(map(_item, listed)))


def agenda(session: Session, ledger: CTE, items: CTE, day: date, known_at: datetime | None) -> Beginning[Issue]:
    """What the meeting takes up: coordination asked for, items at the office, items overdue.

    Coordination is asked for until the request is answered. On a project that has landed or exited
    by the bulletin's own count, only that is taken up. `ledger` is of `projects_as_of`.
    """
    blocker = _known(Blocker, BLOCKER, known_at, "problem")
    waits = is_unanswered(blocker.c.item_id, blocker.c.coordination_asked_at, day)
    asked_on = case((and_(blocker.c.coordination_asked_on <= day, waits), blocker.c.coordination_asked_on))
    has_ended = func.coalesce(ledger.c.landed_on, ledger.c.exited_on, ledger.c.ended_on).is_not(None)
    why = case(
        (asked_on.is_not(None), Concern.COORDINATION.value),
        (has_ended, None),
        (and_(items.c.kind == ItemKind.VERIFY, items.c.day < day), Concern.TO_VERIFY.value),
        (items.c.kind == ItemKind.VERIFY, None),
        (items.c.office_on.is_not(None), Concern.AT_OFFICE.value),
        (items.c.day < day, Concern.OVERDUE.value),
    )
    since = func.coalesce(asked_on, items.c.office_on, items.c.day)
    rank = case({concern.value: number for number, concern in enumerate(Concern)}, value=why)
    pending = (
        _runs(items, known_at, why.label("concern"), rank.label("rank"), since.label("since"))
        .outerjoin(blocker, blocker.c.item_id == items.c.id)
        .outerjoin(ledger, ledger.c.id == items.c.project_id)
        .where(why.is_not(None))
    )
    listed = _first(session, pending, ("rank", "since", "amount DESC NULLS LAST", "id"), ISSUES_SHOWN, known_at)
    notices = _notices(session, [row.id for row in listed], day)
    issues = (_issue(session, row, day, *notices[row.id]) for row in listed)
    return Beginning(listed[0].total if listed else 0, tuple(issues))


def _runs(items: CTE, known_at: datetime | None, *columns: ColumnElement[Any]) -> Select[Any]:
    project = _known(Project, ("id", "amount"), known_at, "sized")
    return (
        select(*items.c, *columns, project.c.amount)
        .outerjoin_from(items, project, project.c.id == items.c.project_id)
        .where(~items.c.is_paused)
    )


def _issue(session: Session, row: Row[Any], day: date, year: int | None, number: int | None) -> Issue:
    late = calendar_around(session, row.day, day).elapsed(row.day, day)
    why = Concern(row.concern)
    request = (row.request or "") if why is Concern.COORDINATION else ""
    return Issue(why, _item(row), row.solution or "", row.since, late, year, number, request)


def _notices(session: Session, items: Sequence[int], day: date) -> Mapping[int, tuple[int | None, int | None]]:
    """The year and number of each item's last supervision notice by the day."""
    numbered = select(Escalation.item_id, Escalation.raised_on, Escalation.document_no).where(
        Escalation.item_id == func.any(list(items)), Escalation.document_no.is_not(None), Escalation.raised_on <= day
    )
    rows = session.execute(numbered.order_by(Escalation.id))
    return dict.fromkeys(items, (None, None)) | {item: (raised_on.year, number) for item, raised_on, number in rows}


def _first(
    session: Session, items: Select[Any], in_order: Sequence[str], count: int, known_at: datetime | None
) -> Sequence[Row[Any]]:
    """The first `count` items in that order and the total; names are looked up for these only."""
    all_ = items.cte("listed")
    total = select(func.count()).select_from(all_).scalar_subquery().label("total")
    shown = select(all_, total).order_by(*map(text, in_order)).limit(count).subquery("shown")
    order = [text(f"shown.{column}") for column in in_order]
    return session.execute(_named(shown, known_at).order_by(*order)).all()


def _named(items: FromClause, known_at: datetime | None) -> Select[Any]:
    """Items with names; a verification has the problem of what it verifies."""
    about, verified = _known(Blocker, BLOCKER, known_at, "about"), aliased(ActionItem)
    project = _known(Project, ("id", "code", "name"), known_at, "project_then")
    investor = _known(Investor, ("id", "name"), known_at, "investor_then")
    unit = _known(Unit, ("id", "name"), known_at, "unit_then")
    owner, leader = (_known(Person, ("id", "name"), known_at, name) for name in ("owner", "leader"))
    return (
        select(
            items,
            about.c.category,
            about.c.description,
            about.c.proposed_solution.label("solution"),
            about.c.coordination_reason.label("request"),
            Milestone.kind.label("milestone"),
            project.c.code,
            func.coalesce(project.c.name, investor.c.name, "").label("project"),
            unit.c.name.label("unit"),
            owner.c.name.label("owner"),
            leader.c.name.label("leader"),
        )
        .join_from(items, unit, unit.c.id == items.c.unit_id)
        .outerjoin(project, project.c.id == items.c.project_id)
        .outerjoin(investor, investor.c.id == items.c.investor_id)
        .outerjoin(verified, verified.id == items.c.verifies_id)
        .outerjoin(about, about.c.item_id == func.coalesce(items.c.verifies_id, items.c.id))
        .outerjoin(Milestone, Milestone.id == func.coalesce(items.c.milestone_id, verified.milestone_id))
        .outerjoin(owner, owner.c.id == items.c.owner_id)
        .outerjoin(leader, leader.c.id == items.c.leader_id)
    )


def _known(table: type[Base], names: Sequence[str], known_at: datetime | None, name: str) -> FromClause:
    return as_known(table, names, known_at).alias(name)


def _item(row: Row[Any]) -> AgendaItem:
    return AgendaItem(
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
