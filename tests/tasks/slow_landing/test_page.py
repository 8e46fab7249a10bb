"""The slow landing analysis as a page and as a workbook: both say what was found, neither more nor
less.
"""

from dataclasses import replace
from datetime import date

import pytest
from openpyxl import load_workbook

from models.campaigns.campaign import Campaign
from models.campaigns.slow_landing import Hands, SlowRule
from models.escalation.calendar import official_calendar
from models.i18n import gettext
from models.ledger.facts import FoundBlocker
from models.ledger.project import Project
from models.words import BlockerCategory
from support.ledgers.city import random_city
from support.ledgers.happenings import random_happenings
from tasks.database import snapshot, transaction
from tasks.items.blockers import open_blocker
from tasks.ledger.locks import lock_project
from tasks.slow_landing.analysis import slow_landing
from tasks.slow_landing.page import page
from tasks.slow_landing.workbook import write_slow_landing

CALENDAR = official_calendar(2013, 2013)
OCTOBER = date(2013, 10, 15)


def analyse(session, **settings):
    return slow_landing(session, session.get_one(Campaign, 1), OCTOBER, **settings)


@pytest.fixture
def blocked(project):
    found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标|未落实", "统筹调剂指标", date(2013, 11, 29))
    with transaction("测试") as session:
        open_blocker(session, lock_project(session, project), found, date(2013, 6, 3))


@pytest.mark.usefixtures("blocked")
def test_the_page_says_by_which_rule_a_project_is_slow_and_what_holds_it():
    with snapshot() as session:
        text = page(analyse(session), "清丰县")
    assert text.startswith(
        "# 落地慢项目分析（截至2013年10月15日）\n\n清丰县\n\n“常态”所涉项目共1个，其中在推进的1个；落地慢的1个"
    )
    assert "在2013年4月15日之前签约。已落地的项目只有0个" in text
    signed, blocked = (CALENDAR.elapsed(day, OCTOBER) for day in (date(2013, 3, 1), date(2013, 6, 3)))
    for name, days in (("首次回访", signed), (Hands.OWNER.label, signed), ("土地", blocked), ("市国土资源局", blocked)):
        assert f"| {name} | 1 | {days} | {days}.0 | 1 |" in text
    assert f"| 清丰县 · 清丰县分包领导 | {signed}；首次回访{signed}（自2013年3月1日，尚未完成） |" in text
    assert r"| 土地（自2013年6月3日）：用地指标\|未落实 | 市国土资源局 | 统筹调剂指标；2013年11月29日 |" in text


@pytest.mark.parametrize(("signed_on", "says_so"), [(date(2000, 12, 29), True), (date(2001, 1, 1), False)], ids=str)
def test_page_and_workbook_say_that_days_before_the_first_official_list_are_weekdays(
    project, tmp_path, signed_on, says_so
):
    with transaction("测试") as session:
        session.get_one(Project, project).signed_on = signed_on
    path = tmp_path / "slow.xlsx"
    with snapshot() as session:
        found = analyse(session)
        write_slow_landing(session, found, path)
    note = "2001年以前没有公布放假调休安排，工作日按周一至周五计算。"
    assert (note in page(found)) is says_so
    assert all((note in str(sheet["A2"].value)) is says_so for sheet in load_workbook(path).worksheets)


@pytest.mark.usefixtures("ledger")
def test_where_nothing_is_slow_the_page_says_so_and_no_more():
    with snapshot() as session:
        text = page(analyse(session))
    assert "落地慢的0个" in text
    assert "|" not in text


@pytest.mark.usefixtures("ledger")
def test_a_long_list_is_cut_and_says_so_and_the_workbook_holds_all_of_it(tmp_path):
    random_happenings(random_city(0, 60))
    path = tmp_path / "slow.xlsx"
    with snapshot() as session:
        found = analyse(session, shown=4, rule=SlowRule(fewest=2))
        write_slow_landing(session, found, path, "濮阳县")
        whole = analyse(session, shown=10**6, rule=SlowRule(fewest=2))
    assert page(found).endswith(f"共{len(found.cohort.ids)}项，仅列前4项。")
    book = load_workbook(path)
    rows = list(book.worksheets[0].iter_rows(min_row=3, values_only=True))
    heads, lines = rows[0], rows[1:]
    assert [line[heads.index("项目编号")] for line in lines] == [each.code for each in whole.projects]
    leaders = heads.index(gettext("Responsible leader"))
    assert [line[leaders] or "" for line in lines] == [each.leader for each in whole.projects]
    first, days = heads.index("至首次回访"), heads.index(gettext("Working days"))
    assert all(sum(filter(None, line[first : first + 8])) == line[days] for line in lines)
    assert all(sum(filter(None, line[first + 8 : first + 12])) == line[days] for line in lines)
    assert "濮阳县" in book.worksheets[0]["A2"].value
    assert [sheet.title for sheet in book.worksheets[1:]] == [
        "按环节（自签约起）",
        "按办理层级",
        "按问题类别",
        "未解决的问题由谁解决",
    ]
    by_hands = list(book["按办理层级"].iter_rows(min_row=4, max_col=3, values_only=True))
    assert {name: total for name, _count, total in by_hands if total} == {
        hands.label: spent.total for hands, spent in found.by_hands.items() if spent.total
    }


def test_a_workbook_of_nothing_can_be_written(ledger, tmp_path):
    with snapshot() as session:
        found = analyse(session)
        write_slow_landing(session, replace(found, campaign=""), tmp_path / "slow.xlsx")
    assert load_workbook(tmp_path / "slow.xlsx").worksheets[0].max_row == 3
