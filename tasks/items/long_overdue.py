"""What is long overdue when a file brings it: nobody was told of it, so its ladder begins low."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, literal, select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem
from models.escalation.ladder import long_overdue_until
from models.words import ItemKind
from tasks.items.campaign_numbers import DaysAhead, ProjectId, by_campaign, policies
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


def begun_on(session: Session, day: date, projects: Collection[int]) -> int:
    """How many open items of those projects begin on that day, with nothing fired yet."""
    begun = (ActionItem.begins_on == day, ActionItem.closed_on.is_(None), ActionItem.fired_step.is_(None))
    theirs = ActionItem.project_id == func.any(list(projects))
    return session.scalar(select(func.count()).select_from(ActionItem).where(theirs, *begun)) or 0
