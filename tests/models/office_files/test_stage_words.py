"""A word of status is an end, a stop, a milestone or nothing new; an unknown one is named."""

from datetime import date

import pytest

from models.i18n import LOCALES, use_locale
from models.i18n import gettext as _
from models.office_files.rows import LedgerRow
from models.office_files.sheets.sheet import Cell
from models.office_files.vocabulary import ALONE, HOLDS
from models.office_files.words.standing import OVER
from models.words import Clock, MilestoneKind, VisitOutcome
from support.ledgers.read_table import named, read_column, read_table, typed_rows

pytestmark = pytest.mark.usefixtures("in_english")


def read(cell: Cell, header: str = "项目状态") -> LedgerRow:
    lines = read_column(header, cell)
    assert named(lines) == []
    (row,) = typed_rows(lines)
    return row


@pytest.mark.parametrize("header", ["项目状态", "落地情况", "是否落地", "建设阶段", "项目阶段", "当前状态"])
@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        *[(word, VisitOutcome.TERMINATED) for word in ("已取消", "已撤销", "终止", "已终止", "解除合同", "项目已取消")],
        *[(word, VisitOutcome.TERMINATED) for word in ("不再合作", "正式终止", "处于终止状态")],
        *[(word, VisitOutcome.LOST) for word in ("撤资", "已撤资", "流失", "转移外地", "投资方撤资")],
        *[(word, VisitOutcome.LANDED) for word in ("已落地", "落地", "是", "√", "Yes", True)],
    ],
)
def test_a_word_of_an_end_ends_the_project(header, cell, outcome):
    assert read(cell, header).claim is outcome


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "停工",
            "已停工",
            "暂停",
            "停滞",
            "缓建",
            "已中止",
            "搁置",
            "暂停推进",
            "项目停工",
            "停工中",
            "目前处于停工状态",
        ),
        *("停产整顿", "已停业", "正在停工"),
    ],
)
def test_a_word_of_a_stop_puts_the_project_on_hold(cell):
    row = read(cell)
    assert (row.clock, row.claim, row.extra) == (Clock.HOLD, None, {})


@pytest.mark.parametrize("cell", ["已复工", "复工", "恢复施工", "已重启"])
def test_a_word_of_going_on_ends_the_stop(cell):
    assert read(cell).clock is Clock.RESUME


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        *[(word, "construction_started") for word in ("已开工", "在建", "建设中", "正在施工", "主体施工", "开工建设")],
        *[(word, "completed") for word in ("已竣工", "竣工", "已建成")],
        *[(word, "in_production") for word in ("已投产", "试生产", "建成投产", "投产达效")],
        *[(word, "at_capacity") for word in ("达产", "已达产")],
        ("已注册", "registered"),
        *[(word, "construction_started") for word in ("部分开工", "新开工", "基本建成", "主体完工", "部分投产")],
        ("试投产", "in_production"),
    ],
)
def test_a_word_of_a_milestone_says_that_it_is_reached_and_is_kept(cell, kind):
    row = read(cell, "建设阶段")
    assert (row.reached, row.claim, row.extra) == (MilestoneKind(kind), None, {"建设阶段": cell})


@pytest.mark.parametrize(
    ("cell", "reason", "ended_on"),
    [
        ("终止（投资方资金链断裂）", "投资方资金链断裂", None),
        ("已取消：土地未批", "土地未批", None),
        ("停工，资金链断裂，等待重组", "资金链断裂，等待重组", None),
        ("终止（2013年5月2日）", "", date(2013, 5, 2)),
    ],
)
def test_why_or_when_stands_behind_the_word(cell, reason, ended_on):
    row = read(cell)
    assert (row.exit_reason, row.ended_on) == (reason, ended_on)


def test_the_day_behind_the_word_is_the_milestones():
    row = read("已开工（2013年5月2日）")
    assert [(cells.kind, cells.done_on) for cells in row.milestones] == [
        (MilestoneKind.CONSTRUCTION_STARTED, date(2013, 5, 2))
    ]


@pytest.mark.parametrize(
    "cell",
    [
        "履约",
        "已退出",
        "已履约",
        "落地开工",
        "二期",
        "40%",
        "项目因资金问题已停工",
        "推进中，后已停工",
        "经协商拟终止合作，正在办理手续",
        *("已投产（停产）", "在建，主体停摆", "因资金放弃", "原协议作废，重新洽谈", "不再推进一期，转向二期"),
        *("正在终止", "正在解除合同", "撤资中", "终止阶段", "正在清退（资金问题）", "拟终止", "即将停工", "计划撤资"),
        *("退出", "关停", "已破产", "投资方破产，正在寻找新的投资方", "项目烂尾"),
    ],
)
def test_a_word_that_is_unknown_or_grave_within_a_sentence_is_named(cell):
    lines = read_column("项目状态", cell)
    assert len(named(lines)) == 1
    (row,) = typed_rows(lines)
    assert (row.claim, row.clock, row.reached) == (None, None, None)


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "未开工",
            "尚未投产",
            "拟建",
            "未履约",
            "前期手续",
            "手续办理中",
            "已完成主体工程，正在进行设备安装",
            "未停工",
        ),
        *("前期阶段", "处于前期阶段", "前期工作阶段", "已签约未开工", "签约未落地", "尚未终止"),
        "土地已解除抵押，正在办理手续",
    ],
)
def test_what_only_goes_on_is_kept_and_changes_nothing(cell):
    row = read(cell)
    assert (row.claim, row.reached, row.extra) == (None, None, {"项目状态": cell})
    assert row.clock in (None, Clock.KEEP)


@pytest.mark.parametrize(
    "cell", ["已签约", "推进中", "跟进中", "否", "未落地", "Signed", "In follow-up", "×", "No", False]
)
def test_what_the_ledger_has_by_itself_is_not_kept(cell):
    row = read(cell)
    assert (row.claim, row.reached, row.extra) == (None, None, {})


def test_a_reason_without_a_stop_or_an_end_is_kept():
    head = ["项目编号", "项目名称", "责任单位", "项目状态", "终止原因"]
    lines = read_table(head, ["PY-1", "甲", "清丰县", "停工", "资金"], ["PY-2", "乙", "清丰县", "推进中", "资金"])
    first, second = typed_rows(lines)
    assert (first.exit_reason, first.extra, second.extra) == ("资金", {}, {"终止原因": "资金"})


@pytest.mark.parametrize("word", ["退出", "破产"])
def test_what_may_be_an_end_or_a_stop_asks_which(word):
    (fault,) = read_column("项目状态", f"已{word}").problems
    assert "终止, 撤资 or 停工" in fault.reason
    assert read(f"终止（{word}）").exit_reason == word


@pytest.mark.parametrize("word", sorted(OVER | HOLDS - {"paused"}))
def test_a_word_of_an_end_or_a_stop_is_named_within_a_sentence_unless_it_means_something_else_there(word):
    text = f"一期 {word} 之后,二期仍在办理各项前期手续"
    lines = read_column("项目状态", text)
    assert len(named(lines)) == (word not in ALONE)


@pytest.mark.parametrize(
    ("text", "stop"),
    [
        *[
            (text, Clock.HOLD)
            for text in ("停工", "已停工。", "目前处于停工状态", "停工（资金未到位）", "停工，等待资金")
        ],
        *[(text, VisitOutcome.TERMINATED) for text in ("已终止合作", "终止：土地未批", "项目已取消", "項目已終止")],
        ("已撤资", VisitOutcome.LOST),
        ("已破产", VisitOutcome.TERMINATED),
        *[(text, Clock.HOLD) for text in ("Stopped", "On hold: no funds")],
        *[
            (text, None)
            for text in ("正在施工", "未停工", "已复工", "因暴雨停工两天", "正在商谈终止合作事宜", "拟停工检修", "")
        ],
        *[(text, None) for text in ("主体完工，附属设施停工", "已投产")],
    ],
)
def test_progress_that_speaks_of_nothing_but_an_end_or_a_stop_is_noticed(text, stop):
    (row,) = typed_rows(read_column("进展情况", text))
    assert row.stop is stop


@pytest.mark.parametrize("locale", LOCALES)
def test_the_words_that_the_template_offers_are_understood(locale):
    with use_locale(locale):
        stopped, resumed = read(_("Stopped")), read(_("Resumed"))
    assert (stopped.clock, resumed.clock) == (Clock.HOLD, Clock.RESUME)
