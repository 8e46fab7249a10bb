"""Which campaign's numbers apply to the items of a project.

A project follows the newest running campaign whose cohort it is in, as for what counts as landed.
Where that campaign has numbers of its own, they apply to the project's items instead of the general
ones. It runs while the last day that was swept lies in it: its numbers come into force with the
first sweep from its first day on, and go with the first sweep after its last.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Date, SQLColumnExpression, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from models.campaigns.campaign import Campaign
from models.escalation.action_item import ActionItem
from models.escalation.policy import Policies, Policy
from models.ledger.history import SweepLog
from models.ledger.project import Project
from models.words import ItemKind
from tasks.ledger.workdays import calendar_around

V = TypeVar("V", date, int)
ProjectId = SQLColumnExpression[int | None] | SQLColumnExpression[int]
DaysAhead = Mapping[int | None, date]  # by campaign; None: where no campaign's numbers apply
LAST_SWEPT = select(SweepLog.as_of).order_by(SweepLog.id.desc()).limit(1).scalar_subquery()
HAS_OWN_NUMBERS = exists().where(Policy.campaign_id == Campaign.id)
ANY_HAS_NUMBERS = exists().where(Policy.campaign_id.is_not(None)).correlate(None)  # or had


def followed_campaign(
    project_id: ProjectId, day: ColumnElement[date] = LAST_SWEPT, has_numbers: ColumnElement[bool] = HAS_OWN_NUMBERS
) -> ColumnElement[int | None]:
    """The campaign the project follows that day, if it has, or had, its own numbers; else NULL."""
    project = aliased(Project)
    signed_on = project.signed_on
    newest = (
        select(case((has_numbers, Campaign.id)))
        .select_from(Campaign)
        .join(project, project.id == project_id)
        .where(_runs_on(day))
        .where(func.coalesce(Campaign.signed_from, signed_on) <= signed_on)
        .where(func.coalesce(Campaign.signed_until, signed_on) >= signed_on)
        .order_by(Campaign.starts_on.desc(), Campaign.id.desc())
        .limit(literal(1))
        .scalar_subquery()
    )
    return case((ANY_HAS_NUMBERS, newest)) if has_numbers is HAS_OWN_NUMBERS else newest


def _runs_on(day: ColumnElement[date]) -> ColumnElement[bool]:
    return and_(Campaign.starts_on <= day, or_(Campaign.ends_on.is_(None), Campaign.ends_on >= day))


def policies(session: Session, known_at: datetime | None = None) -> Policies:
    """The policies in force for each scope; `known_at` (aware): those of then, if any."""
    versions = session.scalars(select(Policy)).all()
    then = [version for version in versions if version.recorded_at <= known_at] if known_at else []
    return Policies(then or versions)


def current_policy(session: Session, kind: ItemKind, project_id: int | None = None) -> Policy:
    """The policy in force for that kind of item on a project, or where no campaign's applies."""
    campaign_id = session.scalar(select(followed_campaign(literal(project_id)))) if project_id else None
    return policies(session).of(campaign_id, kind)


def campaigns_of(session: Session, numbers: Policies, items: Sequence[int]) -> dict[int, int | None]:
    """The campaign whose numbers apply to each of the items; empty if no campaign has numbers."""
    if not numbers.has_campaigns:
        return {}
    campaign = followed_campaign(ActionItem.project_id)
    rows = session.execute(select(ActionItem.id, campaign).where(ActionItem.id == func.any(items)))
    return {item_id: campaign_id for item_id, campaign_id in rows}  # noqa: C416 - rows are not typed as pairs


class Counted(NamedTuple):
    """Due dates that lie a number of the policy, in working days, after one day."""

    since: date
    counts: Mapping[int | None, int]  # by campaign, as `DaysAhead`
    days: DaysAhead

    def columns(self, project_id: ProjectId) -> dict[str, SQLColumnExpression[Any]]:
        """The columns of items that are due then, by the campaign of their project."""
        return {
            "due_on": by_campaign(self.days, project_id),
            "counted_from": literal(self.since),
            "counted_days": by_campaign(self.counts, project_id),
        }


def days_ahead(session: Session, kind: ItemKind, number: str, as_of: date) -> Counted:
    """The day that lies a number of the policy, in working days, after `as_of`."""
    numbers, calendar = policies(session), calendar_around(session, as_of)
    counts: dict[int | None, int] = {
        campaign_id: getattr(numbers.of(campaign_id, kind), number) for campaign_id in numbers.campaigns
    }
    days = {campaign_id: calendar.add(as_of, count) for campaign_id, count in counts.items()}
    return Counted(as_of, counts, days)


def by_campaign(values: Mapping[int | None, V], project_id: ProjectId) -> ColumnElement[V]:
    """The one of these values for the campaign of a project."""
    general = literal(values[None])
    own = {campaign_id: literal(value) for campaign_id, value in values.items() if campaign_id is not None}
    return case(own, value=followed_campaign(project_id), else_=general) if own else general


def running_campaigns(session: Session, day: date | None) -> set[int]:
    return set(session.scalars(select(Campaign.id).where(_runs_on(literal(day, Date)))))


def has_campaign_numbers(session: Session) -> bool:
    """Whether any campaign has, or had, numbers of its own."""
    return bool(session.scalar(select(ANY_HAS_NUMBERS)))
