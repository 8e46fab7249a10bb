"""Reads and locks of the ledger. Whoever changes anything of a project locks the project's row first.

What is owed on an investor is changed under the lock of the investor's row. Whoever needs both locks projects first,
then investors, each in the order of their numbers: so nobody waits for somebody who waits for them.
"""

import os
import uuid
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, joinedload, selectinload

from models.campaigns.campaign import Campaign
from models.escalation.action_item import ActionItem
from models.escalation.calendar import Calendar, Workday, official_workdays
from models.escalation.escalation import Escalation
from models.escalation.policy import Policy
from models.escalation.question import Ask, Run
from models.i18n import gettext as _
from models.ledger.organisation import Person, Unit, UnitAlias
from models.ledger.project import Investor, Project
from models.ledger.subject import Subject
from models.refusal import Refused
from models.words import OPEN_STAGES, RAISED, ItemKind

LIFECYCLE, RESOLUTION, ESCALATION = "project-lifecycle", "blocker-resolution", "escalation"
INVESTOR_VISIT = "investor-visit"
"""The flows whose runs serve a subject: a project, a blocker's item, an item that was raised, an investor's visit."""
FIRST_CALENDAR_YEAR = 2010
YEARS_AHEAD = 12
"""A plan is accepted up to ten years ahead, and its deadline may be moved."""


def office_zone() -> ZoneInfo:
    """The office's time zone, `LUODI_TIMEZONE`."""
    return ZoneInfo(os.environ.get("LUODI_TIMEZONE") or "Asia/Shanghai")


def office_day(moment: datetime) -> date:
    """The office's calendar day at an aware moment."""
    return moment.astimezone(office_zone()).date()


def day_of(as_of: str) -> date:
    """The day `as_of` names (ISO text), or today in the office's time zone when it is empty.

    Raises:
        Refused: when it is no date.
    """
    if not as_of:
        return datetime.now(office_zone()).date()
    try:
        return date.fromisoformat(as_of)
    except ValueError as problem:
        raise Refused(_("as_of “%(value)s” is not a date: write it like 2026-06-09.") % {"value": as_of}) from problem


def lock_project(session: Session, project_id: int) -> Project:
    """The project with all that is told of it, its row locked until the transaction ends; read anew when locked first.

    Raises:
        Refused: when there is no such project.
    """
    if project_id in _locked(session, Project):
        return session.get_one(Project, project_id)
    found = _lock_projects(session, Project.id == project_id)
    if not found:
        raise Refused(_("There is no project number %(id)s in the ledger.") % {"id": project_id})
    return found[0]


def lock_projects_of(session: Session, investor_id: int) -> list[Project]:
    """The investor's open projects in the order of their numbers, each locked as by `lock_project`."""
    return _lock_projects(session, (Project.investor_id == investor_id) & Project.stage.in_(OPEN_STAGES))


def _lock_projects(session: Session, which: ColumnElement[bool]) -> list[Project]:
    found = session.scalars(
        select(Project)
        .where(which)
        .options(selectinload(Project.milestones))
        .options(*map(joinedload, (Project.unit, Project.investor, Project.officer, Project.leader)))
        .order_by(Project.id)
        .with_for_update(of=Project)
        .execution_options(populate_existing=True)
    ).all()
    if not session.in_nested_transaction():  # rolled back to its savepoint, that one gives the lock back
        _locked(session, Project).update({project.id: project for project in found})
    return list(found)


def _locked(session: Session, table: type[Project] | type[Investor]) -> dict[int, Project | Investor]:
    """The rows of the table that this transaction has locked; held here, they need not be read again."""
    locked: dict[int, Project | Investor] = session.info.setdefault(f"locked rows of {table.__tablename__}", {})
    return locked


def lock_investor(session: Session, investor_id: int) -> Investor:
    """The investor, its row locked until the transaction ends; read anew when locked first.

    Raises:
        Refused: when there is no such investor.
    """
    if investor_id in _locked(session, Investor):
        return session.get_one(Investor, investor_id)
    locked = select(Investor).where(Investor.id == investor_id).with_for_update(key_share=True)
    found = session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise Refused(_("There is no investor number %(id)s in the ledger.") % {"id": investor_id})
    if not session.in_nested_transaction():
        _locked(session, Investor)[investor_id] = found
    return found


def lock_subject(session: Session, subject: Subject) -> Project | Investor:
    """The project or the investor, its row locked until the transaction ends.

    Raises:
        Refused: when there is no such project or investor.
    """
    if subject.investor_id is not None:
        return lock_investor(session, subject.investor_id)
    return lock_project(session, subject.project_id or 0)


def subject_of(session: Session, item_id: int) -> Subject:
    """The project or the investor an item is owed on.

    Raises:
        Refused: when there is no such item.
    """
    owed_on = select(ActionItem.project_id, ActionItem.investor_id).where(ActionItem.id == item_id)
    found = session.execute(owed_on).one_or_none()
    if found is None or found == (None, None):
        raise Refused(_("There is no item number %(id)s in the ledger.") % {"id": item_id})
    return Subject(*found)


def project_by_code(session: Session, code: str) -> Project:
    """The project with that code.

    Raises:
        Refused: when there is none; the text says how codes look here.
    """
    found = session.scalars(select(Project).where(Project.code == code.strip())).one_or_none()
    if found is None:
        example = session.scalar(select(func.min(Project.code))) or ""
        raise Refused(
            _("There is no project with the code “%(code)s”. Codes look like “%(example)s”.")
            % {"code": code, "example": example}
        )
    return found


def open_items(session: Session, project_id: int) -> list[ActionItem]:
    """What is owed on the project, the earliest due first."""
    return list(
        session.scalars(
            select(ActionItem)
            .where(ActionItem.project_id == project_id, ActionItem.closed_on.is_(None))
            .order_by(ActionItem.due_on, ActionItem.id)
        )
    )


def open_visit(session: Session, project_id: int) -> ActionItem | None:
    """The visit that is owed on the project."""
    return next((item for item in open_items(session, project_id) if item.kind is ItemKind.VISIT), None)


def open_investor_visit(session: Session, investor_id: int) -> ActionItem | None:
    """The visit that is owed to the investor."""
    owed = select(ActionItem).where(ActionItem.investor_id == investor_id, ActionItem.closed_on.is_(None))
    return session.scalars(owed.where(ActionItem.kind == ItemKind.VISIT)).one_or_none()


def last_raised(session: Session, item_id: int) -> Escalation | None:
    """The last time the item was raised to a leader or to the inspection office."""
    raised = select(Escalation).where(Escalation.item_id == item_id, Escalation.step.in_(RAISED))
    return session.scalars(raised.order_by(Escalation.id.desc()).limit(1)).one_or_none()


def current_policy(session: Session, kind: ItemKind, campaign_id: int | None = None) -> Policy:
    """The newest version of the office's numbers for that kind; the campaign's own come before the general ones."""
    given_up = select(func.coalesce(func.max(Policy.version), 0)).where(Policy.kind == kind, Policy.follows_general)
    fitting = (
        select(Policy)
        .where(Policy.kind.is_(None) | ((Policy.kind == kind) & (Policy.version > given_up.scalar_subquery())))
        .where(Policy.campaign_id.is_(None) | (Policy.campaign_id == campaign_id))
        .order_by(Policy.campaign_id.is_not(None).desc(), Policy.kind.is_not(None).desc(), Policy.version.desc())
    )
    return session.scalars(fitting.limit(1)).one()


def campaigns(session: Session) -> list[Campaign]:
    """Every campaign, the standing one among them."""
    return list(session.scalars(select(Campaign)))


def calendar_around(session: Session, *dates: date) -> Calendar:
    """The office's working days from the year before the first of the dates to two years after the last.

    What fell due before there was a calendar still has a next working day: it reaches into the first year at least.
    """
    until = max(max(dates).year, FIRST_CALENDAR_YEAR)
    first, last = date(max(min(dates).year - 1, 1), 1, 1), date(min(until + 2, 9999), 12, 31)
    known: dict[tuple[date, date], Calendar] = session.info.setdefault("calendars", {})
    if (first, last) not in known:
        in_order = aggregate_order_by(Workday.day, Workday.day.asc())
        days = select(func.array_agg(in_order)).where(Workday.is_working, Workday.day.between(first, last))
        known[first, last] = Calendar(tuple(session.scalar(days) or ()))
    return known[first, last]


def refresh_calendar(session: Session, today: date) -> None:
    """Bring the working days up to the official lists; what the office set itself stays.

    Years whose list is not out yet hold statutory days only: plans reach further ahead than the lists.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext("luodi.calendar"))))
    settled = select(Workday.day, Workday.is_working).where(Workday.source != "official")
    own = {day: works for day, works in session.execute(settled)}  # noqa: C416 - rows are not typed as pairs
    ordinal, rows = 0, []
    for day, official in official_workdays(FIRST_CALENDAR_YEAR, today.year + YEARS_AHEAD):
        works = own.get(day, official)
        ordinal += works
        source = "office" if day in own else "official"
        rows.append({"day": day, "is_working": works, "ordinal": ordinal, "source": source})
    session.execute(delete(Workday))
    session.execute(insert(Workday), rows)
    session.info.pop("calendars", None)


def unit_named(session: Session, name: str) -> Unit:
    """The unit of that name or alias.

    Raises:
        Refused: when the ledger knows no such unit.
    """
    by_alias = select(UnitAlias.unit_id).where(UnitAlias.name == name)
    found = session.scalars(select(Unit).where((Unit.name == name) | Unit.id.in_(by_alias))).first()
    if found is None:
        raise Refused(_("The ledger knows no unit “%(name)s”.") % {"name": name})
    return found


def unit_names(session: Session) -> list[str]:
    """Every unit by name, in the order they were entered."""
    return list(session.scalars(select(Unit.name).order_by(Unit.id)))


def person_choice(person: Person | None) -> str:
    """How a person is offered in a form: unit and name; empty for nobody."""
    return f"{person.unit.name} · {person.name}" if person else ""


def people(session: Session) -> dict[str, Person]:
    """Everybody, by the choice that offers them in a form."""
    everybody = session.scalars(select(Person).options(selectinload(Person.unit)).order_by(Person.unit_id, Person.id))
    return {person_choice(person): person for person in everybody}


def overtake(session: Session, flow: str, subject_id: int) -> None:
    """Mark the question that waits on the subject as out of date; its run is nudged after the commit."""
    _overtake(session, (Ask.flow == flow) & (Ask.subject_id == subject_id))


def overtake_project(session: Session, project_id: int) -> None:
    """Mark the questions to the project's officer, and to those its items were raised to, as out of date."""
    _overtake(session, (Ask.flow == ESCALATION) & _on_items(ActionItem.project_id == project_id))
    _overtake_own(session, project_id)


def overtake_all(session: Session, project_id: int) -> None:
    """Mark every question that waits on the project or on anything owed on it as out of date."""
    _overtake(session, Ask.flow.in_((RESOLUTION, ESCALATION)) & _on_items(ActionItem.project_id == project_id))
    _overtake_own(session, project_id)


def overtake_investor(session: Session, investor_id: ColumnElement[int | None] | int) -> None:
    """Mark every question that waits on what is owed to the investor itself as out of date."""
    of_items = _on_items(ActionItem.investor_id == investor_id)
    _overtake(session, Ask.flow.in_((INVESTOR_VISIT, ESCALATION)) & of_items)


def overtake_subject(session: Session, subject: Subject) -> None:
    """Mark every question that waits on the project or the investor, or on anything owed on it, as out of date."""
    if subject.project_id is not None:
        overtake_all(session, subject.project_id)
    if subject.investor_id is not None:
        overtake_investor(session, subject.investor_id)


def _overtake_own(session: Session, project_id: int) -> None:
    """Mark the question to the project's officer as well, and those about its investor: their briefs tell of it."""
    overtake(session, LIFECYCLE, project_id)
    overtake_investor(session, select(Project.investor_id).where(Project.id == project_id).scalar_subquery())


def _on_items(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """That a question is about one of those items; as an array, so that it is looked up by index."""
    items = select(ActionItem.id).where(which)
    return Ask.subject_id == func.any(func.array(items.scalar_subquery()))


def _overtake(session: Session, which: ColumnElement[bool]) -> None:
    open_asks = update(Ask).where(which, Ask.is_standing, Ask.verdict.is_(None), Ask.overtaken_at.is_(None))
    session.execute(open_asks.values(overtaken_at=func.now()))


def renew_run(session: Session, flow: str, subject_id: int) -> None:
    """Let the next run of a subject be a new one: the former has ended, and its key would bring it back."""
    served = update(Run).where(Run.flow == flow, Run.subject_id == subject_id)
    session.execute(served.values(run_no=Run.run_no + 1, flow_run_id=None))


def overtaken_runs(session: Session) -> list[uuid.UUID]:
    """The runs that wait with a question that is out of date."""
    waiting = select(Ask.flow_run_id).where(Ask.verdict.is_(None), Ask.overtaken_at.is_not(None))
    return [run for run in session.scalars(waiting) if run]
