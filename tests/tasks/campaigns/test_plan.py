"""A campaign is planned, changed, and left alone when nothing is new."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from models.campaigns.campaign import Campaign
from models.campaigns.hundred_days import BUREAU, hundred_days_of_2013
from models.campaigns.plan import Plan, PlannedTarget
from models.campaigns.target import Target
from models.escalation.calendar import OutsideCalendar
from models.ledger.history import Change
from models.ledger.organisation import Unit
from models.refusal import Refused
from models.words import MilestoneKind, Sector, TargetMeasure, UnitKind
from support.waiting import wait_until_locked
from tasks.campaigns.plan import adopt, draft, former, plan_of
from tasks.campaigns.plan_page import page
from tasks.campaigns.targets import evaluate_targets
from tasks.database import snapshot, transaction
from tasks.ledger.current_campaign import clock_on, current_campaign
from tasks.ledger.locks import one_at_a_time

HUNDRED_DAYS = hundred_days_of_2013()
RATE, LANDED, SIGNED = TargetMeasure.LANDING_RATE, TargetMeasure.LANDED, TargetMeasure.SIGNED
pytestmark = pytest.mark.usefixtures("bureau")


@pytest.fixture
def bureau(ledger):
    with transaction("测试") as session:
        session.add(Unit(name=BUREAU, kind=UnitKind.COMMERCE_BUREAU))


def take(plan: Plan) -> int:
    with transaction("市商务局") as session:
        return adopt(session, plan).id


def planned(campaign_id: int) -> Plan | None:
    with transaction() as session:
        return plan_of(session, session.get_one(Campaign, campaign_id))


def changes() -> int:
    with transaction() as session:
        return session.scalars(select(func.count()).select_from(Change)).one()


def aim(name="目标", measure=RATE, goal="80", **filters) -> PlannedTarget:
    return PlannedTarget(name, measure, Decimal(goal), **filters)


def test_the_hundred_days_are_what_the_city_ordered():
    assert (HUNDRED_DAYS.starts_on, HUNDRED_DAYS.ends_on) == (date(2013, 6, 9), date(2013, 9, 16))
    assert [(target.measure, int(target.goal), target.each_county) for target in HUNDRED_DAYS.targets] == [
        (RATE, 80, False),
        (RATE, 50, False),
        (SIGNED, 2, True),
        (SIGNED, 3, True),
        (LANDED, 2, True),
        (LANDED, 5, False),
        (LANDED, 2, False),
    ]
    with transaction() as session:
        clock = clock_on(session, draft(session, HUNDRED_DAYS)[0], date(2013, 6, 9))
    assert clock is not None
    assert (clock.days, clock.working_days) == (100, 69)


def test_an_adopted_plan_reads_as_it_was_written_and_is_current_on_its_days():
    campaign_id = take(HUNDRED_DAYS)
    assert planned(campaign_id) == HUNDRED_DAYS
    with transaction() as session:
        assert current_campaign(session, HUNDRED_DAYS.ends_on).id == campaign_id
        assert current_campaign(session, HUNDRED_DAYS.ends_on + timedelta(1)).name == "常态"


def test_the_same_plan_twice_changes_nothing():
    campaign_id = take(HUNDRED_DAYS)
    before = changes()
    assert take(HUNDRED_DAYS) == campaign_id
    assert changes() == before


def test_a_changed_plan_keeps_the_rows_of_its_targets_and_the_history_of_what_went():
    campaign_id = take(HUNDRED_DAYS)
    with transaction() as session:
        before = dict(session.execute(select(Target.name, Target.id)).all())
    first, *others, _last = HUNDRED_DAYS.targets
    changed = replace(
        HUNDRED_DAYS,
        ends_on=date(2013, 9, 30),
        targets=(aim("新目标", LANDED, "1"), *others, replace(first, goal=Decimal(85))),
    )
    assert take(changed) == campaign_id
    assert planned(campaign_id) == changed
    with transaction() as session:
        after = dict(session.execute(select(Target.name, Target.id)).all())
        told = session.execute(
            select(Change.column_name, Change.old, Change.new)
            .where(Change.table_name == "target", Change.row_id == str(after[first.name]), Change.column_name == "goal")
            .where(Change.actor == "市商务局")
        ).all()
        gone = session.scalars(select(Change).where(Change.table_name == "target", Change.new.is_(None))).all()
    assert {name: after[name] for name in after if name in before} == {
        name: number for name, number in before.items() if name != "食品加工项目落地"
    }
    assert [(float(old), float(new)) for _column, old, new in told] == [(80, 85)]
    assert [change.old["name"] for change in gone if change.column_name is None] == ["食品加工项目落地"]


def test_of_two_plans_at_once_the_later_one_stands_whole():
    campaign_id = take(HUNDRED_DAYS)
    longer = replace(HUNDRED_DAYS, ends_on=date(2013, 9, 30), targets=(aim("新目标", LANDED, "1"),))

    def plan(named: Plan) -> Plan | None:
        with transaction("市商务局") as session:
            one_at_a_time(session, "campaigns")
            present = former(session, named)
            adopt(session, named)
            return present

    with ThreadPoolExecutor(1) as hands:
        with transaction("督查室") as session:
            one_at_a_time(session, "campaigns")
            former(session, longer)
            second = hands.submit(plan, HUNDRED_DAYS)
            wait_until_locked()
            adopt(session, longer)
        assert second.result() == longer
    assert planned(campaign_id) == HUNDRED_DAYS


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": ""}, "名称"),
        ({"name": "常态"}, "长期工作"),
        ({"ends_on": date(2013, 6, 8)}, "2013年6月8日"),
        ({"signed_from": date(2013, 2, 1), "signed_until": date(2013, 1, 1)}, "2013年2月1日"),
        ({"landing": ()}, "落地认定标准"),
        ({"targets": (aim(), aim())}, "目标"),
        ({"targets": (aim(""),)}, "起一个名称"),
        ({"targets": (aim(goal="0"),)}, "大于0"),
        ({"targets": (aim(goal="100.01"),)}, "100%"),
        ({"targets": (aim(goal="33.333"),)}, "两位小数"),
        ({"targets": (aim(measure=LANDED, goal="2.5"),)}, "整数"),
        ({"targets": (aim(measure=SIGNED, goal="-1"),)}, "至少1个"),
        ({"targets": (aim(measure=SIGNED, goal="1e7"),)}, "至少1个"),
        ({"targets": (aim(amount_from=Decimal(-1)),)}, "金额"),
        ({"targets": (aim(amount_from=Decimal("1e18")),)}, "金额"),
        ({"targets": (aim(signed_from=date(2013, 2, 1), signed_until=date(2013, 1, 1)),)}, "2013年2月1日"),
        ({"targets": (aim(unit="濮东新城"),)}, "濮东新城"),
        ({"targets": tuple(aim(f"目标{number}") for number in range(101))}, "100"),
    ],
    ids=str,
)
def test_nonsense_is_refused_in_plain_words_and_changes_nothing(wrong, said):
    before = changes()
    with pytest.raises(Refused, match=said):
        take(replace(HUNDRED_DAYS, **wrong))
    assert changes() == before


def test_a_campaign_beyond_the_calendar_is_refused():
    with pytest.raises(OutsideCalendar):
        take(replace(HUNDRED_DAYS, ends_on=date(2999, 1, 1)))


def test_the_standing_campaign_is_nobodys_plan():
    assert planned(1) is None


def shown(plan: Plan, former: Plan | None, day=date(2013, 7, 15)) -> str:
    with snapshot() as session:
        campaign, targets = draft(session, plan)
        return page(plan, former, evaluate_targets(session, campaign, targets, day), clock_on(session, campaign, day))


def test_the_page_says_what_changes_and_how_far_the_time_has_gone(project):
    text = shown(HUNDRED_DAYS, None)
    assert "第37天，共100天；共69个工作日，已过24个，还剩45个。" in text
    assert "| 2012年签约项目落地率 |  | 落地率不低于80% · 签约日期2012年1月1日–2012年12月31日 |" in text
    assert "| 2013年上半年签约项目落地率 | 全市 | 50% | 0.0%（0/1） | 1 | 落后37.0个百分点 |" in text
    assert "| 2012年签约项目落地率 | 全市 | 80% | –（0/0） |  | 没有对应项目 |" in text
    assert "| 各县区落地5亿元以上项目 | 清丰县 | 2 | 0 | 2 | 落后37.0个百分点 |" in text


def test_the_page_of_a_change_tells_only_what_differs():
    first, second, *others = HUNDRED_DAYS.targets
    changed = replace(HUNDRED_DAYS, targets=(second, replace(first, goal=Decimal(85)), *others[:-1]))
    assert "无。" in shown(HUNDRED_DAYS, HUNDRED_DAYS)
    text = shown(changed, HUNDRED_DAYS)
    assert "落地率不低于80% · 签约日期2012年1月1日–2012年12月31日 | 落地率不低于85% · 签约" in text
    assert "| 食品加工项目落地 | 落地项目数不低于2 · 食品加工 | （取消） |" in text
    assert "| 目标的顺序 |" in text
    assert "各县区签约10亿元以上项目 | 签约项目数" not in text


def test_what_a_target_says_is_kept_to_the_last_field():
    full = aim(
        sector=Sector.FOOD,
        unit=BUREAU,
        by_leader=True,
        amount_from=Decimal("123456789.12"),
        goal="33.33",
        signed_from=date(2013, 1, 1),
        signed_until=date(2013, 1, 1),
    )
    plan = replace(HUNDRED_DAYS, targets=(full,), landing=(MilestoneKind.IN_PRODUCTION,), signed_from=date(2011, 1, 1))
    assert planned(take(plan)) == plan
