"""Every column of every workbook holds what its header says, of a ledger in which each value is
another one. Sheets are read whole: cells that moved one column on are seen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from models.bulletin.figures import (
    AgendaItem,
    Beginning,
    Concern,
    Counts,
    Drive,
    Figures,
    Goal,
    Gone,
    Issue,
    Share,
    Slow,
    Steps,
    StepsFired,
    Sum,
    UnitLine,
)
from models.campaigns.campaign import Campaign
from models.campaigns.clock import CampaignClock
from models.campaigns.rates import Rate
from models.campaigns.slow_landing import Spent
from models.escalation.calendar import official_calendar
from models.words import BlockerCategory, Currency, ItemKind, MilestoneKind, Step, TargetMeasure, UnitKind
from support.ledgers import distinct
from support.ledgers.distinct import REACHED
from support.ledgers.spare import SpareLedgers
from tasks.bulletin.issue import Issued
from tasks.bulletin.workbook import write_book as write_bulletin
from tasks.database import snapshot
from tasks.documents.excel import writing
from tasks.documents.excel_tables import SheetWriter
from tasks.documents.table import Column, Table
from tasks.exports.official_ledger import write_ledger
from tasks.imports.reader import read_ledger
from tasks.imports.rejects import write_rejects
from tasks.ledger.selection import EVERYTHING
from tasks.revisits.report import report_of
from tasks.revisits.workbook import write_book as write_revisits
from tasks.slow_landing.analysis import slow_landing
from tasks.slow_landing.workbook import write_slow_landing

CALENDAR = official_calendar(2013, 2013)
SLOW, AS_OF = date(2013, 10, 15), date(2013, 8, 14)
Cells = Mapping[str, object]


@pytest.fixture(scope="module")
def lived_through(ledgers: SpareLedgers) -> Iterator[str]:
    with ledgers.filled(distinct.fill) as (name, _nothing):
        yield name


@pytest.fixture
def ledger(ledgers: SpareLedgers, lived_through: str) -> Iterator[str]:
    with ledgers.copied(lived_through) as url:
        yield url


def plain(value: object) -> object:
    """A cell's value as Python has it: whole numbers as such, days as days, headers in one line."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def table(sheet: Worksheet, header_row: int = 3) -> list[dict[str, object]]:
    """The rows below a header by its texts, in the order of the columns, up to an empty row."""
    header, *lines = list(sheet.iter_rows(min_row=header_row, values_only=True))
    heads = [str(head).replace("\n", "") for head in header if head is not None]
    assert len(set(heads)) == len(heads), "two columns are called alike"
    rows: list[dict[str, object]] = []
    for line in lines:
        if not any(cell is not None for cell in line):
            break
        rows.append(dict(zip(heads, map(plain, line), strict=False)))
    return rows


def agree(found: Sequence[Cells], *wanted: Cells) -> None:
    """The same columns in the same order, the same cells; in the first row no value comes twice."""
    assert [list(row.items()) for row in found] == [list(row.items()) for row in wanted]
    values = [value for value in wanted[0].values() if value is not None]
    assert len(set(map(str, values))) == len(values), "a swapped column would not be seen"


def worked(first: date, last: date) -> int:
    return CALENDAR.elapsed(first, last)


def book_of(path: Path) -> Workbook:
    return load_workbook(path)


SIGNED, VISITED, OTHER = date(2013, 3, 1), date(2013, 6, 17), date(2013, 3, 5)
WITH_LEADER, WITH_OFFICE = (date(2013, 6, 18), date(2013, 6, 21)), (date(2013, 7, 1), date(2013, 7, 5))
HELD = (date(2013, 7, 22), date(2013, 7, 29))
ALL_DAYS, OTHERS = worked(SIGNED, SLOW), worked(OTHER, SLOW)
BY_OFFICER = ALL_DAYS - sum(worked(*span) for span in (WITH_LEADER, WITH_OFFICE, HELD))


def of_the_project_that_is_slow() -> Cells:
    registered, filed, land, completed, produced, full = REACHED.values()
    return {
        "序号": 1,
        "项目编号": "PY-1",
        "项目": "家具产业园",
        "责任单位": "清丰县",
        "分包人员": "赵专员",
        "分包领导": "钱县长",
        "签约日期": SIGNED,
        "工作日": ALL_DAYS,
        "目前卡在": "开工",
        "该环节起始日": full,
        "至首次回访": worked(completed, VISITED),
        "至公司注册": worked(SIGNED, registered),
        "至项目备案": worked(registered, filed),
        "至土地款缴清": worked(filed, land),
        "至开工": worked(full, SLOW),
        "至竣工": worked(land, completed),
        "至投产": worked(VISITED, produced),
        "至达产": worked(produced, full),
        "在分包人员处": BY_OFFICER,
        "在分包领导处": worked(*WITH_LEADER),
        "在督查室处": worked(*WITH_OFFICE),
        "暂停计时": worked(*HELD),
        "制约问题": "土地（自2013年5月13日）：用地指标未落实",
        "由谁解决": "市国土资源局",
        "拟采取的解决办法": "统筹调剂",
        "时间节点": date(2013, 6, 14),
    }


def of_the_project_nobody_visited() -> Cells:
    nothing: dict[str, object] = dict.fromkeys(
        ("至公司注册", "至项目备案", "至土地款缴清", "至开工", "至竣工", "至投产", "至达产")
    )
    return {
        "序号": 2,
        "项目编号": "PY-2",
        "项目": "食品城",
        "责任单位": "南乐县",
        "分包人员": "孙专员",
        "分包领导": "李县长",
        "签约日期": OTHER,
        "工作日": OTHERS,
        "目前卡在": "首次回访",
        "该环节起始日": OTHER,
        "至首次回访": OTHERS,
        **nothing,
        "在分包人员处": OTHERS,
        "在分包领导处": 0,
        "在督查室处": 0,
        "暂停计时": 0,
        "制约问题": None,
        "由谁解决": "南乐县",
        "拟采取的解决办法": None,
        "时间节点": date(2013, 6, 24),
    }


def where_the_days_went() -> Sequence[tuple[str, str, tuple[object, ...]]]:
    """A sheet, its columns, and a row of it."""
    completed = REACHED[MilestoneKind.COMPLETED]
    first_visit, by_officers = OTHERS + worked(completed, VISITED), BY_OFFICER + OTHERS
    with_leaders, land_days = worked(*WITH_LEADER), worked(date(2013, 5, 13), SLOW)
    return (
        (
            "按环节（自签约起）",
            "环节（至） 项目数 工作日 平均工作日 目前滞留",
            ("首次回访", 2, first_visit, first_visit / 2, 1),
        ),
        (
            "按办理层级",
            "办理层级 项目数 工作日 平均工作日 目前在办",
            ("在分包人员处", 2, by_officers, by_officers / 2, 2),
        ),
        (
            "按办理层级",
            "办理层级 项目数 工作日 平均工作日 目前在办",
            ("在分包领导处", 1, with_leaders, with_leaders, 0),
        ),
        ("按问题类别", "问题类别 制约问题 工作日 平均工作日 目前未解决", ("土地", 1, land_days, land_days, 1)),
        (
            "未解决的问题由谁解决",
            "解决单位 制约问题 工作日 平均工作日 目前未解决",
            ("市国土资源局", 1, land_days, land_days, 1),
        ),
    )


@pytest.mark.usefixtures("ledger")
def test_every_column_of_the_slow_landing_workbook_holds_what_its_header_says(tmp_path):
    path = tmp_path / "slow.xlsx"
    with snapshot() as session:
        write_slow_landing(session, slow_landing(session, session.get_one(Campaign, 1), SLOW), path)
    book = book_of(path)
    agree(table(book["落地慢项目清单"]), of_the_project_that_is_slow(), of_the_project_nobody_visited())
    for title, heads, row in where_the_days_went():
        assert dict(zip(heads.split(), row, strict=True)) in table(book[title])


VISIT: Cells = {
    "序号": 1,
    "项目编号": "PY-1",
    "项目或投资方": "家具产业园",
    "单位": "清丰县",
    "分包人员": "赵专员",
    "分包领导": "钱县长",
    "时间节点": date(2013, 6, 21),
    "回访日期": date(2013, 6, 17),
    "办理结果": "继续跟进",
    "最新进展": "主体在建",
    "填报日期": date(2013, 6, 17),
    "填报人": "吴主任",
    "状态": "已办结",
}
UNSOLVED: Cells = {
    "序号": 1,
    "项目编号": "PY-1",
    "项目名称": "家具产业园",
    "责任单位": "清丰县",
    "问题类别": "土地",
    "解决单位": "市国土资源局",
    "问题描述": "用地指标未落实",
    "拟采取的解决办法": "统筹调剂",
    "列入日期": date(2013, 5, 13),
    "已有天数": (AS_OF - date(2013, 5, 13)).days,
    "时间节点": date(2013, 6, 14),
    "未解决的原因": "最近答复：答复7",
    "督办到哪一级": "提请督查室督办",
}
SOLVED: Cells = {
    "序号": 1,
    "项目编号": "PY-2",
    "项目名称": "食品城",
    "责任单位": "南乐县",
    "问题类别": "环评",
    "解决单位": "市环保局",
    "问题描述": "环评未批",
    "解决情况": "环评已批复",
    "列入日期": date(2013, 6, 5),
    "时间节点": date(2013, 7, 5),
    "解决日期": date(2013, 7, 2),
    "用时（天）": 27,
}
UNREPORTED: Cells = {
    "序号": 1,
    "项目编号": "PY-2",
    "项目或投资方": "食品城",
    "单位": "南乐县",
    "分包人员": "孙专员",
    "分包领导": "李县长",
    "时间节点": date(2013, 6, 24),
    "逾期工作日": worked(date(2013, 6, 24), AS_OF),
    "督办到哪一级": None,
}
SUMMED_UP: Sequence[list[object]] = (
    ["开展日期", "2013年6月3日"],
    ["回访期限", "2013年8月30日"],
    ["招商小分队", "闽东南小分队"],
    ["无人填报的回访", "3"],
    ["活动期间问题解决率", "50.0%（1/2）"],
    ["其中按期解决", "100.0%（1/1）"],
    ["责任单位", "项目回访率", "投资方回访率"],
    ["清丰县", "100.0%（1/1）", "0.0%（0/1）"],
    ["未解决的问题：按类别", "数量", "逾期未办结", "平均天数"],
    ["土地", 1, 1, "93.0"],
    ["市国土资源局", 1, 1, "93.0"],
)


@pytest.mark.usefixtures("ledger")
def test_every_column_of_a_revisit_campaigns_workbook_holds_what_its_header_says(tmp_path):
    path = tmp_path / "revisit.xlsx"
    with snapshot() as session:
        write_revisits(report_of(session, distinct.CAMPAIGN, AS_OF), path)
    book = book_of(path)
    first, second = table(book["项目回访"])
    assert list(first.items()) == list(VISIT.items())
    of_second: Cells = {"项目编号": "PY-2", "分包人员": "孙专员", "分包领导": "李县长", "时间节点": date(2013, 6, 24)}
    assert of_second.items() <= second.items()
    assert (second["回访日期"], second["填报日期"], second["状态"]) == (None, date(2013, 7, 2), "推进中")
    investor = {key: value for key, value in VISIT.items() if key != "项目编号"}
    unmade = dict.fromkeys(("回访日期", "办理结果", "最新进展", "填报日期", "填报人"))
    agree(
        table(book["投资方回访"])[:1],
        investor | {"项目或投资方": "闽兴家居", "时间节点": distinct.REVISIT_DUE, "状态": "推进中"} | unmade,
    )
    agree(table(book["未解决的问题"]), UNSOLVED)
    agree(table(book["活动期间解决的问题"]), SOLVED)
    agree(table(book["无人填报的回访"])[:1], UNREPORTED)
    summary = [[plain(cell) for cell in row if cell is not None] for row in book["汇总"].iter_rows(values_only=True)]
    for row in SUMMED_UP:
        assert row in summary


PROJECT: Cells = {
    "序号": 1,
    "项目编号": "PY-1",
    "项目名称": "家具产业园",
    "责任单位": "清丰县、市商务局",
    "产业大类": "家具",
    "投资方": "闽兴家居",
    "总投资（万元）": 12345,
    "签约日期": date(2013, 3, 1),
    "项目分包人员": "赵专员",
    "分包领导": "钱县长",
    "项目状态": "跟进中",
    "红黄绿灯（自动）": "红灯",
    "逾期事项（自动）": "制约问题，2013年6月14日到期",
    "进展情况": "主体在建",
    "存在的主要问题": "用地指标未落实",
    "问题类别": "土地",
    "拟采取的解决办法": "统筹调剂",
    "解决单位": "市国土资源局",
    "时间节点": date(2013, 6, 14),
    "下次回访时间": date(2013, 9, 22),
    "投资方注册地": "泉州",
    "招商小分队": "闽东南小分队",
    "中小企业": "是",
    "招商活动": "厦门洽谈会",
    "落地日期（自动）": None,
    "终止原因": None,
    "终止日期": None,
}
MILESTONES = ("注册", "备案", "供地", "开工", "竣工", "投产", "达产")
OF_A_UNIT = [
    "序号",
    "项目编号",
    "项目名称",
    "产业大类",
    "投资方",
    "总投资（万元）",
    "签约日期",
    "项目分包人员",
    "分包领导",
    "项目状态",
    "红黄绿灯（自动）",
    "逾期事项（自动）",
    "进展情况",
    "存在的主要问题",
    "下次回访时间",
]


TOTALS = [
    "项目数",
    "推进中",
    "已落地",
    "已退出",
    "总投资（万元）",
    "总投资（万美元）",
    "落地数/签约数",
    "落地率",
    "红灯",
    "黄灯",
    "绿灯",
]
LINES: Mapping[str, tuple[object, ...]] = {
    "责任单位": ("南乐县", 3, 1, 1, 1, 1200, 6780, "1/3", 1 / 3, 0, 1, 0),
    "产业大类": ("家具", 1, 1, 0, 0, 12345, 0, "0/1", 0, 1, 0, 0),
    "项目阶段": ("已退出", 1, 0, 0, 1, 500, 0, "0/1", 0, 0, 0, 0),
}


def project_with_milestones() -> Cells:
    project = dict(PROJECT)
    for number, (verb, kind) in enumerate(zip(MILESTONES, MilestoneKind, strict=True), start=1):
        project[f"预计{verb}时间"] = date(2013, 9, number)
        project[f"{verb}时间"] = REACHED.get(kind)
        project[f"{verb}佐证材料"] = f"{kind.label}的佐证" if kind in REACHED else None
    return project | {
        "增资额（万元）": 2100,
        "增资日期": date(2013, 4, 24),
        "增资佐证材料": "增资的凭证",
        "到位资金（万元）": 3200,
        "资金到位日期": date(2013, 4, 25),
        "资金到位佐证材料": "资金到位的凭证",
        "佐证材料": None,
        "申请用地": "87亩",
    }


def check_registers(book: Workbook) -> None:
    registers = {title: table(book[title]) for title in ("单位", "人员", "小分队")}
    assert {"序号": 3, "名称": "市国土资源局", "类型": "局委", "别名": "国土局"} in registers["单位"]
    leader = {
        "序号": 2,
        "姓名": "钱县长",
        "角色": "分包领导",
        "单位": "清丰县",
        "通知渠道": "短信网关",
        "联系单位": None,
    }
    assert leader in registers["人员"]
    inspector = {"姓名": "周科长", "角色": "督查人员", "单位": "市政府督查室", "通知渠道": None, "联系单位": "清丰县"}
    assert inspector | {"序号": 5} in registers["人员"]
    assert registers["小分队"] == [{"序号": 1, "名称": "闽东南小分队"}]


def check_totals(summary: Worksheet) -> None:
    heads = {str(row[0].value): row[0].row for row in summary.iter_rows(max_col=1)}
    for name, line in LINES.items():
        assert dict(zip([name, *TOTALS], line, strict=True)) in table(summary, heads[name])
        assert tuple(table(summary, heads[name])[-1].values()) == (
            *("合计", 4, 2, 1, 1, 13545, 6780, "1/4", 0.25, 1, 1, 0),
        )


@pytest.mark.usefixtures("ledger")
def test_every_column_of_the_official_ledger_holds_what_its_header_says(tmp_path):
    path = tmp_path / "ledger.xlsx"
    with snapshot() as session:
        write_ledger(session, EVERYTHING, path, AS_OF)
    book = book_of(path)
    project = project_with_milestones()
    first, second, exited, landed = table(book["台账"])
    agree([first], project)
    assert {
        "总投资（万元）": "6780万美元",
        "签约日期": date(2013, 3, 5),
        "进展情况": "问题已解决：环评未批。环评已批复",
    }.items() <= second.items()
    ended: Cells = {"终止原因": "资金链断裂", "终止日期": date(2013, 5, 28), "落地日期（自动）": None}
    assert ended.items() <= exited.items()
    assert (exited["项目状态"], landed["项目状态"]) == ("投资方撤资", "已落地")
    ended = {"终止原因": None, "终止日期": None, "落地日期（自动）": date(2013, 5, 29)}
    assert ended.items() <= landed.items()
    agree(table(book["清丰县"]), {head: project[head] for head in OF_A_UNIT})
    check_registers(book)
    check_totals(book["汇总"])


def figures() -> Figures:
    """A week's figures in which every number, name and day is another one."""
    number = iter(range(101, 400))

    def counts() -> Counts:
        return Counts(
            signed=next(number),
            contracted=(Sum(Currency.CNY, Decimal(next(number) * 10**8)),),
            increases=next(number),
            increased=(Sum(Currency.CNY, Decimal(next(number) * 10**8)),),
            visits=next(number),
            blockers_opened=next(number),
            blockers_resolved=next(number),
            started=next(number),
            completed=next(number),
            landed=next(number),
            exited=next(number),
            escalated=(StepsFired(Step.LEADER, next(number)),),
        )

    matter = AgendaItem(
        kind=ItemKind.BLOCKER,
        category=BlockerCategory.LAND,
        milestone=None,
        text="用地指标未落实",
        code="PY-1",
        project="家具产业园",
        unit="市国土资源局",
        owner="赵专员",
        leader="钱县长",
        due_on=date(2013, 6, 14),
    )
    due = replace(matter, kind=ItemKind.MILESTONE, category=None, milestone=MilestoneKind.FILED, code="PY-2")
    due = replace(due, project="食品城", unit="南乐县", owner="孙专员", due_on=date(2013, 6, 26))
    clock = CampaignClock(date(2013, 6, 9), date(2013, 9, 16), date(2013, 6, 23), 69, 8)
    county = UnitLine(
        "清丰县", UnitKind.COUNTY, 1, Rate(3, 7), Steps(11, 12, 13, 14), Steps(21, 22, 23, 24), 31, 32, 33, 34
    )
    return Figures(
        week_from=date(2013, 6, 17),
        week_until=date(2013, 6, 23),
        issued_on=date(2013, 6, 24),
        issuers=("市政府督查室",),
        drive=Drive(1, "百日攻坚", date(2013, 6, 9), date(2013, 9, 16), None, None, (MilestoneKind.FILED,), clock),
        week=counts(),
        before=counts(),
        year=counts(),
        campaign=counts(),
        cohort=Rate(3, 7),
        units=(county,),
        targets=(Goal("签约目标", TargetMeasure.SIGNED, Decimal(50), (Share("", 4, 4),), (Share("钱县长", 4, 4),)),),
        slow=Slow(
            open=41,
            behind=42,
            without_blocker=43,
            steps=(Gone("filed", Spent(51, 5200, 53)),),
            hands=(Gone("leader", Spent(61, 6200, 63)),),
            categories=(Gone("land", Spent(71, 7200, 73)),),
        ),
        work=Beginning(1, (due,)),
        agenda=Beginning(1, (Issue(Concern.AT_OFFICE, matter, "统筹调剂", date(2013, 6, 20), 5, 2013, 41),)),
    )


IN_A_WEEK = {
    "签约项目数": "signed",
    "增资次数": "increases",
    "回访次数": "visits",
    "新增制约问题": "blockers_opened",
    "解决制约问题": "blockers_resolved",
    "新开工项目": "started",
    "竣工": "completed",
    "落地项目数": "landed",
    "终止或流失项目": "exited",
}
PERIODS = ("本周", "上周", "增减", "今年以来", "活动以来")
DAYS = ("2013年6月26日", "2013年6月14日")
FIRST_ROWS: dict[str, Sequence[tuple[str, object]]] = {
    "目标完成情况": [
        ("目标", "签约目标"),
        ("目标值", "50个"),
        ("完成情况", "4个"),
        ("完成比例", "8.0%"),
        ("与时间进度相比", "落后时间进度7.0个百分点"),
        ("落后县（区）；各领导完成情况", "钱县长4个"),
    ],
    "县（区）排名": [
        ("名次", 1),
        ("县区", "清丰县"),
        ("落地率（落地/签约）", "42.9%（3/7）"),
        ("在推项目", 31),
        ("红灯", 32),
        ("黄灯", 33),
        ("绿灯", 34),
    ],
    "各县（区）进展情况": [
        ("县（区）、单位", "清丰县"),
        ("签约（本周/今年）", "11 / 21"),
        ("开工（本周/今年）", "12 / 22"),
        ("竣工（本周/今年）", "13 / 23"),
        ("落地（本周/今年）", "14 / 24"),
    ],
    "落地慢项目分析": [
        ("时间耗在何处", "环节"),
        ("环节、责任方或问题", "项目备案"),
        ("项（次）数", 51),
        ("合计工作日", 5200),
        ("平均工作日", "102.0"),
        ("目前滞留", 53),
    ],
    "下周重点工作": [
        ("序号", 1),
        ("时间节点", DAYS[0]),
        ("项目", "PY-2 食品城"),
        ("事项", "进度节点：项目备案"),
        ("单位", "南乐县"),
        ("责任人或单位", "孙专员"),
    ],
    "周例会议题": [
        ("序号", 1),
        ("事由", "提请督查室督办\n督办〔2013〕41号"),
        ("项目", "PY-1 家具产业园"),
        ("事项", "土地：用地指标未落实"),
        ("单位", "市国土资源局"),
        ("分包领导", "钱县长"),
        ("时间节点", f"{DAYS[1]}\n逾期5个工作日"),
        ("拟采取的解决办法", "统筹调剂"),
    ],
}
HEADER_ROWS = {"目标完成情况": 3, "县（区）排名": 3, "各县（区）进展情况": 6, "落地慢项目分析": 4}
CHARTED: Sequence[tuple[object, ...]] = (
    ("指标", "本周", "上周", None),
    *(("签约", 101, 113, None), ("回访次数", 105, 117, None), ("新增制约问题", 106, 118, None)),
    *(("解决制约问题", 107, 119, None), ("开工", 108, 120, None), ("竣工", 109, 121, None)),
    *(("落地", 110, 122, None), ("清丰县（3/7）", 42.9, None, None)),
    *(("县（区）、单位", "红灯", "黄灯", "绿灯"), ("清丰县", 32, 33, 34)),
    *(("目标", "完成比例", "时间进度", None), ("签约目标", 8, 15, None)),
)


def check_counts(rows: Mapping[str, Cells], of: Figures) -> None:
    for name, field in IN_A_WEEK.items():
        week, before, year, campaign = (getattr(part, field) for part in (of.week, of.before, of.year, of.campaign))
        figure = (week, before, str(week - before), year, campaign)
        assert list(rows[name].items()) == [("指标", name), *zip(PERIODS, figure, strict=True)]
    for name, field in (("合同投资额（人民币）", "contracted"), ("增资额（人民币）", "increased")):
        parts = (getattr(part, field)[0].text for part in (of.week, of.before, of.year, of.campaign))
        week, before, year, campaign = parts
        assert tuple(rows[name].values()) == (name, week, before, "-12亿元", year, campaign)
    assert tuple(rows["提请分包领导督促"].values())[1:] == (112, 124, "-12", 136, 148)


def test_every_column_of_the_bulletins_workbook_holds_what_its_header_says(tmp_path):
    path, of = tmp_path / "bulletin.xlsx", figures()
    write_bulletin(Issued(1, 2013, 9, of), path)
    book = book_of(path)
    rows = {row["指标"]: row for row in table(book["周通报"], header_row=7)}
    check_counts(rows, of)
    for title, cells in FIRST_ROWS.items():
        assert list(table(book[title], HEADER_ROWS.get(title, 3))[0].items()) == list(cells)
    charted = [tuple(map(plain, row)) for row in book["图表数据"].iter_rows(values_only=True)]
    for line in CHARTED:
        assert line in charted


def test_every_column_of_the_rejects_list_holds_what_its_header_says(tmp_path):
    source, target = tmp_path / "六月.xlsx", tmp_path / "rejects.xlsx"
    book = Workbook()
    sheet = book.active
    assert sheet
    sheet.title = "台账"
    for row in (
        ("项目编号", "项目名称", "责任单位", "总投资（万元）", "签约日期"),
        ("PY-1", "家具产业园", "清丰县", "3-5亿元", date(2013, 3, 1)),
        ("PY-2", "食品城", "清丰县", 6780, "下周"),
    ):
        sheet.append(row)
    book.save(source)
    file = read_ledger(source)
    assert write_rejects(source, file, file.problems, target)
    reasons = {problem.row: problem.reason for problem in file.problems if problem.is_fault}
    amount, day = table(book_of(target)["待更正"], header_row=1)
    assert list(amount.items())[:4] == [
        ("工作表", "台账"),
        ("单元格", "D2"),
        ("列名", "总投资（万元）"),
        ("内容", "3-5亿元"),
    ]
    assert list(day.values())[:4] == ["台账", "E3", "签约日期", "下周"]
    for line, row in ((amount, 2), (day, 3)):
        assert str(line["如何更正"]).startswith(reasons[row])


def test_no_two_columns_of_a_table_have_one_key(tmp_path):
    columns: list[Column[Any]] = [Column("leader", "分包领导"), Column("leader", "在分包领导处")]
    with pytest.raises(ValueError, match="leader"):
        Table(columns, [])
    with writing(tmp_path / "x.xlsx") as book, pytest.raises(ValueError, match="leader"):
        SheetWriter(book, "台账", columns, "", "")
