"""Locks of the ledger; `Refused` says that there is no such row.

A transaction locks a project's row before it changes the project or its items, an investor's row
before it changes the investor's items. If it needs both, it locks projects first, then investors,
each by ascending id: no two transactions then wait for each other.
"""

from typing import Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from models.escalation.action_item import ActionItem
from models.i18n import gettext as _
from models.ledger.project import Investor, Project, Subject
from models.refusal import Refused
from models.words import OPEN_STAGES

Work = Literal[
    "automations", "bulletin", "calendar", "campaigns", "events", "ledger-import", "policy", "revisit-campaign", "sweep"
]


def one_at_a_time(session: Session, work: Work) -> None:
    """Let no other transaction do this work until this one ends; waits for those that do."""
    session.execute(select(func.pg_advisory_xact_lock(_key(work))))


def keep_off(session: Session, work: Work) -> None:
    """Let no transaction begin this work until this one ends; waits for those that do it."""
    session.execute(select(func.pg_advisory_xact_lock_shared(_key(work))))


def _key(work: Work) -> ColumnElement[int]:
    return func.hashtext(f"luodi.{work}")


def lock_project(session: Session, project_id: int) -> Project:
    """The project with its unit, people and milestones, its row locked for this transaction.

    `Refused` when there is no such project.
    """
    if project_id in _locked(session, Project):
        return session.get_one(Project, project_id)
    projects = _lock_projects(session, Project.id == project_id)
    if not projects:
        raise Refused(_("There is no project number %(id)s in the ledger.") % {"id": project_id})
    return projects[0]


def lock_projects_of(session: Session, investor_id: int) -> list[Project]:
    """The investor's open projects by their numbers, each locked as by `lock_project`."""
    return _lock_projects(session, (Project.investor_id == investor_id) & Project.stage.in_(OPEN_STAGES))


def _lock_projects(session: Session, which: ColumnElement[bool]) -> list[Project]:
    projects = session.scalars(
        select(Project)
        .where(which)
        .options(selectinload(Project.milestones))
        .options(*map(joinedload, (Project.unit, Project.investor, Project.officer, Project.leader)))
        .order_by(Project.id)
        .with_for_update(of=Project)
        .execution_options(populate_existing=True)
    ).all()
    if not session.in_nested_transaction():  # rolled back to its savepoint, that one gives the lock back
        _locked(session, Project).update({project.id: project for project in projects})
    return list(projects)


def _locked(session: Session, table: type[Project] | type[Investor]) -> dict[int, Project | Investor]:
    """The rows of the table that this transaction has locked and read."""
    locked: dict[int, Project | Investor] = session.info.setdefault(f"locked rows of {table.__tablename__}", {})
    return locked


def lock_investor(session: Session, investor_id: int) -> Investor:
    """The investor, its row locked for this transaction.

    `Refused` when there is no such investor.
    """
    if investor_id in _locked(session, Investor):
        return session.get_one(Investor, investor_id)
    locked = select(Investor).where(Investor.id == investor_id).with_for_update(key_share=True)
    investor = session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    if investor is None:
        raise Refused(_("There is no investor number %(id)s in the ledger.") % {"id": investor_id})
    if not session.in_nested_transaction():
        _locked(session, Investor)[investor_id] = investor
    return investor


def lock_subject(session: Session, subject: Subject) -> Project | Investor:
    """Lock the project or the investor; `Refused` when there is no such."""
    if subject.investor_id is not None:
        return lock_investor(session, subject.investor_id)
    return lock_project(session, subject.project_id or 0)


def subject_of(session: Session, item_id: int) -> Subject:
    """The project or the investor an item is owed on; `Refused` when there is no such item."""
    owed_on = select(ActionItem.project_id, ActionItem.investor_id).where(ActionItem.id == item_id)
    keys = session.execute(owed_on).one_or_none()
    if keys is None or keys == (None, None):
        raise Refused(_("There is no item number %(id)s in the ledger.") % {"id": item_id})
    return Subject(*keys)
