"""Open questions of subjects and the runs that ask them: overtaken when a fact arrives another way."""

import uuid

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.question import Ask, Run
from models.ledger.project import Project
from models.ledger.subject import Subject

LIFECYCLE, RESOLUTION, ESCALATION = "project-lifecycle", "blocker-resolution", "escalation"
INVESTOR_VISIT = "investor-visit"
"""The flows whose runs serve a subject: a project, a blocker's item, an item that was raised, an investor's visit."""


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
