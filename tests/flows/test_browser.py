"""The visit form as an operator meets it: in the Prefect UI, in Chinese, in a real browser."""

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from prefect.settings import PREFECT_UI_URL, temporary_settings
from sqlalchemy import func, select

from models.i18n import written
from models.words import ItemKind, LeaderAnswer, Verdict, VisitOutcome
from support.office import Office
from support.office.days import today, working_day
from support.office.ledger import LEADER, OFFICER
from support.office.person import WHO
from support.programs.browser import (
    browser,
    choose,
    chromium,
    open_form,
    open_page,
    open_start,
    words_of_another_language,
)
from support.waiting import wait_for
from tasks.dialogues.parameters.offers import offer_choices
from tasks.ledger.office_time import office_day
from tasks.ledger.questions import ESCALATION, LIFECYCLE
from tasks.runs.waiting_lists import waiting_lists

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs Chromium (Debian: apt-get install chromium)")
PREFECTS_OWN = words_of_another_language(
    "Resume Flow Run Provide input to resume Current state Suspended Cancel Close Open menu Optional Pick date Select "
    "Add item No items in this list January February March April May June July August September October November "
    "December st nd rd th"
)
"""What Prefect's own interface says; it speaks English only."""
STARTS = words_of_another_language(
    "Run Name Parameters Enforce Parameter Schema Start Now Later Additional Options Cancel Submit Flow ladder policy "
    "Work Pool luodi Queue default"
)


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as opened:
        yield opened


def test_browser_server_and_ledger_have_the_day_of_the_tests(office: Office, chrome: Browser) -> None:
    day = today()
    in_browser = open_page(chrome).evaluate("new Date().toLocaleDateString('sv')")
    answered_at = parsedate_to_datetime(office.http.get("/health").headers["date"])
    with office.connect() as connection:
        in_ledger = connection.execute(select(func.now())).scalar_one()
    assert (in_browser, office_day(answered_at), office_day(in_ledger)) == (str(day), day, day)


def test_an_operator_fills_in_a_visit_in_chinese(office: Office, chrome: Browser) -> None:
    project_id = office.new_project()
    project, ask = office.project(project_id), office.visit_asked(project_id)
    (owed,) = office.items(project_id, ItemKind.VISIT)
    page = open_page(chrome)
    dialog = open_form(page, office.api.removesuffix("/api"), ask.flow_run_id, "表单编号")

    for known in (project.code, project.name, "10亿元", OFFICER, written(owed.due_on), "已签约"):
        expect(dialog).to_contain_text(known)
    text = dialog.inner_text()
    assert ask.form_no in text
    own_words = text.replace(ask.form_no, "").replace(project.code, "")
    assert words_of_another_language(own_words) <= PREFECTS_OWN

    dialog.get_by_label("回访日期").fill(str(today()))
    dialog.get_by_label("进展情况").fill("主体工程封顶")
    dialog.get_by_label("填报人").fill(WHO)
    dialog.get_by_role("button", name="Resume", exact=True).click()
    expect(dialog).to_be_hidden()

    office.visit_asked(project_id, ask)
    (visit,) = office.visits(project_id)
    assert (visit.visited_on, visit.progress, visit.outcome) == (today(), "主体工程封顶", VisitOutcome.CONTINUE)
    assert office.verdicts(LIFECYCLE, project_id) == [Verdict.APPLIED, None]
    assert office.changes("visit", visit.item_id, None)[0].actor == WHO


def test_landed_without_evidence_comes_back_with_its_reason(office: Office, chrome: Browser) -> None:
    project_id = office.new_project()
    ask = office.visit_asked(project_id)
    page = open_page(chrome)
    address = office.api.removesuffix("/api")
    dialog = open_form(page, address, ask.flow_run_id, "表单编号")
    dialog.get_by_label("回访日期").fill(str(today()))
    dialog.get_by_label("进展情况").fill("已经开工")
    dialog.get_by_label("填报人").fill(WHO)
    choose(page, dialog, "办理结果", VisitOutcome.LANDED.label)
    dialog.get_by_role("button", name="Resume", exact=True).click()
    expect(dialog).to_be_hidden()

    again = office.visit_asked(project_id, ask)
    dialog = open_form(page, address, again.flow_run_id, "表单编号")
    for known in ("公司注册", "开工", WHO, ask.form_no):
        expect(dialog).to_contain_text(known)
    assert office.visits(project_id) == []


def test_a_leader_promises_a_date_in_chinese(office: Office, chrome: Browser) -> None:
    project_id, item_id = office.stall(working_day(-2))
    office.sweep(working_day(0))
    project, ask = office.project(project_id), office.raised_asked(item_id)
    page = open_page(chrome)
    dialog = open_form(page, office.api.removesuffix("/api"), ask.flow_run_id, "表单编号")

    for known in (
        project.code,
        "用地指标缺口60亩",
        LEADER,
        written(working_day(1)),
        written(working_day(3)),
        "签收期限",
    ):
        expect(dialog).to_contain_text(known)
    text = dialog.inner_text()
    own_words = text.replace(ask.form_no, "").replace(project.code, "")
    assert words_of_another_language(own_words) <= PREFECTS_OWN
    see_it_waits(open_page(chrome), office.api.removesuffix("/api"), project.code)

    choose(page, dialog, "答复", LeaderAnswer.PROMISE.label)
    dialog.get_by_label("内容").fill("月底前完成供地")
    dialog.get_by_label("填报人").fill(LEADER)
    dialog.get_by_role("button", name="Resume", exact=True).click()
    expect(dialog).to_be_hidden()

    office.raised_asked(item_id, ask)
    (item,) = office.items(project_id, ItemKind.BLOCKER)
    assert (item.promised_on, item.round) == (working_day(5), 2)
    assert office.verdicts(ESCALATION, item_id) == [Verdict.APPLIED, None]


def see_it_waits(page: Page, address: str, code: str) -> None:
    """The addresses of what waits show it, for leaders too, but not for the inspection office."""
    with temporary_settings({PREFECT_UI_URL: address}):
        lists = dict(waiting_lists())
    for title, count in {
        "全部待办": 2,
        "待分包领导办理": 1,
        "待督查室办理": 0,
    }.items():  # the unit's form, the leader's
        page.goto(lists[title])
        expect(page.get_by_text("All time")).to_be_visible()  # of any age
        expect(page.get_by_text(re.compile(r"^\d+ Flow runs?$"))).to_be_visible()
        expect(page.get_by_role("link", name=re.compile(f"{code}.*土地"))).to_have_count(count)
    page.close()


def test_a_form_that_lacks_something_starts_a_run_that_says_what(office: Office, chrome: Browser) -> None:
    page = open_page(chrome)
    open_start(page, office.api.removesuffix("/api"), "record-fact")
    page.get_by_role("button", name="Submit").click()
    page.get_by_role("button", name="View run").click()
    page.get_by_role("tab", name="Details").click()
    expect(page.get_by_text("未执行：项目编号 必须填写。请改正后重新启动。")).to_be_visible(timeout=60_000)


def test_the_ladders_numbers_open_prefilled_and_a_wrong_one_is_shown_at_its_field(
    office: Office, chrome: Browser
) -> None:
    with office.client():
        offer_choices()
    page = open_page(chrome)
    form = open_start(page, office.api.removesuffix("/api"), "ladder-policy")
    expect(form.get_by_label("到期前提醒：提前工作日数")).to_have_value("3")
    assert words_of_another_language(form.inner_text()) <= PREFECTS_OWN | STARTS
    form.get_by_label("填报人").fill(WHO)
    field = form.get_by_label("逾期提醒：逾期后第几个工作日")
    field.fill("900")
    page.get_by_role("button", name="Submit").click()
    expect(field).to_be_focused()
    assert "250" in field.evaluate("input => input.validationMessage")
    field.fill("1")
    before = {run["id"] for run in office.runs("ladder-policy")}
    page.get_by_role("button", name="Submit").click()
    started = wait_for(lambda: {run["id"] for run in office.runs("ladder-policy")} - before, "the run")
    run = office.finished(started.pop())
    assert (run["state_type"], run["parameters"]["numbers"]["reminder_after"]) == ("COMPLETED", 1)
    assert "（所有事项）" in office.artifact("ladder-policy")
