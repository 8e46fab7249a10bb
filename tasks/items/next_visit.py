"""Plans the next visit to a project."""

from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from models.escalation.action_item import ActionItem, Pause
from models.ledger.project import Project
from models.words import ItemKind
from tasks.items.campaign_numbers import current_policy
from tasks.items.moving import bring_forward
from tasks.items.opening import open_item
from tasks.ledger.workdays import calendar_around


def plan_visit(session: Session, project: Project, due_on: date, as_of: date, hold: Pause | None = None) -> ActionItem:
    """Open the visit the project owes next, due on `due_on` or the working day after it."""
    working_day = calendar_around(session, due_on).add(due_on, 0)
    return open_item(session, ItemKind.VISIT, project, working_day, as_of, hold)


def pull_visit_forward(session: Session, project: Project, as_of: date) -> None:
    """Let the next visit come soon once the project's last blocker is closed."""
    within = current_policy(session, ItemKind.VISIT, project.id).visit_after_resolution
    blocker = aliased(ActionItem)
    is_blocked = exists().where(
        blocker.project_id == project.id, blocker.kind == ItemKind.BLOCKER, blocker.closed_on.is_(None)
    )
    visits = select(ActionItem.id).where(
        ActionItem.project_id == project.id,
        ActionItem.kind == ItemKind.VISIT,
        ActionItem.closed_on.is_(None),
        ~is_blocked,
    )
    bring_forward(session, visits, calendar_around(session, as_of).add(as_of, within), as_of)
