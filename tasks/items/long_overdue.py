"""What is long overdue when a file brings it: nobody was told of it, so its ladder begins low."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, literal, select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.ladder import long_overdue_until
from models.ledger.project import Project
from models.words import ItemKind, Step
from tasks.items.campaign_numbers import DaysAhead, ProjectId, by_campaign, policies
from tasks.items.recipients import IN_CHARGE, staff_on
from tasks.ledger.workdays import calendar_around

REACH = timedelta(days=5 * 366)  # the ladder's largest numbers go back less than half of it


class Backlog(NamedTuple):
    """Which due dates are long overdue when a file is entered; their ladder begins that day."""

    begins_on: date
    until: Mapping[ItemKind, DaysAhead]

    def begins(self, kind: ItemKind, due_on: date, campaign_id: int | None) -> date | None:
        """The day the ladder begins; None for what is not long overdue."""
        return self.begins_on if due_on <= self.until[kind][campaign_id] else None

    def day(
        self, kind: ItemKind, due_on: SQLColumnExpression[date], project_id: ProjectId
    ) -> ColumnElement[date | None]:
        """As `begins`, for the items of a statement."""
        return case((due_on <= by_campaign(self.until[kind], project_id), literal(self.begins_on)))


def backlog_on(session: Session, as_of: date, *kinds: ItemKind) -> Backlog:
    """What is long overdue if it is entered that day."""
    numbers, calendar = policies(session), calendar_around(session, as_of - REACH, as_of)
    until = {
        kind: {
            campaign_id: long_overdue_until(numbers.of(campaign_id, kind), calendar, as_of)
            for campaign_id in numbers.campaigns
        }
        for kind in kinds
    }
    return Backlog(as_of, until)


class LongOverdue(NamedTuple):
    """The open items of a file that begin on its day, with nothing fired yet."""

    number: int
    nobody_hears: tuple[str, ...]  # projects that have such items without anybody below the office


def begun_on(session: Session, day: date, projects: Collection[int]) -> LongOverdue:
    """What begins on that day for those projects."""
    begun = (ActionItem.begins_on == day, ActionItem.closed_on.is_(None), ActionItem.fired_step.is_(None))
    theirs = (ActionItem.project_id == func.any(list(projects)), *begun)
    count = session.scalar(select(func.count()).select_from(ActionItem).where(*theirs)) or 0
    if not count:
        return LongOverdue(0, ())
    staff, nobody = staff_on(session, day), (ActionItem.owner_id.is_(None), ActionItem.leader_id.is_(None))
    rows = select(Project, ActionItem.kind, *IN_CHARGE).join(Project, Project.id == ActionItem.project_id)
    unled = [
        row.Project.title
        for row in session.execute(rows.where(*theirs, *nobody).order_by(Project.id))
        if staff.manned(row).isdisjoint((Step.REMINDER_AFTER, Step.LEADER))
    ]
    return LongOverdue(count, tuple(dict.fromkeys(unled)))
