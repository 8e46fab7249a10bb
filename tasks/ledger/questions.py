"""Open questions and the runs that ask them: overtaken when a fact arrives another way."""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.question import Ask, Run
from models.ledger.project import Project, Subject

LIFECYCLE = "project-lifecycle"  # about a project
RESOLUTION = "blocker-resolution"  # about a blocker's item
ESCALATION = "escalation"  # about an item that was raised
INVESTOR_VISIT = "investor-visit"  # about the item of a visit to an investor


def overtake(session: Session, flows: Sequence[str], subjects: Select[int]) -> None:
    """Mark the questions of those flows about these subjects as out of date; runs wake later."""
    about = subjects.subquery("about")
    _overtake(session, Ask.flow.in_(flows) & (Ask.subject_id == about.c[0]))


def overtake_projects(
    session: Session, projects: Sequence[int], of_items: Sequence[str] = (RESOLUTION, ESCALATION)
) -> None:
    """Mark as out of date what is asked about the projects, and by these flows about their items.

    The questions about their investors are out of date, too: their briefs name the projects.
    """
    these = Project.id == func.any(list(projects))
    overtake(session, (LIFECYCLE,), select(Project.id).where(these))
    overtake(session, of_items, select(ActionItem.id).join(Project, Project.id == ActionItem.project_id).where(these))
    of_investors = select(ActionItem.id).join(Project, Project.investor_id == ActionItem.investor_id).where(these)
    overtake(session, (INVESTOR_VISIT, ESCALATION), of_investors)


def overtake_investor(session: Session, investor_id: int) -> None:
    overtake(session, (INVESTOR_VISIT, ESCALATION), select(ActionItem.id).where(ActionItem.investor_id == investor_id))


def overtake_subject(session: Session, subject: Subject) -> None:
    if subject.project_id is not None:
        overtake_projects(session, [subject.project_id])
    if subject.investor_id is not None:
        overtake_investor(session, subject.investor_id)


def overtake_items(session: Session, items: Select[int]) -> None:
    """Mark every question whose form names one of these items as out of date."""
    _overtake(session, Ask.item_id.in_(items))


def _overtake(session: Session, which: ColumnElement[bool]) -> None:
    open_asks = update(Ask).where(which, Ask.is_standing, Ask.verdict.is_(None), Ask.overtaken_at.is_(None))
    unread = {"synchronize_session": False}  # no transaction reads again what it has overtaken
    session.execute(open_asks.values(overtaken_at=func.now()), execution_options=unread)


def overtake_one_off(session: Session, flow: str) -> None:
    """Mark what a one-off flow asks as out of date: its runs wake, and ask anew or end."""
    open_asks = update(Ask).where(Ask.flow == flow, Ask.verdict.is_(None), Ask.overtaken_at.is_(None))
    session.execute(open_asks.values(overtaken_at=func.now()), execution_options={"synchronize_session": False})


def renew_run(session: Session, flow: str, subject_id: int) -> None:
    """Let a subject's next run be a new one: the former has ended, and its key would return it."""
    served = update(Run).where(Run.flow == flow, Run.subject_id == subject_id)
    session.execute(served.values(run_no=Run.run_no + 1, flow_run_id=None))


def overtaken_runs(session: Session) -> list[uuid.UUID]:
    waiting = select(Ask.flow_run_id).where(Ask.verdict.is_(None), Ask.overtaken_at.is_not(None))
    return [run for run in session.scalars(waiting) if run]
