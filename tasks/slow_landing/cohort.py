"""Which projects are behind their campaign's cohort on a day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypeVar

from dateutil.relativedelta import relativedelta
from sqlalchemy import CTE, ColumnElement, FromClause, and_, func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, aliased

from models.campaigns.campaign import Campaign
from models.campaigns.slow_landing import Cohort, Limit, SlowRule, Spent
from models.escalation.calendar import FIRST_LISTED_YEAR, OutsideCalendar, Workday
from models.ledger.project import Project
from models.words import MilestoneKind
from tasks.ledger.as_of import PROJECT, as_known, projects_as_of, signed_between

Key = TypeVar("Key")


def cohort_on(
    session: Session,
    campaign: Campaign,
    day: date,
    known_at: datetime | None,
    rule: SlowRule,
    unit_ids: Sequence[int] = (),
) -> Cohort:
    """The campaign's cohort by the end of `day`; with `unit_ids`, only theirs can be behind.

    `OutsideCalendar` when the calendar does not reach to the day.
    """
    definition = [MilestoneKind(kind) for kind in campaign.landing_definition]
    ordinal = session.scalar(select(Workday.ordinal).where(Workday.day == day))
    if ordinal is None:
        raise OutsideCalendar(day)
    projects = _projects(campaign, projects_as_of(day, definition, known_at))
    is_open = and_(projects.c.landed_on.is_(None), projects.c.exited_on.is_(None))
    took = func.greatest(projects.c.landed_ordinal - projects.c.signed_ordinal, 0)
    half = func.percentile_disc(0.5).within_group(took).filter(projects.c.landed_on.is_not(None))
    counted = (func.count(), func.count().filter(is_open), func.count(projects.c.landed_on), half)
    figures = select(*counted, func.min(projects.c.signed_on)).select_from(projects)
    count, still_open, landed, median, first_signed_on = session.execute(figures).one()
    limit = _limit(landed, median, day, rule)
    days = ordinal - projects.c.signed_ordinal
    behind = and_(is_open, _is_behind(projects, days, limit), projects.c.unit_id.in_(unit_ids) if unit_ids else true())
    in_order = aggregate_order_by(projects.c.id, projects.c.signed_on.asc(), projects.c.id.asc())
    ids, total = session.execute(select(func.array_agg(in_order), func.sum(days)).where(behind)).one()
    return Cohort(
        day,
        ordinal,
        known_at,
        definition,
        limit,
        count,
        still_open,
        ids or [],
        int(total or 0),
        counts_weekdays=first_signed_on is not None and first_signed_on.year < FIRST_LISTED_YEAR,
    )


def _projects(campaign: Campaign, ledger: CTE) -> CTE:
    signed, landed = aliased(Workday), aliased(Workday)
    return (
        select(
            ledger.c.id,
            ledger.c.unit_id,
            ledger.c.signed_on,
            ledger.c.landed_on,
            ledger.c.exited_on,
            func.coalesce(signed.ordinal, 0).label("signed_ordinal"),  # 0: before the calendar
            func.coalesce(landed.ordinal, 0).label("landed_ordinal"),
        )
        .outerjoin_from(ledger, signed, signed.day == ledger.c.signed_on)
        .outerjoin(landed, landed.day == ledger.c.landed_on)
        .where(signed_between(campaign.signed_from, campaign.signed_until, ledger))
        .cte("cohort")
    )


def _limit(landed: int, median: int | None, day: date, rule: SlowRule) -> Limit:
    if landed < rule.fewest or median is None:
        return Limit(landed, None, day - relativedelta(months=rule.months))
    return Limit(landed, median, None)


def _is_behind(projects: CTE, days: ColumnElement[int], limit: Limit) -> ColumnElement[bool]:
    if limit.working_days is None:
        return projects.c.signed_on < limit.signed_before
    return days > limit.working_days


def chosen(cohort: Cohort, ids: Sequence[int]) -> CTE:
    project = as_known(Project, PROJECT, cohort.known_at)
    return select(project.c.id, project.c.signed_on).where(project.c.id == func.any(list(ids))).cte("chosen")


def spent_by(
    session: Session, spans: FromClause, key: ColumnElement[Key], now: ColumnElement[bool]
) -> dict[Key, Spent]:
    """Rows and working days of `spans` by a key; `now` says which rows still run."""
    figures = (func.count(), func.sum(spans.c.days), func.count().filter(now))
    rows = session.execute(select(key, *figures).group_by(key))
    return {own: Spent(count, int(days), running) for own, count, days, running in rows}
