"""`campaign-plan` as a run and as a form: prefilled, dry first, refused when it makes no sense."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import delete, select

from models.campaigns.campaign import Campaign
from models.campaigns.target import Target
from models.ledger.history import Change
from models.words import MilestoneKind, TargetMeasure
from support.office import Office
from support.office.days import today
from support.office.ledger import BUREAU, COUNTY
from support.office.person import WHO
from support.programs.browser import browser, chromium, open_page, pick, words_of_another_language
from support.waiting import wait_for
from tasks.database import transaction
from tasks.dialogues.parameters.offers import offer_choices
from tasks.ledger.current_campaign import targets_of

DEPLOYMENT = "campaign-plan"
LANDING = [MilestoneKind.REGISTERED.label]

PREFECTS_OWN = words_of_another_language(
    "Run Name Parameters Optional Open menu Select Add item Enforce Parameter Schema Start Now Later Additional "
    "Options Cancel Submit"
)
"""What Prefect's own interface says; it speaks English only."""


@pytest.fixture(autouse=True)
def campaigns_end_with_their_test(office: Office) -> Iterator[None]:
    """What counts as landed here would count in every other test that runs in the same office
    today.
    """
    yield
    with transaction("测试") as session:
        session.execute(delete(Target))
        session.execute(delete(Campaign).where(Campaign.ends_on.is_not(None)))


def target(**given):
    return {
        "name": "落地率",
        "measure": TargetMeasure.LANDING_RATE.label,
        "goal": 80,
        "unit": "（全市）",
        "signed_from": "",
        "signed_until": "",
        "amount_from": 0,
        "sector": "（不限产业）",
        "by_leader": False,
    } | given


def plan(name, /, **given):
    return {
        "filled_in_by": WHO,
        "name": name,
        "starts_on": str(today() - timedelta(36)),
        "ends_on": "",  # else it is the prefilled one
        "days": 100,
        "landing": LANDING,
        "targets": [target()],
        "dry_run": False,
    } | given


def campaign(name) -> Campaign | None:
    with transaction() as session:
        return session.scalars(select(Campaign).where(Campaign.name == name)).one_or_none()


def schema_of(office: Office):
    with office.client() as client:
        return client.read_deployment_by_name(f"{DEPLOYMENT}/{DEPLOYMENT}")


def test_a_dry_run_shows_where_each_target_stands_and_plans_nothing(office: Office) -> None:
    office.sign()
    run = office.done(DEPLOYMENT, **plan("试算", dry_run=True))
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    page = office.artifact(DEPLOYMENT)
    assert "第37天，共100天" in page
    assert "| 落地率 | 全市 | 80% |" in page
    assert campaign("试算") is None


def test_the_same_campaign_twice_is_one_and_the_form_opens_with_it(office: Office) -> None:
    every = [
        target(),
        target(
            name="各县",
            measure=TargetMeasure.SIGNED.label,
            goal=2,
            unit="（各县区）",
            signed_from=str(today() - timedelta(36)),
            amount_from=50000.5,
        ),
        target(name="国土局", measure=TargetMeasure.LANDED.label, goal=5, unit=BUREAU, sector="家具", by_leader=True),
    ]
    with office.client():
        offer_choices()
    assert office.done(DEPLOYMENT, **plan("百日攻坚", targets=every))["state_type"] == "COMPLETED"
    found = campaign("百日攻坚")
    assert found is not None
    assert found.ends_on == found.starts_on + timedelta(99)
    prefilled = schema_of(office).parameters
    assert prefilled["targets"] == every
    before = history()
    again = office.done(DEPLOYMENT, filled_in_by=WHO, dry_run=False, **prefilled)
    assert "无需更改" in again["state"]["message"]
    assert history() == before
    assert office.changes("campaign", found.id, None)[0].actor == WHO


def history() -> int:
    with transaction() as session:
        return len(session.scalars(select(Change.id).where(Change.table_name.in_(("campaign", "target")))).all())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"starts_on": "明天"}, "“开始日期”中的“明天”不是日期"),
        ({"starts_on": ""}, "“开始日期”"),
        ({"days": 0}, "何时结束"),
        ({"days": -3}, "1至"),
        ({"ends_on": "2030-01-01"}, "2030年1月1日"),
        ({"name": "  "}, "名称"),
        ({"name": "常态"}, "长期工作"),
        ({"landing": []}, "落地认定标准"),
        ({"targets": [target(goal=180)]}, "100%"),
        ({"targets": [target(signed_from="2026.1")]}, "“签约日期起”"),
        ({"as_of": "去年"}, "去年"),
    ],
    ids=str,
)
def test_nonsense_ends_the_run_with_its_reason(office: Office, wrong, said) -> None:
    run = office.done(DEPLOYMENT, **plan("胡闹", **wrong))
    assert run["state_type"] == "FAILED"
    assert said in run["state"]["message"]
    assert campaign("胡闹") is None


def test_a_unit_or_measure_the_form_does_not_offer_starts_no_run(office: Office) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="409"):
        office.start(DEPLOYMENT, **plan("胡闹", targets=[target(unit="月球")]))


def test_the_form_offers_the_units_there_are(office: Office) -> None:
    with office.client():
        offer_choices()
        offer_choices()
    fields = schema_of(office).parameter_openapi_schema["definitions"]["TargetForm"]["properties"]
    assert fields["unit"]["enum"][:2] == ["（全市）", "（各县区）"]
    assert {COUNTY, BUREAU} <= set(fields["unit"]["enum"])
    assert "食品加工" in fields["sector"]["enum"]
    assert fields["measure"]["default"] == "落地率"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


@pytest.mark.skipif(chromium() is None, reason="needs Chromium (Debian: apt-get install chromium)")
def test_an_operator_plans_a_campaign_in_the_ui(office: Office, chrome: Browser) -> None:
    with office.client():
        offer_choices()
    office.done(DEPLOYMENT, **plan("浏览器"))
    page = open_page(chrome)
    page.goto(f"{office.api.removesuffix('/api')}/v2/deployments/deployment/{office.deployment(DEPLOYMENT)}/run")
    expect(page.get_by_label("目标名称")).to_have_value("落地率")
    assert words_of_another_language(page.inner_text("form")) <= PREFECTS_OWN
    page.get_by_label("填报人").fill(WHO)
    page.get_by_role("button", name="Add item").click()
    page.get_by_label("目标名称").last.fill("各县签约")
    page.get_by_label("目标值").last.fill("3")
    for title, choice in (("考核内容", TargetMeasure.SIGNED.label), ("由谁完成", "（各县区）")):
        pick(page, page.get_by_label(title).last, choice)
    page.get_by_label("试运行").uncheck()
    before = {run["id"] for run in office.runs(DEPLOYMENT)}
    page.get_by_role("button", name="Submit").click()
    started = wait_for(lambda: {run["id"] for run in office.runs(DEPLOYMENT)} - before, "the run")
    run = office.finished(started.pop())
    asked = run["parameters"]
    assert (asked["dry_run"], [each["name"] for each in asked["targets"]]) == (False, ["落地率", "各县签约"])
    assert run["state_type"] == "COMPLETED"
    found = campaign("浏览器")
    assert found is not None
    with transaction() as session:
        targets = [(each.name, each.goal, each.each_county) for each in targets_of(session, found)]
    assert targets == [("落地率", 80, False), ("各县签约", 3, True)]
