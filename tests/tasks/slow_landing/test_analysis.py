"""Slow landing, recomputed day by day from the raw tables: every working day of every project is
put somewhere once.
"""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from models.campaigns.campaign import Campaign
from models.campaigns.slow_landing import FIRST_VISIT, Hands, SlowRule
from models.escalation.action_item import ActionItem, Blocker, Pause
from models.escalation.calendar import OutsideCalendar, official_calendar
from models.escalation.escalation import Escalation
from models.ledger.facts import FoundBlocker
from models.ledger.organisation import Unit
from models.ledger.project import Milestone, Project
from models.refusal import Refused
from models.words import RAISED, BlockerCategory, ItemResult, Step
from support.ledgers.city import BUREAUS, random_city
from support.ledgers.happenings import random_happenings
from support.recount.slow_landing import DEFINITION, Raw, behind, hands_by_project, problems, steps_by_project
from tasks.database import transaction
from tasks.items.blockers import open_blocker
from tasks.ledger.locks import lock_project
from tasks.slow_landing.analysis import slow_landing, slow_projects

REGISTERED, STARTED = DEFINITION
JULY = date(2013, 7, 15)
EVERY = 10**6


def analyse(day=JULY, known_at=None, campaign_id=1, **settings):
    with transaction() as session:
        campaign = session.get_one(Campaign, campaign_id)
        return slow_landing(session, campaign, day, known_at, **{"shown": EVERY} | settings)


# -- recomputed


@pytest.fixture(scope="module", params=range(2))
def grown(request, ledgers):
    """The name of a ledger with a random city, and the city."""
    with ledgers.filled(lambda: grow(request.param)) as found:
        yield found


def grow(seed):
    found = random_city(seed, 90)
    random_happenings(found)
    with transaction("测试") as session:
        for escalation in session.query(Escalation).filter(Escalation.step.in_(RAISED)):
            if found.random.random() < 0.3:
                hours = timedelta(hours=found.random.randrange(200))
                escalation.replied_at = datetime.combine(escalation.raised_on, datetime.min.time(), UTC) + hours
    return found


@pytest.fixture
def city(grown, ledgers):
    name, found = grown
    with ledgers.copied(name):
        yield found


@pytest.mark.parametrize("day", [date(2012, 9, 1), date(2013, 5, 31), date(2014, 2, 1)], ids=str)
@pytest.mark.parametrize("rule", [SlowRule(), SlowRule(fewest=10**6, months=4)], ids=["median", "months"])
@pytest.mark.usefixtures("city")
def test_every_figure_equals_its_recomputation(day, rule):
    found, raw = analyse(day, rule=rule), Raw(day)
    slow, limit = behind(raw, rule)
    assert found.cohort.limit.working_days == limit
    assert found.cohort.count == len(raw.signed())
    in_order = sorted(slow, key=lambda project: (project["signed_on"], project["id"]))
    assert list(found.cohort.ids) == [project["id"] for project in in_order]
    assert [each.id for each in found.projects] == list(found.cohort.ids)
    steps, hands = steps_by_project(raw, slow), hands_by_project(raw, slow)
    for each in found.projects:
        assert each.days == steps[each.id].total() == hands[each.id].total()
        assert {piece.step: piece.days for piece in each.steps if piece.days} == steps[each.id]
        assert {who: days for who, days in each.hands.items() if days} == hands[each.id]
    check_totals(found, steps, hands)
    check_blockers(found, list(problems(raw, slow)))


def check_totals(found, steps, hands):
    assert found.cohort.days == sum(steps_days.total() for steps_days in steps.values())
    assert {step: spent.total for step, spent in found.by_step.items() if spent.total} == sum(steps.values(), Counter())
    assert {who: spent.total for who, spent in found.by_hands.items() if spent.total} == sum(hands.values(), Counter())
    assert sum(spent.now for spent in found.by_step.values()) == len(found.cohort.ids)
    assert sum(spent.now for spent in found.by_hands.values()) == len(found.cohort.ids)
    went_through = Counter(piece.step for project in found.projects for piece in project.steps)
    assert {step: spent.count for step, spent in found.by_step.items()} == went_through


def check_blockers(found, told):
    days, still = Counter(), Counter()
    for _project, category, count, is_open in told:
        days[category] += count
        still[category] += is_open
    assert {category: spent.total for category, spent in found.by_category.items()} == dict(days)
    assert {category: spent.now for category, spent in found.by_category.items()} == dict(still)
    assert sum(spent.count for spent in found.by_category.values()) == len(told)
    assert found.without_blocker == len(found.cohort.ids) - len({each[0] for each in told if each[3]})
    assert sum(spent.now for spent in found.by_recipient.values()) == still.total()
    assert sum(len(project.blockers) for project in found.projects) == still.total()


def test_only_the_units_named_are_shown_and_the_limit_stays_the_citys(city):
    whole, part = analyse(), analyse(units=[BUREAUS[0]])
    assert part.cohort.limit == whole.cohort.limit
    own = [each.id for each in whole.projects if each.unit == BUREAUS[0]]
    assert list(part.cohort.ids) == own
    assert sum(spent.total for spent in part.by_step.values()) == part.cohort.days < whole.cohort.days


@pytest.mark.usefixtures("city")
def test_a_cut_list_is_the_head_of_the_whole_one_and_its_totals_are_of_all():
    whole, cut = analyse(), analyse(shown=3)
    assert cut.projects == whole.projects[:3]
    assert (cut.by_step, cut.by_hands, cut.cohort) == (whole.by_step, whole.by_hands, whole.cohort)
    with transaction() as session:
        assert list(slow_projects(session, cut.cohort, cut.cohort.ids)) == whole.projects


def test_a_campaigns_own_cohort_is_what_it_looks_at(city):
    with transaction("测试") as session:
        campaign = Campaign(
            name="百日攻坚",
            starts_on=date(2013, 6, 9),
            signed_from=date(2012, 3, 1),
            signed_until=date(2012, 12, 31),
            landing_definition=list(DEFINITION),
        )
        session.add(campaign)
        session.flush()
        number = campaign.id
    found = analyse(campaign_id=number)
    assert found.projects
    assert all(date(2012, 3, 1) <= each.signed_on <= date(2012, 12, 31) for each in found.projects)
    assert found.cohort.count < analyse().cohort.count


# -- one project


def test_what_holds_a_project_is_told_with_its_court_its_solution_and_its_day(project):
    found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "统筹调剂指标", date(2013, 11, 29))
    with transaction("测试") as session:
        open_blocker(session, lock_project(session, project), found, date(2013, 6, 3))
    (slow,) = analyse(date(2013, 10, 15)).projects
    (held,) = slow.blockers
    assert (held.category, held.opened_on, held.recipient) == (BlockerCategory.LAND, date(2013, 6, 3), "市国土资源局")
    assert (held.solution, held.due_on, slow.court) == ("统筹调剂指标", date(2013, 11, 29), ["市国土资源局"])
    assert (slow.waits_for.step, slow.waits_for.since) == (FIRST_VISIT, date(2013, 3, 1))
    assert slow.due_on == date(2013, 6, 17)


def test_without_a_known_problem_it_lies_with_its_own_unit(project):
    found = analyse(date(2013, 10, 15))
    assert (found.projects[0].court, found.without_blocker, found.by_category) == (["清丰县"], 1, {})


@pytest.mark.parametrize(("day", "is_slow"), [(date(2013, 9, 1), False), (date(2013, 9, 2), True)], ids=str)
def test_too_few_landed_projects_leave_it_to_the_months(project, day, is_slow):
    assert bool(analyse(day).projects) is is_slow


@pytest.mark.parametrize(
    "signed_on", [date(1980, 1, 1), date(1996, 5, 4), date(2001, 1, 1), date(2006, 9, 29)], ids=str
)
def test_working_days_before_2010_are_counted(project, signed_on):
    """Before 2001, the year of the first official list, Monday to Friday are working days."""
    until = date(2013, 10, 15)
    with transaction("测试") as session:
        session.get_one(Project, project).signed_on = signed_on
    listed = official_calendar(2001, 2013)
    days = (signed_on + timedelta(n) for n in range(1, (until - signed_on).days + 1))
    expected = sum(day.weekday() < 5 if day.year < 2001 else listed.is_working(day) for day in days)
    found = analyse(until)
    (slow,) = found.projects
    assert (slow.days, sum(slow.hands.values()), found.cohort.days) == (expected,) * 3
    assert found.cohort.counts_weekdays is (signed_on.year < 2001)


@pytest.mark.usefixtures("ledger")
def test_in_an_empty_ledger_nothing_is_slow():
    found = analyse()
    assert (found.projects, found.by_step, found.cohort.days, found.without_blocker) == ([], {}, 0, 0)
    assert all(spent.mean is None for spent in found.by_hands.values())


@pytest.mark.usefixtures("project")
def test_a_unit_nobody_knows_and_a_day_beyond_the_calendar_are_refused():
    with pytest.raises(Refused, match="濮东新城"):
        analyse(units=["濮东新城"])
    with pytest.raises(OutsideCalendar):
        analyse(date(2999, 1, 1))


def test_what_was_corrected_since_is_told_as_it_was_known(project):
    found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "", date(2013, 11, 29))
    with transaction("测试") as session:
        item = open_blocker(session, lock_project(session, project), found, date(2013, 6, 3))
        session.add(Milestone(project_id=project, kind=REGISTERED, done_on=date(2013, 4, 1), evidence="执照"))
        session.flush()
        number = item.id
    before = datetime.now(UTC)
    with transaction("测试") as session:
        other = Unit(name="南乐县")
        session.add(other)
        session.flush()
        session.execute(update(Blocker).values(category=BlockerCategory.PERMIT, recipient_unit_id=other.id))
        session.execute(update(Milestone).values(done_on=None))
        session.get_one(Project, project).unit_id = other.id
        session.get_one(ActionItem, number).close(date(2013, 7, 1), ItemResult.RESOLVED)
    day = date(2013, 10, 15)
    (now,), (then,) = analyse(day).projects, analyse(day, before).projects
    assert (now.unit, now.blockers, now.waits_for.step) == ("南乐县", [], FIRST_VISIT)
    assert (then.unit, then.waits_for.step, then.blockers[0].category) == ("清丰县", STARTED, BlockerCategory.LAND)


def test_a_project_on_hold_is_with_nobody(project):
    with transaction("测试") as session:
        item = session.query(ActionItem).one()
        session.add(
            Pause(
                item_id=item.id,
                from_on=date(2013, 6, 3),
                reason="停水停电",
                granted_by="领导",
                until_on=date(2013, 6, 7),
            )
        )
    (slow,) = analyse(date(2013, 10, 15)).projects
    assert slow.hands[Hands.HOLD] == 4
    assert sum(slow.hands.values()) == slow.days


@pytest.mark.parametrize(
    ("step", "hands"), [(Step.REMINDER_AFTER, Hands.OWNER), (Step.LEADER, Hands.LEADER), (Step.OFFICE, Hands.OFFICE)]
)
def test_now_it_is_with_whom_the_ladder_has_come_to(project, step, hands):
    with transaction("测试") as session:
        item = session.query(ActionItem).one()
        session.add(
            Escalation(
                item_id=item.id, round=1, step=step, policy_id=1, raised_on=date(2013, 10, 15), due_on=item.due_on
            )
        )
    found = analyse(date(2013, 10, 15))
    assert [who for who, spent in found.by_hands.items() if spent.now] == [hands]
