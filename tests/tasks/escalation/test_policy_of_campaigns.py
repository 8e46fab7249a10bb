"""A campaign's own numbers: for the items of its cohort while it runs, before the general ones and
those of a kind.
"""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.campaigns.plan import Plan
from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.policy import EVERYTHING, Policies, Policy, PolicyNumbers
from models.ledger.facts import FoundBlocker
from models.ledger.project import Project
from models.refusal import Refused
from models.words import BlockerCategory, ItemKind, MilestoneKind, Sector, Step
from tasks.campaigns.plan import adopt as adopt_plan
from tasks.database import transaction
from tasks.escalation.policy import adopt, campaign_named, present, would_fire
from tasks.escalation.sweep import sweep
from tasks.items.blockers import open_blocker
from tasks.items.campaign_numbers import current_policy
from tasks.items.corrections import correct, master_of
from tasks.items.next_steps import set_next_steps
from tasks.items.opening import plan_visit
from tasks.ledger.locks import lock_project

BEFORE, STARTS, ENDS, AFTER = date(2013, 6, 7), date(2013, 6, 9), date(2013, 6, 21), date(2013, 6, 24)
DUE = date(2013, 6, 17)


@pytest.fixture
def general(project: int) -> PolicyNumbers:
    with transaction() as session:
        return present(session)


@pytest.fixture
def hurried(general: PolicyNumbers) -> PolicyNumbers:
    return general.model_copy(update={"reminder_before": 5, "leader_after": 2, "office_after": 3, "blocker_within": 4})


@pytest.fixture
def outsider(project: int) -> int:
    """A project that was signed before the campaign's cohort; it owes a visit on the same day."""
    with transaction("测试") as session:
        like = session.get_one(Project, project)
        other = Project(
            code="PY-2012-001",
            name="油田机械园",
            sector=Sector.MACHINERY,
            unit=like.unit,
            officer=like.officer,
            leader=like.leader,
            amount=Decimal(10**8),
            signed_on=date(2012, 5, 1),
        )
        session.add(other)
        session.flush()
        plan_visit(session, other, DUE, date(2013, 6, 3))
        return other.id


def plan(name: str = "百日攻坚", starts_on: date = STARTS, ends_on: date = ENDS) -> int:
    with transaction("测试") as session:
        landing = (MilestoneKind.REGISTERED,)
        adopt_plan(session, Plan(name, starts_on, ends_on, landing, (), date(2013, 1, 1), date(2013, 12, 31)))
    return campaign_named(name)


def take(numbers: PolicyNumbers, campaign_id: int | None, kind: ItemKind | None = None) -> None:
    with transaction("督查室") as session:
        adopt(session, numbers, (campaign_id, kind))


def next_steps(project: int) -> list[tuple[Step | None, date | None]]:
    with transaction() as session:
        items = select(ActionItem).where(ActionItem.project_id == project, ActionItem.closed_on.is_(None))
        return [(item.next_step, item.next_fires_on) for item in session.scalars(items.order_by(ActionItem.id))]


def fired(project: int) -> list[Step]:
    with transaction() as session:
        steps = select(Escalation.step).join(ActionItem).where(ActionItem.project_id == project)
        return list(session.scalars(steps.order_by(Escalation.id)))


def test_numbers_are_looked_for_by_campaign_and_kind_then_campaign_then_kind(general: PolicyNumbers) -> None:
    def version(number: int, campaign_id: int | None, kind: ItemKind | None, *, gives_up: bool = False) -> Policy:
        return Policy(version=number, campaign_id=campaign_id, kind=kind, follows_general=gives_up)

    versions = [
        version(1, None, None),
        version(2, 7, ItemKind.VISIT),
        version(3, 7, None),
        version(4, None, ItemKind.VISIT),
    ]
    scopes = [(7, ItemKind.VISIT), (7, ItemKind.BLOCKER), (8, ItemKind.VISIT), (None, ItemKind.BLOCKER)]
    assert [Policies(versions).of(*scope).version for scope in scopes] == [2, 3, 4, 1]
    versions.append(version(5, 7, ItemKind.VISIT, gives_up=True))
    assert [Policies(versions).of(*scope).version for scope in scopes] == [3, 3, 4, 1]


def test_a_campaign_with_shorter_numbers_fires_earlier_for_its_cohort_until_it_ends(
    city: int, project: int, outsider: int, general: PolicyNumbers, hurried: PolicyNumbers
) -> None:
    take(hurried, plan())
    assert next_steps(project) == next_steps(outsider) == [(Step.REMINDER_BEFORE, date(2013, 6, 9))]
    sweep(STARTS)
    assert fired(project) == fired(outsider) == [Step.REMINDER_BEFORE]
    late = hurried.model_copy(update={"leader_after": 4, "office_after": 5})
    with transaction() as session:
        counts = would_fire(session, late, EVERYTHING, date(2013, 6, 18))
    assert counts[Step.LEADER] == (2, 1)  # the cohort keeps its campaign's numbers
    for day in (date(2013, 6, 18), date(2013, 6, 19)):
        sweep(day)
    assert next_steps(project) == [(Step.OFFICE, date(2013, 6, 24))]
    take(hurried.model_copy(update={"reply_within": 1, "office_after": 1}), campaign_named("百日攻坚"))
    assert (next_steps(project), next_steps(outsider)) == (
        [(Step.OFFICE, date(2013, 6, 20))],
        [(Step.OFFICE, date(2013, 6, 24))],
    )
    sweep(AFTER)  # the campaign is over: the general numbers again
    assert fired(project) == fired(outsider) == [Step.REMINDER_BEFORE, Step.REMINDER_AFTER, Step.LEADER, Step.OFFICE]
    assert next_steps(project) == next_steps(outsider)
    with transaction() as session:
        versions = session.execute(
            select(Escalation.step, Policy.campaign_id).join(Policy).order_by(Escalation.id)
        ).all()
        assert [campaign for step, campaign in versions if step is Step.OFFICE] == [None, None]


def test_what_is_opened_while_it_runs_is_due_and_fires_by_its_numbers(
    project: int, outsider: int, general: PolicyNumbers, hurried: PolicyNumbers
) -> None:
    take(hurried, plan(), ItemKind.BLOCKER)
    sweep(STARTS)
    with transaction("测试") as session:
        found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", None)
        dues = [
            open_blocker(session, lock_project(session, each), found, date(2013, 6, 14)).due_on
            for each in (project, outsider)
        ]
        assert current_policy(session, ItemKind.BLOCKER, project).blocker_within == 4
        assert current_policy(session, ItemKind.VISIT, project).campaign_id is None
    assert dues == [date(2013, 6, 20), date(2013, 7, 5)]
    assert next_steps(project)[-1] == (Step.REMINDER_BEFORE, date(2013, 6, 13))
    with transaction() as session:
        assert set_next_steps(session) == 0


def test_a_newer_campaign_without_numbers_takes_its_cohort_back_to_the_general_ones(
    project: int, general: PolicyNumbers, hurried: PolicyNumbers
) -> None:
    take(hurried, plan())
    sweep(BEFORE)
    assert next_steps(project) == [(Step.REMINDER_BEFORE, date(2013, 6, 9))]
    plan("百日攻坚", starts_on=date(2013, 6, 1))  # it has begun already
    assert next_steps(project) == [(Step.REMINDER_BEFORE, date(2013, 6, 7))]
    plan("再攻坚", starts_on=date(2013, 6, 5))
    assert next_steps(project) == [(Step.REMINDER_BEFORE, date(2013, 6, 9))]


def test_a_project_that_is_signed_on_another_day_joins_or_leaves_the_cohort(
    outsider: int, general: PolicyNumbers, hurried: PolicyNumbers
) -> None:
    take(hurried, plan(starts_on=date(2013, 6, 1)))
    sweep(BEFORE)
    with transaction("测试") as session:
        other = lock_project(session, outsider)
        master = master_of(other)
        correct(session, other, type(master)(**{**vars(master), "signed_on": date(2013, 5, 1)}), BEFORE)
    assert next_steps(outsider) == [(Step.REMINDER_BEFORE, date(2013, 6, 7))]


def test_a_campaign_that_is_given_the_general_numbers_has_none_of_its_own(
    project: int, general: PolicyNumbers, hurried: PolicyNumbers
) -> None:
    campaign = plan(starts_on=date(2013, 6, 1))
    with pytest.raises(Refused):
        take(general, campaign)
    sweep(BEFORE)
    take(hurried, campaign)
    assert next_steps(project) == [(Step.REMINDER_BEFORE, date(2013, 6, 7))]
    take(general, campaign)
    assert next_steps(project) == [(Step.REMINDER_BEFORE, date(2013, 6, 9))]
    with transaction() as session:
        assert current_policy(session, ItemKind.VISIT, project).campaign_id is None
        found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", None)
        blocker = open_blocker(session, lock_project(session, project), found, BEFORE)
        assert (blocker.due_on, blocker.next_step) == (date(2013, 7, 1), Step.REMINDER_BEFORE)
