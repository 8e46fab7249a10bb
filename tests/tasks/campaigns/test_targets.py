"""Targets: counted by one statement, recomputed here from the raw tables without it."""

import math
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from sqlalchemy import event

from deployments.replay.checks.rates import counted, landings
from models.campaigns.attainment import Attainment
from models.campaigns.campaign import Campaign
from models.campaigns.rates import Rate
from models.campaigns.target import Target
from models.ledger.organisation import Unit
from models.ledger.project import Milestone, Project
from models.words import Exit, Stage
from support.ledgers.city import COUNTIES, EMPTY, random_city
from support.recount.tables import tables
from support.recount.targets import DEFINITION, FIRST, LANDED, LAST, RATE, SIGNED, aim, various
from tasks.campaigns.targets import evaluate
from tasks.database import engine, transaction
from tasks.ledger.locks import lock_project

DAYS = [date(2012, 12, 31), date(2013, 7, 15), date(2013, 9, 16), date(2014, 3, 1)]


def plan(*targets: Target, definition=DEFINITION) -> int:
    """The hundred days with those targets; returns the campaign's number."""
    with transaction("测试") as session:
        campaign = Campaign(name="百日攻坚", starts_on=FIRST, ends_on=LAST, landing_definition=[*definition])
        session.add(campaign)
        for position, target in enumerate(targets):
            target.campaign, target.position = campaign, position
            session.add(target)
        session.flush()
        return campaign.id


def stand(campaign_id, day, known_at=None):
    with transaction() as session:
        return evaluate(session, session.get_one(Campaign, campaign_id), day, known_at)


def behind_of(standing):
    gone = standing.clock.time_gone if standing.clock else None
    return [line.unit for line in standing.units if line.attained.is_behind(gone)]


# -- recomputed


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.usefixtures("ledger")
def test_every_figure_equals_its_recomputation(seed, day):
    city = random_city(seed)
    targets = various(city)
    found = stand(plan(*targets), day)
    projects = landings(tables(), DEFINITION, day)
    assert [each.target.name for each in found] == [target.name for target in targets]
    for each in found:
        part, whole = counted(projects, each.target, FIRST, LAST)
        for line in each.units:
            ours = (slice(None) if line.unit_id is None else frame.unit_id == line.unit_id for frame in (part, whole))
            mine, of_mine = (len(frame[rows]) for frame, rows in zip((part, whole), ours, strict=True))
            check(each, line.attained, mine, of_mine)
        if each.target.by_leader:
            check_split(each, part, whole, city)


def check(standing, attained, part, whole):
    assert (attained.part, attained.whole) == (part, whole)
    goal = Fraction(attained.goal) * (Fraction(whole, 100) if attained.is_rate else 1)
    nothing = attained.is_rate and whole == 0
    assert attained.is_reached is (part >= goal and not nothing)
    assert attained.missing == max(0, math.ceil(goal - part))
    gone = Fraction(standing.clock.day_no, 100)
    assert attained.is_behind(standing.clock.time_gone) is (not nothing and part < goal * gone)


def check_split(standing, part, whole, city):
    places = {line.unit_id for line in standing.units}
    if None not in places:
        part, whole = part[part.unit_id.isin(places)], whole[whole.unit_id.isin(places)]
    expected = {leader: len(rows) for leader, rows in whole.groupby("leader_id", dropna=False)}
    assert {each.leader_id: each.attained.whole for each in standing.leaders} == {
        None if pd.isna(leader) else int(leader): count for leader, count in expected.items()
    }
    assert sum(each.attained.part for each in standing.leaders) == len(part) == standing.total.part
    units = {unit for unit, leaders in city.leaders.items() for each in standing.leaders if each.leader_id in leaders}
    assert {city.units[each.unit] for each in standing.leaders if each.leader_id} == units


@pytest.mark.usefixtures("ledger")
def test_many_targets_cost_no_more_statements_than_one():
    random_city(0, 20)
    one = statements(plan(aim()))
    with transaction("测试") as session:
        session.get_one(Campaign, 2).name = "从前"
    assert statements(plan(*(aim(name=f"目标{number}", by_leader=True) for number in range(40)))) == one


def statements(campaign_id) -> int:
    """How many statements the standing of a campaign's targets takes."""
    seen = []

    def see(*told):
        seen.append(told)

    event.listen(engine(), "before_cursor_execute", see)
    stand(campaign_id, LAST)
    event.remove(engine(), "before_cursor_execute", see)
    return len(seen)


# -- edges


def reach(project_id, *days, evidence="执照"):
    with transaction("测试") as session:
        for kind, day in zip(DEFINITION, days, strict=True):
            session.add(Milestone(project_id=project_id, kind=kind, done_on=day, evidence=evidence))


def figures(campaign_id, day):
    (found,) = stand(campaign_id, day)
    return [(line.attained.part, line.attained.whole) for line in found.units]


def test_what_landed_before_the_campaign_counts_for_a_rate_only(project):
    reach(project, date(2013, 5, 1), FIRST - timedelta(1))
    campaign_id = plan(aim(RATE, "80", "率"), aim(LANDED, "1", "落地"))
    assert [(each.total.part, each.total.whole) for each in stand(campaign_id, LAST)] == [(1, 1), (0, 0)]


@pytest.mark.parametrize(("day", "counts"), [(FIRST, 1), (LAST, 1), (LAST + timedelta(1), 0)], ids=str)
def test_the_campaigns_first_and_last_day_belong_to_it(project, day, counts):
    reach(project, date(2013, 5, 1), day)
    assert figures(plan(aim(LANDED)), date(2014, 1, 1)) == [(counts, counts)]


def test_an_exited_project_stays_signed_and_in_the_whole_of_a_rate(project):
    reach(project, FIRST, FIRST)
    with transaction("测试") as session:
        found = session.get_one(Project, project)
        found.stage, found.exit, found.exit_reason, found.ended_on = Stage.EXITED, Exit.LOST, "撤资", date(2013, 7, 1)
    campaign_id = plan(aim(RATE, "80", "率"), aim(LANDED, "1", "落地"), aim(SIGNED, "1", "签约"))
    assert [(each.total.part, each.total.whole) for each in stand(campaign_id, LAST)] == [(0, 1), (0, 0), (1, 1)]


def test_a_county_that_shares_a_project_has_nothing_of_it_and_reaches_no_rate(project):
    with transaction("测试") as session:
        other = Unit(name="台前县")
        found = lock_project(session, project)
        found.co_units.append(other)
    (found,) = stand(plan(aim(RATE, "80", each_county=True)), LAST)
    assert [(line.unit, line.attained.rate) for line in found.units] == [("清丰县", Rate(0, 1)), ("台前县", Rate(0, 0))]
    nothing = found.units[1].attained
    assert (nothing.is_reached, nothing.missing, nothing.is_behind(found.clock.time_gone)) == (False, 0, False)
    assert behind_of(found) == ["清丰县"]


@pytest.mark.usefixtures("ledger")
def test_every_county_has_a_line_also_those_without_projects_and_no_bureau_has():
    random_city(1, 30)
    (found,) = stand(plan(aim(SIGNED, "2", each_county=True)), LAST)
    assert [line.unit for line in found.units] == list(COUNTIES)
    (empty,) = [line.attained for line in found.units if line.unit == EMPTY]
    assert empty == Attainment(SIGNED, Decimal(2), 0, 0)
    assert empty.missing == 2


@pytest.mark.usefixtures("ledger")
def test_in_an_empty_ledger_everything_is_missing():
    (found,) = stand(plan(aim(LANDED, "2")), LAST)
    assert (found.total.part, found.total.missing, found.reached, list(found.leaders)) == (0, 2, 0, [])


@pytest.mark.usefixtures("ledger")
def test_a_campaign_without_targets_has_none():
    assert stand(plan(), LAST) == []


def test_targets_stand_as_they_were_known(project):
    campaign_id = plan(aim(SIGNED, "1", each_county=True))
    before = datetime.now(UTC)
    with transaction("测试") as session:
        other = Unit(name="南乐县")
        session.add(other)
        lock_project(session, project).unit = other
    assert figures(campaign_id, LAST) == [(0, 0), (1, 1)]
    (then,) = stand(campaign_id, LAST, before)
    assert [(line.unit, line.attained.part) for line in then.units] == [("清丰县", 1), ("南乐县", 0)]


def test_projects_without_a_leader_are_split_off_as_nobodys(project):
    with transaction("测试") as session:
        lock_project(session, project).leader_id = None
    (found,) = stand(plan(aim(SIGNED, "1", by_leader=True)), LAST)
    assert [(each.leader_id, each.leader, each.attained.part) for each in found.leaders] == [(None, "", 1)]


def test_the_standing_campaign_has_no_clock_and_nobody_is_behind(project):
    with transaction("测试") as session:
        session.add(aim(LANDED, "1", campaign_id=1))
    (found,) = stand(1, LAST)
    assert (found.clock, behind_of(found), found.total.whole) == (None, [], 1)
