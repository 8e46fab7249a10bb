"""Plans the next visit to a project."""

from datetime import date

from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.ledger.project import Project
from models.words import ItemKind
from tasks.items.holds import count_hold_from
from tasks.items.next_steps import set_next_step
from tasks.items.open_items import current_policy, open_items, open_visit
from tasks.ledger.workdays import calendar_around


def plan_visit(session: Session, project: Project, due_on: date, as_of: date) -> ActionItem:
    """Open the visit the project owes next, due on `due_on` or the working day after it."""
    item = ActionItem(
        kind=ItemKind.VISIT,
        project=project,
        unit_id=project.unit_id,
        owner_id=project.officer_id,
        leader_id=project.leader_id,
        opened_on=as_of,
        due_on=calendar_around(session, due_on).add(due_on, 0),
    )
    set_next_step(session, item)
    session.add(item)
    return item


def pull_visit_forward(session: Session, project: Project, as_of: date) -> None:
    """Let the next visit come soon once the project's last blocker is closed."""
    visit = open_visit(session, project.id)
    blockers = [each for each in open_items(session, project.id) if each.kind is ItemKind.BLOCKER]
    if visit and not blockers:
        within = current_policy(session, ItemKind.VISIT).visit_after_resolution
        soon = calendar_around(session, as_of).add(as_of, within)
        if soon < visit.due_on:
            visit.due_on = soon
            count_hold_from(session, visit, as_of)
            set_next_step(session, visit)
