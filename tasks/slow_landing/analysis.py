"""Slow landing as of a day: which projects are behind, what holds them, where the days go."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from models.campaigns.campaign import Campaign
from models.campaigns.slow_landing import Cohort, SlowLanding, SlowProject, SlowRule
from models.ledger.organisation import Person, Unit
from models.ledger.project import Project
from tasks.ledger.as_of import as_known
from tasks.ledger.lookups import unit_named
from tasks.slow_landing.blockers import days_by_category, days_by_recipient, due_of, held_by, without_blocker
from tasks.slow_landing.cohort import cohort_on
from tasks.slow_landing.hands import days_by_hands, hands_of
from tasks.slow_landing.steps import days_by_step, steps_of

SHOWN = 50  # projects on the page; the workbook has all
BATCH = 500  # projects read at a time
NAMED_BY = ("unit_id", "officer_id", "leader_id", "signed_on")
RULE = SlowRule()


def slow_landing(
    session: Session,
    campaign: Campaign,
    day: date,
    known_at: datetime | None = None,
    *,
    units: Sequence[str] = (),
    rule: SlowRule = RULE,
    shown: int = SHOWN,
) -> SlowLanding:
    """The campaign's projects behind by the end of `day`; only those of `units`, if any are named.

    They are compared with the whole campaign's cohort. `known_at` is as in `projects_as_of`.
    `Refused` when the ledger knows no such unit, `OutsideCalendar` when the calendar does not reach
    to the day.
    """
    cohort = cohort_on(session, campaign, day, known_at, rule, [unit_named(session, name).id for name in units])
    return SlowLanding(
        campaign=campaign.name,
        cohort=cohort,
        projects=list(slow_projects(session, cohort, cohort.ids[:shown])),
        by_step=days_by_step(session, cohort),
        by_hands=days_by_hands(session, cohort),
        by_category=days_by_category(session, cohort),
        by_recipient=days_by_recipient(session, cohort),
        without_blocker=without_blocker(session, cohort),
    )


def slow_projects(session: Session, cohort: Cohort, ids: Sequence[int]) -> Iterator[SlowProject]:
    """The projects with these ids, in that order, `BATCH` in memory at a time."""
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        steps, hands = steps_of(session, cohort, batch), hands_of(session, cohort, batch)
        held, due = held_by(session, cohort, batch), due_of(session, cohort, batch)
        names = {row.id: row._mapping for row in session.execute(_names(cohort, batch))}
        for project_id in batch:
            yield SlowProject(
                **names[project_id],
                days=sum(piece.days for piece in steps[project_id]),
                steps=steps[project_id],
                hands=hands[project_id],
                blockers=held[project_id],
                due_on=due.get(project_id),
            )


def _names(cohort: Cohort, ids: Sequence[int]) -> Select[int, str, str, str, str, str, date]:
    known = as_known(Project, ("id", "code", "name", *NAMED_BY), cohort.known_at)
    officer, leader = aliased(Person), aliased(Person)
    return (
        select(
            known.c.id,
            known.c.code,
            known.c.name,
            Unit.name.label("unit"),
            func.coalesce(officer.name, "").label("officer"),
            func.coalesce(leader.name, "").label("leader"),
            known.c.signed_on,
        )
        .join_from(known, Unit, Unit.id == known.c.unit_id)
        .outerjoin(officer, officer.id == known.c.officer_id)
        .outerjoin(leader, leader.id == known.c.leader_id)
        .where(known.c.id == func.any(list(ids)))
    )
