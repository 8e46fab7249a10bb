"""The figures of a week, counted in the whole ledger as of the week's end."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from models.bulletin.figures import Counts, Drive, Figures, Goal, Gone, Share, Slow
from models.campaigns.campaign import Campaign
from models.campaigns.slow_landing import Hands, Spent
from models.words import BlockerCategory, MilestoneKind, UnitKind
from tasks.bulletin.counts import Stretch, cohort_rate, count_all, count_units
from tasks.bulletin.items import agenda, owed, work
from tasks.bulletin.units import lights, ranked
from tasks.campaigns.targets import OfLeader, TargetStanding, evaluate
from tasks.items.lights import is_unreported
from tasks.ledger.as_of import by_hashes, projects_as_of, units_as_known
from tasks.ledger.current_campaign import clock_on
from tasks.slow_landing.analysis import slow_landing

WEEK = timedelta(7)
GROUPS_SHOWN = 3  # of slow landing those that took most; the whole analysis has a page of its own
ISSUERS = (UnitKind.INSPECTION_OFFICE, UnitKind.COMMERCE_BUREAU)  # as on the offices' own bulletins


def week_figures(
    session: Session, week_from: date, campaign: Campaign, issued_on: date, known_at: datetime | None = None
) -> Figures:
    """The figures of the week from the Monday `week_from`, as of the end of its Sunday.

    What has no day of its own is taken as it was known at `known_at` (aware); None: now. Give a
    session from `snapshot()`, or the figures may not agree with each other.
    """
    until = week_from + WEEK - timedelta(1)
    drive = _drive(session, campaign, until)
    ledger, items = projects_as_of(until, drive.landing, known_at), owed(until, known_at)
    stretches = (
        Stretch("week", week_from, until),
        Stretch("before", week_from - WEEK, until - WEEK),
        Stretch("year", date(until.year, 1, 1), until),
        Stretch("campaign", campaign.starts_on, until),
    )
    with by_hashes(session):
        counted, units = count_units(session, ledger, drive, stretches), units_as_known(session, known_at)
        return Figures(
            week_from=week_from,
            week_until=until,
            issued_on=issued_on,
            issuers=tuple(name for kind in ISSUERS for name, own_kind in units.values() if own_kind is kind),
            drive=drive,
            **count_all(session, counted, stretches, known_at),
            cohort=cohort_rate(counted),
            units=ranked(units, counted, lights(session, ledger, items, until, known_at)),
            targets=tuple(map(_goal, evaluate(session, campaign, until, known_at))),
            slow=_slow(session, campaign, until, known_at),
            work=work(session, items, week_from + WEEK, until + WEEK, known_at),
            agenda=agenda(session, ledger, items, until, known_at),
            is_unreported=is_unreported(session, until, known_at),
        )


def week_counts(session: Session, figures: Figures) -> Counts:
    """The counts of a bulletin's week as known now, by its own definition of landing."""
    ledger = projects_as_of(figures.week_until, figures.drive.landing)
    week = [Stretch("week", figures.week_from, figures.week_until)]
    return count_all(session, count_units(session, ledger, figures.drive, week), week, None)["week"]


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
        lines=tuple(Share(line.unit, line.attained.part, line.attained.whole) for line in standing.units),
        leaders=tuple(_share(leader, own) for leader in standing.leaders),
    )


def _share(leader: OfLeader, own: str) -> Share:
    """What a leader has, named with their unit unless it is the target's own."""
    name = leader.leader if leader.unit == own else f"{leader.unit} {leader.leader}".strip()
    return Share(name, leader.attained.part, leader.attained.whole)


def _slow(session: Session, campaign: Campaign, day: date, known_at: datetime | None) -> Slow:
    """The analysis of the campaign's projects that are behind at the end of the day."""
    analysis = slow_landing(session, campaign, day, known_at, shown=0)
    return Slow(
        open=analysis.cohort.open,
        behind=len(analysis.cohort.ids),
        without_blocker=analysis.without_blocker,
        steps=_most(analysis.by_step),
        hands=_most(analysis.by_hands),
        categories=_most(analysis.by_category),
        counts_weekdays=analysis.cohort.counts_weekdays,
    )


def _most(spent: Mapping[str, Spent] | Mapping[Hands, Spent] | Mapping[BlockerCategory, Spent]) -> tuple[Gone, ...]:
    gone = [Gone(str(name), days) for name, days in spent.items() if days.total]
    return tuple(sorted(gone, key=lambda one: (-one.spent.total, one.name))[:GROUPS_SHOWN])
