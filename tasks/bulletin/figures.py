"""The figures of a week, counted in the whole ledger as of the week's end."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.bulletin.figures import Counts, Drive, Figures, Goal, Share
from models.campaigns.attainment import Attainment
from models.campaigns.campaign import Campaign
from models.escalation.policy import Policy
from models.words import MilestoneKind, UnitKind
from tasks.bulletin.counts import Stretch, cohort_rate, count_all, count_units
from tasks.bulletin.items import agenda, owed, work
from tasks.bulletin.lights import lights
from tasks.bulletin.slow import slow
from tasks.bulletin.units import ranked
from tasks.campaigns.targets import OfLeader, TargetStanding, evaluate
from tasks.ledger.as_of import by_hashes, projects_as_of, units_as_known
from tasks.ledger.current_campaign import clock_on
from tasks.ledger.workdays import calendar_around

WEEK = timedelta(7)
ISSUERS = (UnitKind.INSPECTION_OFFICE, UnitKind.COMMERCE_BUREAU)  # as on the offices' own bulletins


def week_figures(
    session: Session, week_from: date, campaign: Campaign, issued_on: date, known_at: datetime | None = None
) -> Figures:
    """The figures of the week from the Monday `week_from`, as of the end of its Sunday.

    What has no day of its own is taken as it was known at `known_at` (aware); None: now. Give a
    session from `snapshot()`, or the figures may not agree with each other.
    """
    with by_hashes(session):
        return _figures(session, week_from, campaign, issued_on, known_at)


def _figures(
    session: Session, week_from: date, campaign: Campaign, issued_on: date, known_at: datetime | None
) -> Figures:
    until = week_from + WEEK - timedelta(1)
    ledger = projects_as_of(until, [MilestoneKind(kind) for kind in campaign.landing_definition], known_at)
    items = owed(until, known_at)
    stretches = _stretches(week_from, until, campaign)
    counted = count_units(session, ledger, campaign, stretches)
    lit = lights(session, ledger, items, until, _soon_on(session, until, known_at), known_at)
    units = units_as_known(session, known_at)
    return Figures(
        week_from=week_from,
        week_until=until,
        issued_on=issued_on,
        issuers=tuple(name for kind in ISSUERS for name, own_kind in units.values() if own_kind is kind),
        drive=_drive(session, campaign, until),
        **count_all(session, counted, stretches, known_at),
        cohort=cohort_rate(counted),
        units=ranked(units, counted, lit),
        targets=tuple(map(_goal, evaluate(session, campaign, until, known_at))),
        slow=slow(session, campaign, until, known_at),
        work=work(session, items, week_from + WEEK, until + WEEK, known_at),
        agenda=agenda(session, items, until, known_at, lambda day: calendar_around(session, day, until)),
    )


def week_counts(session: Session, figures: Figures) -> Counts:
    """The counts of a bulletin's week as known now, by its own definition of landing."""
    ledger = projects_as_of(figures.week_until, figures.drive.landing)
    week = [Stretch("week", figures.week_from, figures.week_until)]
    return count_all(session, count_units(session, ledger, figures.drive, week), week, None)["week"]


def _stretches(first: date, last: date, campaign: Campaign) -> Sequence[Stretch]:
    return (
        Stretch("week", first, last),
        Stretch("before", first - WEEK, last - WEEK),
        Stretch("year", date(last.year, 1, 1), last),
        Stretch("campaign", campaign.starts_on, last),
    )


def _soon_on(session: Session, day: date, known_at: datetime | None) -> date:
    """The last day that counts as due soon, by the ladder's numbers known at `known_at`."""
    versions = select(Policy.reminder_before).where(Policy.kind.is_(None), Policy.campaign_id.is_(None))
    if known_at:
        versions = versions.order_by((Policy.recorded_at <= known_at).desc())
    within = session.scalars(versions.order_by(Policy.version.desc()).limit(1)).one()
    return calendar_around(session, day).shift(day, within)


def _drive(session: Session, campaign: Campaign, day: date) -> Drive:
    return Drive(
        id=campaign.id,
        name=campaign.name,
        starts_on=campaign.starts_on,
        ends_on=campaign.ends_on,
        signed_from=campaign.signed_from,
        signed_until=campaign.signed_until,
        landing=tuple(MilestoneKind(kind) for kind in campaign.landing_definition),
        clock=clock_on(session, campaign, day),
    )


def _goal(standing: TargetStanding) -> Goal:
    target = standing.target
    own = standing.units[0].unit if target.unit_id else ""
    return Goal(
        name=target.name,
        measure=target.measure,
        goal=target.goal,
        lines=tuple(_share(unit.unit, unit.attained) for unit in standing.units),
        leaders=tuple(_share(_leader(leader, own), leader.attained) for leader in standing.leaders),
    )


def _leader(share: OfLeader, own: str) -> str:
    """A leader with the unit, unless it is the target's own."""
    return share.leader if share.unit == own else f"{share.unit} {share.leader}".strip()


def _share(name: str, attained: Attainment) -> Share:
    return Share(name, attained.part, attained.whole)
