"""The dossier of a project that has seen everything: what is in the document, and what it looks like."""

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic
from zoneinfo import ZoneInfo

import docx
import pytest
from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from openpyxl import Workbook
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import DBAPIError

from models.escalation.action_item import ActionItem
from models.i18n import use_locale
from models.ledger.facts import Facts, FoundBlocker
from models.ledger.history import DERIVED, HISTORIC_TABLES, Change
from models.ledger.organisation import Person
from models.ledger.project import CapitalEvent, Progress, Project
from models.refusal import Refused
from models.tables import Base
from models.words import BlockerCategory, CapitalKind, Clock, Currency, ItemKind, VisitOutcome
from support.programs.libreoffice import needs_libreoffice, pages
from tasks.database import engine, set_author, snapshot, transaction
from tasks.dialogues.blocker import BlockerDialogue
from tasks.dialogues.correction import CorrectionDialogue
from tasks.dialogues.escalation import EscalationDialogue
from tasks.dialogues.fields import Topics
from tasks.dialogues.investor_visit import InvestorVisitDialogue
from tasks.dialogues.visit import VisitDialogue
from tasks.documents.word_tables import clean
from tasks.dossiers.dossier import write_dossier
from tasks.dossiers.history_labels import TOPICS
from tasks.escalation.sweep import sweep
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.reader import read_ledger
from tasks.items.assignments import delegate, turn_clock
from tasks.items.blockers import open_blocker
from tasks.items.corrections import reopen
from tasks.items.facts import record_facts
from tasks.items.next_steps import set_next_steps
from tasks.ledger import history as project_history
from tasks.ledger.lookups import project_by_code
from tasks.notices.digest import gather
from tasks.runs.dialogue import Dialogue, drain, put_question

pytestmark = pytest.mark.usefixtures("ledger")

CODE, NAME = "PY-2013-007", "龙都高端家具产业园（二期）"
SIGNED = date(2013, 3, 1)
ENTERED = date(2013, 6, 9)
PRINTED = date(2013, 8, 1)
CELLS = {
    "项目编号": CODE,
    "项目名称": NAME,
    "投资方": "闽兴家居（集团）有限公司",
    "投资方注册地": "福建泉州",
    "产业大类": "家具",
    "责任单位": "清丰县、南乐县",
    "总投资": "12.5亿元",
    "签约日期": "2013.3.1",
    "项目分包人员": "张建国",
    "分包领导": "王志强",
    "招商小分队": "闽东南招商小分队",
    "中小企业": "否",
    "招商活动": "豫闽经贸洽谈会",
    "进展情况": "公司已注册，正在办理项目备案。",
    "存在的主要问题": "用地指标未落实，涉及基本农田120亩",
    "问题类别": "土地",
    "解决单位": "市国土资源局",
    "拟采取的解决办法": "由市里统筹调剂用地指标",
    "时间节点": "2013-06-28",
    "预计注册时间": "2013年4月",
    "注册时间": "2013-04-12",
    "注册佐证材料": "营业执照410922000012345",
    "预计开工时间": "2013年7月",
    "申请用地（亩）": 320,
    "统一社会信用代码": "91410922MA3X12345",
    "备注": "=SUM(A1:A9) <重点> & {PAGE}",
}


def write_ledger(path: Path, **changed: object) -> Path:
    """The office's workbook with the one project, and its units and people."""
    book = Workbook()
    ledger = book.worksheets[0]
    ledger.title = "六月台账"
    cells = CELLS | changed
    ledger.append(list(cells))
    ledger.append(list(cells.values()))
    ledger["Z2"].data_type = "s"
    units = book.create_sheet("单位")
    for row in (
        ("名称", "类型"),
        ("清丰县", "县区"),
        ("南乐县", "县区"),
        ("市国土资源局", "局委"),
        ("市政府督查室", "督查室"),
        ("市商务局", "商务局"),
    ):
        units.append(row)
    people = book.create_sheet("人员")
    for row in (
        ("姓名", "角色", "单位"),
        ("张建国", "分包人员", "清丰县"),
        ("王志强", "分包领导", "清丰县"),
        ("李明", "分包领导", "清丰县"),
        ("赵科长", "督查", "市政府督查室"),
        ("钱局长", "分包领导", "市商务局"),
    ):
        people.append(row)
    book.save(path)
    return path


def answer(dialogue: Dialogue, day: date, who: str, /, **entries: object) -> None:
    """Put the next question, and answer it on that day as the UI does."""
    with transaction(source=dialogue.flow) as session:
        ask = put_question(session, dialogue, None, day)
        assert ask is not None
        ask.answer = {**ask.prefilled, "filled_in_by": who, **entries}
        ask.answered_at = datetime.combine(day, time(9, 30), UTC)
        ask.filled_in_by = who
    drain(None, dialogue, None, str(day))


def project_id() -> int:
    with transaction() as session:
        return project_by_code(session, CODE).id


def item_id(kind: ItemKind) -> int:
    """The oldest item of that kind."""
    with transaction() as session:
        asked = select(ActionItem.id).where(ActionItem.kind == kind).order_by(ActionItem.id)
        return session.scalars(asked).first()


def sweep_all(first: date, last: date) -> None:
    """A sweep every day from the first to the last."""
    for days in range((last - first).days + 1):
        sweep(first + timedelta(days))


@pytest.fixture
def rich(tmp_path: Path) -> int:
    """A project that was imported, visited, blocked, raised, put on hold, corrected, and imported again."""
    import_ledger(read_ledger(write_ledger(tmp_path / "清丰县六月台账.xlsx")), ENTERED)
    mine = project_id()
    with transaction("清丰县招商局 张建国", "record-fact 资金") as session:
        session.add_all(
            CapitalEvent(project_id=mine, kind=kind, happened_on=day, amount=Decimal(amount), evidence=proof)
            for kind, day, amount, proof in (
                (CapitalKind.PAID_IN, date(2013, 4, 20), 50_000_000, "验资报告〔2013〕18号"),
                (CapitalKind.PAID_IN, date(2013, 6, 1), 30_000_000, "银行进账单"),
                (CapitalKind.INCREASE, date(2013, 6, 3), 200_000_000, "补充协议"),
            )
        )
    blocker = item_id(ItemKind.BLOCKER)
    answer(
        VisitDialogue(mine),
        date(2013, 6, 14),
        "张建国",
        visited_on="2013-06-14",
        progress="备案已完成，围墙开建。\n厂房设计图已报审。",
        topics={
            "policy": "用地优惠政策已落实",
            "promises": "县里承诺的道路尚未修通",
            "supplies": "临时用电已接通",
            "environment": "施工环境良好",
            "service": "专人代办手续",
            "difficulties": "融资渠道偏窄",
        },
        milestones=[{"kind": "项目备案", "done_on": "2013-06-13", "evidence": "备案证明豫清服务〔2013〕00101"}],
        blockers=[
            {
                "category": "水电气路",
                "recipient_unit": "南乐县",
                "description": "进场道路未修通",
                "proposed_solution": "交通部门优先安排",
                "due_on": "2013-07-05",
            }
        ],
        next_visit_on="2013-07-12",
    )
    answer(BlockerDialogue(blocker), date(2013, 6, 18), "国土局 刘科长", outcome="问题已解决")  # refused: says not how
    answer(
        BlockerDialogue(blocker),
        date(2013, 6, 18),
        "国土局 刘科长",
        outcome="需要延期",
        due_on="2013-07-03",
        reason="省厅批复尚未下达",
        granted_by="王志强",
    )
    sweep_all(date(2013, 6, 25), date(2013, 7, 8))
    answer(EscalationDialogue(blocker), date(2013, 7, 8), "王志强", outcome="签收：已知悉，正在处理")
    answer(
        EscalationDialogue(blocker),
        date(2013, 7, 9),
        "王志强",
        outcome="反馈：承诺办结日期",
        text="已与省厅对接，7月15日前取得批复",
        day="2013-07-15",
    )
    sweep_all(date(2013, 7, 9), date(2013, 7, 16))
    gather(date(2013, 7, 16))
    answer(
        EscalationDialogue(blocker),
        date(2013, 7, 17),
        "赵科长",
        outcome="提出督办要求，限期办结",
        text="请市国土资源局本周内报送批复文件",
        day="2013-07-22",
    )
    with transaction("王志强", "change-assignment PY-2013-007-0A1B2C") as session:
        project = session.get_one(Project, mine)
        deputy = session.scalars(select(Person).where(Person.name == "李明")).one()
        delegate(project, deputy, date(2013, 7, 20), date(2013, 8, 5))
        turn_clock(session, project, Clock.HOLD, "投资方董事会换届", "王志强", date(2013, 7, 18))
    with transaction("王志强", "change-assignment PY-2013-007-0A1B2D") as session:
        turn_clock(session, session.get_one(Project, mine), Clock.RESUME, "换届完成", "王志强", date(2013, 7, 24))
    answer(
        BlockerDialogue(blocker),
        date(2013, 7, 26),
        "国土局 刘科长",
        outcome="问题已解决",
        result="省厅已批复用地指标120亩",
    )
    changed = {"总投资": "13.6亿元", "项目分包人员": "孙晓", "申请用地（亩）": 335, "投资方注册地": "福建晋江"}
    import_ledger(read_ledger(write_ledger(tmp_path / "清丰县七月台账.xlsx", **changed)), date(2013, 7, 29))
    answer(CorrectionDialogue(mine), date(2013, 7, 30), "操作员 周敏", sector="新材料", reason="产业大类填错")
    return mine


def print_it(project: int, path: Path, as_of: date = PRINTED) -> Document:
    """The dossier, read back."""
    with snapshot() as session:
        write_dossier(session, project, path, as_of, "办公室 周敏")
    return docx.Document(str(path))


def cells(document: Document) -> list[list[str]]:
    """Every row of every table, cell by cell; a cell over several columns counts once."""
    return [
        [_said(cell) for cell in row.findall(qn("w:tc"))]
        for table in document.element.body.findall(qn("w:tbl"))
        for row in table.findall(qn("w:tr"))
    ]


def _said(part: BaseOxmlElement) -> str:
    return "\n".join(text.text or "" for text in part.iter(qn("w:t")))


def told(document: Document) -> str:
    """Everything the document says."""
    paragraphs = [paragraph.text for paragraph in document.paragraphs]
    return "\n".join([*paragraphs, *(cell for row in cells(document) for cell in row)])


def headings(document: Document) -> list[str]:
    """Titles and headings, the heads of columns and the labels of facts."""
    titles = [each.text for each in document.paragraphs if each.style.name.startswith(("Title", "Heading"))]
    heads = document.element.xpath('.//w:p[w:pPr/w:pStyle[@w:val="CellHead"]]')
    return titles + ["".join(text.text for text in head.iter(qn("w:t"))) for head in heads]


def section(document: Document, title: str) -> list[BaseOxmlElement]:
    """What stands below a heading, until the next one."""
    found, is_in = [], False
    for element in document.element.body:
        style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        if style is not None and style.get(qn("w:val")) == "Heading1":
            is_in = "".join(text.text for text in element.iter(qn("w:t"))).endswith(title)
        elif is_in:
            found.append(element)
    assert found, title
    return found


def history(document: Document) -> list[list[str]]:
    """The rows of the history."""
    (table,) = [each for each in section(document, "变更记录") if each.tag == qn("w:tbl")]
    return [[_said(cell) for cell in row.findall(qn("w:tc"))] for row in table.findall(qn("w:tr"))][1:]


def test_everything_known_of_a_project_is_in_its_dossier(rich, tmp_path):
    document = print_it(rich, tmp_path / "档案.docx")
    said = told(document)
    missing = [value for value in VALUES if value not in said]
    assert missing == []


VALUES = (
    *(CODE, NAME, "闽兴家居（集团）有限公司", "福建晋江", "新材料", "13.6亿元", "2013-03-01", "清丰县 · 孙晓"),
    *(
        "清丰县 · 王志强",
        "清丰县 · 李明\n2013-07-20至2013-08-05",
        "闽东南招商小分队",
        "豫闽经贸洽谈会",
        "南乐县",
        "跟进中",
    ),
    # the office's other columns, as they stand there
    *("申请用地（亩）", "335", "统一社会信用代码", "91410922MA3X12345", "备注", "=SUM(A1:A9) <重点> & {PAGE}"),
    # milestones
    *(
        "公司注册",
        "2013-04-30",
        "2013-04-12",
        "营业执照410922000012345",
        "项目备案",
        "备案证明豫清服务〔2013〕00101",
        "开工",
    ),
    # capital
    *("验资报告〔2013〕18号", "5000万元", "银行进账单", "3000万元", "补充协议", "2亿元", "8000万元", "合计"),
    # progress
    *("公司已注册，正在办理项目备案。", "备案已完成，围墙开建。\n厂房设计图已报审。", "国土局 刘科长"),
    # blockers
    *(
        "问题1：土地",
        "用地指标未落实，涉及基本农田120亩",
        "由市里统筹调剂用地指标",
        "市国土资源局",
        "省厅已批复用地指标120亩",
    ),
    *("2013-06-28 → 2013-07-03，王志强批准：省厅批复尚未下达", "2013-07-22", "逾期15个工作日", "进场道路未修通"),
    *("2013-07-18至2013-07-24，王志强批准：投资方董事会换届", "交通部门优先安排"),
    # visits
    *(
        "回访1：已办结",
        "用地优惠政策已落实",
        "县里承诺的道路尚未修通",
        "临时用电已接通",
        "施工环境良好",
        "专人代办手续",
    ),
    *("融资渠道偏窄", "继续跟进", "回访2：逾期10个工作日"),
    # what else is owed
    *("进度节点：开工", "核查：土地：用地指标未落实，涉及基本农田120亩", "市政府督查室 · 赵科长"),
    # escalations
    *("到期前提醒", "逾期提醒", "提请分包领导督促", "提请督查室督办（第2轮）", "督办〔2013〕1号", "督办〔2013〕2号"),
    *("签收：王志强\n2013-07-08 17:30", "反馈：王志强\n2013-07-09 17:30", "已与省厅对接，7月15日前取得批复"),
    *("请市国土资源局本周内报送批复文件", "抄送您知悉", "督查室督办要求", "内置收件箱", "待发送"),
    # forms
    *("制约问题办理表单", "请填写“解决情况”，说明问题是如何解决的。", "未通过", "已记入台账", "更正原因：产业大类填错"),
    *("要素保障：临时用电已接通", "问题类别：水电气路", "佐证材料：备案证明豫清服务〔2013〕00101"),
)


def test_a_visit_to_the_investor_is_in_the_dossiers_of_its_projects_and_in_no_others(rich, tmp_path):
    with transaction("操作员 周敏", "revisit-campaign") as session:
        mine = session.get_one(Project, rich)
        item = ActionItem(kind=ItemKind.VISIT, investor_id=mine.investor_id, unit_id=mine.unit_id, owner=mine.officer)
        item.opened_on, item.due_on = date(2013, 7, 1), date(2013, 7, 30)
        session.add(item)
        session.flush()
        set_next_steps(session, items=[item.id])
    problem = {"category": "资金", "recipient_unit": "南乐县", "description": "贷款未批", "due_on": "2013-08-15"}
    said = {"visited_on": "2013-07-30", "progress": "年内拟增资扩产", "topics": {"service": "希望专人对接"}}
    problems = [{"project": f"{CODE} {NAME}", "proposed_solution": "", **problem}]
    answer(InvestorVisitDialogue(item.id), date(2013, 7, 31), "孙晓", **said, problems=problems)

    document = print_it(rich, tmp_path / "档案.docx")
    for words in (
        "回访3（投资方）：已办结",
        "投资方反映情况",
        "年内拟增资扩产",
        "希望专人对接",
        "投资方回访表\n回访投资方",
        "项目：PY-2013-007 龙都高端家具产业园（二期）；问题类别：资金",
        "贷款未批",
    ):
        assert words in told(document), words
    (entered,) = (row for row in history(document) if row[3] == "回访投资方" and "操作员 周敏" in row[1])
    assert "投资方：闽兴家居（集团）有限公司" in entered[4]
    assert any(row[2].startswith("投资方回访表") and row[3] == "资金：贷款未批" for row in history(document))
    with transaction("操作员 周敏", "correction") as session:
        session.execute(update(Project).values(investor_id=None))
    assert "年内拟增资扩产" not in told(print_it(rich, tmp_path / "别家档案.docx"))


def test_history_is_told_as_people_read_it(rich, tmp_path):
    rows = history(print_it(rich, tmp_path / "档案.docx"))
    changed = [(who, source, subject, what) for _when, who, source, subject, what in rows]
    place = next(source for _who, source, subject, what in changed if what == "投资方注册地：福建泉州 → 福建晋江")
    assert place.startswith("清丰县七月台账.xlsx")
    project = next(what for _who, source, subject, what in changed if source == place and subject == "项目")
    assert project.splitlines() == [
        "总投资：12.5亿元 → 13.6亿元",
        "分包人员：清丰县 · 张建国 → 清丰县 · 孙晓",
        "其他栏目：申请用地（亩）：320 → 335",
    ]
    corrected = next(row for row in changed if row[-1] == "产业大类：家具 → 新材料")
    assert corrected[0] == "操作员 周敏"
    assert re.fullmatch(r"台账更正表单 PY-2013-007-\w+: 产业大类填错", corrected[1])
    extended = next(row for row in changed if row[2] == "延期：土地：用地指标未落实，涉及基本农田120亩")
    assert extended[3].splitlines() == [
        "新增",
        "原时间节点：2013-06-28",
        "新的时间节点：2013-07-03",
        "原因：省厅批复尚未下达",
        "批准人：王志强",
    ]
    whole = "\n".join(row[-1] for row in rows)
    for line in (
        "项目阶段：已签约 → 跟进中",
        "暂停计时：否 → 是",
        "承诺办结日期：（空） → 2013-07-15",
        "解决单位：市国土资源局",
    ):
        assert line in whole
    assert not re.search(r"[a-z]+_(id|on|step)\b", whole), "a column by its own name"


def test_the_moment_of_a_change_is_told_in_the_offices_time_zone(project, tmp_path, monkeypatch):
    monkeypatch.setenv("LUODI_TIMEZONE", "Pacific/Kiritimati")
    with transaction() as session:
        entered = session.scalar(select(Change.recorded_at).where(Change.table_name == "project"))
    (row, *_rest) = history(print_it(project, tmp_path / "档案.docx"))
    assert row[0] == f"{entered.astimezone(ZoneInfo('Pacific/Kiritimati')):%Y-%m-%d %H:%M}"


def test_former_people_and_amounts_in_another_currency_are_told_as_they_were(project, tmp_path):
    with transaction("周敏", "psql") as session:
        signed = session.get_one(Project, project)
        signed.amount = Decimal(600_000_000)
        signed.leader = None
        session.flush()
        set_author(session, "周敏", "second")
        signed.amount, signed.currency = Decimal(120_000_000), Currency.USD
        session.flush()
        set_author(session, "周敏", "third")
        signed.amount = Decimal(130_000_000)
    told_of = {source: what for _when, _who, source, _subject, what in history(print_it(project, tmp_path / "a.docx"))}
    assert told_of["psql"] == "总投资：10亿元 → 6亿元\n分包领导：清丰县 · 清丰县分包领导 → （空）"
    assert told_of["second"] == "总投资：6亿元 → 1.2亿美元\n币种：人民币 → 美元"
    assert told_of["third"] == "总投资：1.2亿美元 → 1.3亿美元"


def test_no_heading_is_left_in_english(rich, tmp_path):
    found = headings(print_it(rich, tmp_path / "档案.docx"))
    assert [title for title in found if title == "项目档案" or title.endswith("变更记录")] == [
        "项目档案",
        "十二、变更记录",
    ]
    assert [title for title in found if re.search(r"[A-Za-z]", title)] == []


def test_in_english_no_heading_is_chinese(rich, tmp_path):
    with use_locale("en"):
        found = headings(print_it(rich, tmp_path / "dossier.docx"))
    assert "12. History" in found
    assert [title for title in found if re.search(r"[\u3000-\u9fff\uff00-\uffef]", title)] == []


def test_a_part_without_anything_says_so_and_shows_no_table(project, tmp_path):
    document = print_it(project, tmp_path / "档案.docx", date(2013, 6, 9))
    for title, sentence in (
        ("台账其他栏目", "台账中没有其他栏目。"),
        ("进度节点", "尚无计划或已完成的进度节点。"),
        ("资金到位和增资", "尚无资金到位或增资记录。"),
        ("进展情况", "尚无进展记录。"),
        ("制约问题", "未报告制约问题。"),
        ("其他待办事项", "没有其他待办或已办事项。"),
        ("催办督办情况", "未发生催办、上报或督办。"),
        ("通知情况", "未发送通知。"),
        ("表单填报情况", "尚未下发表单。"),
    ):
        (only,) = section(document, title)
        assert _said(only) == sentence
    for table in document.element.body.findall(qn("w:tbl")):
        rows = table.findall(qn("w:tr"))
        heads = [row for row in rows if row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None]
        assert len(rows) > len(heads)


def test_a_project_on_hold_an_ended_and_a_reopened_one_are_told_as_they_stand(project, tmp_path):
    with transaction("王县长", "change-assignment") as session:
        turn_clock(session, session.get_one(Project, project), Clock.HOLD, "等规划批复", "王县长", date(2013, 6, 10))
    assert "2013-06-10至今，王县长批准：等规划批复" in told(print_it(project, tmp_path / "1.docx"))
    with transaction("周敏", "record-fact") as session:
        left = Facts(date(2013, 7, 1), "周敏", VisitOutcome.LOST, reason="投资方资金链断裂")
        record_facts(session, session.get_one(Project, project), left, date(2013, 7, 2))
    ended = told(print_it(project, tmp_path / "2.docx"))
    assert all(
        value in ended for value in ("已退出", "投资方撤资", "投资方资金链断裂", "2013-07-01", "回访1：项目已结束")
    )
    with transaction("周敏", "correction") as session:
        reopen(session, session.get_one(Project, project), date(2013, 7, 10))
    reopened = history(print_it(project, tmp_path / "3.docx"))
    assert "项目阶段：已退出 → 跟进中" in "\n".join(row[-1] for row in reopened)


@pytest.mark.usefixtures("in_english")
def test_an_unknown_project_is_refused_and_no_file_is_written(tmp_path):
    with snapshot() as session, pytest.raises(Refused, match="There is no project number 4711"):
        write_dossier(session, 4711, tmp_path / "档案.docx", PRINTED)
    assert list(tmp_path.iterdir()) == []


def test_what_no_xml_may_hold_is_left_out_and_all_other_text_stays_text(project, tmp_path):
    dirty = 'a\x01b\x0bc\x1f\x7f\ufffe </w:t></w:r> <w:fldSimple w:instr="PAGE"/> &amp; ]]> =1+1 {PAGE} 𠮷\n\n第三行'
    with transaction("周敏\x02", "文件\x03.xlsx") as session:
        signed = session.get_one(Project, project)
        signed.name, signed.extra = f"龙都\x0e{dirty}", {f"备注\x05{dirty}": dirty}
        session.add(Progress(project_id=project, happened_on=SIGNED, text=dirty))
    document = print_it(project, tmp_path / "档案.docx")
    kept = 'abc\x7f </w:t></w:r> <w:fldSimple w:instr="PAGE"/> &amp; ]]> =1+1 {PAGE} 𠮷\n\n第三行'
    assert any(kept in row for row in cells(document))
    assert [each.text for each in document.paragraphs if each.style.name == "Subtitle"] == [
        f"龙都{' '.join(kept.split())}"
    ]
    fields = [each.get(qn("w:instr")) for each in document.element.iter(qn("w:fldSimple"))]
    assert fields == []
    assert clean("半个\ud842字\udfb7") == "半个字"


def test_two_thousand_changes_are_told_within_seconds(project, tmp_path):
    with transaction("台账员", "台账.xlsx · 台账") as session:
        for number in range(1000):
            session.execute(
                text("UPDATE project SET name = :name, origin_activity = :activity WHERE id = :id"),
                {"name": f"产业园{number}", "activity": f"洽谈会{number}", "id": project},
            )
            set_author(session, f"台账员{number}", "台账.xlsx · 台账")
    began = monotonic()
    document = print_it(project, tmp_path / "档案.docx")
    assert monotonic() - began < 10
    rows = history(document)
    assert len(rows) > 1000
    assert rows[-1][-1] == "项目名称：产业园998 → 产业园999\n招商活动：洽谈会998 → 洽谈会999"


def test_of_a_longer_history_the_oldest_are_left_out_and_counted(project, tmp_path, monkeypatch):
    monkeypatch.setattr(project_history, "LATEST_CHANGES", 3)
    with transaction() as session:
        for number in range(3):
            set_author(session, f"台账员{number}", "台账.xlsx")
            session.execute(update(Project).values(name=f"产业园{number}"))
    document = print_it(project, tmp_path / "档案.docx")
    assert "较早的2条变更未列出。" in told(document)
    assert [row[1] for row in history(document)] == ["台账员0", "台账员1", "台账员2"]


def test_the_number_of_statements_does_not_grow_with_the_project(project, rich_statements, tmp_path):
    few = rich_statements(project, tmp_path)
    with transaction("周敏", "record-fact") as session:
        signed = session.get_one(Project, project)
        for number in range(20):
            session.add(Progress(project_id=project, happened_on=SIGNED, text=f"进展{number}"))
            found = FoundBlocker(BlockerCategory.LAND, "市国土资源局", f"问题{number}", "", date(2013, 6, 20))
            open_blocker(session, signed, found, date(2013, 6, 9))
    sweep_all(date(2013, 6, 18), date(2013, 6, 25))
    assert rich_statements(project, tmp_path) <= few + 2  # what hangs on items is asked for only when there are items


@pytest.fixture
def rich_statements() -> Callable[[int, Path], int]:
    """Counts the statements a dossier takes."""

    def count(project: int, folder: Path) -> int:
        seen: list[str] = []
        event.listen(engine(), "before_cursor_execute", lambda *call: seen.append(call[2]))
        print_it(project, folder / "档案.docx")
        return len(seen)

    return count


def test_a_dossier_is_of_one_moment(project, tmp_path):
    with snapshot() as session:
        assert session.scalar(select(Project.name)) == "龙都家具产业园"
        with transaction() as other:
            other.execute(update(Project).values(name="改名以后"))
        write_dossier(session, project, tmp_path / "档案.docx", PRINTED)
        with pytest.raises(DBAPIError):
            session.execute(update(Project).values(name="不许写"))
    document = docx.Document(str(tmp_path / "档案.docx"))
    assert "改名以后" not in told(document)


def test_every_column_of_history_has_a_name_in_the_offices_words():
    labelled = {
        table.name: {column.name for column in table.columns if column.info.get("label")}
        for table in Base.metadata.tables.values()
    }
    of_projects = set(HISTORIC_TABLES) - {
        *("unit", "unit_alias", "squad", "policy", "campaign", "target", "revisit_campaign")
    }
    assert {table for table, columns in labelled.items() if columns} == of_projects
    for table in of_projects - {"person"}:
        columns = set(Base.metadata.tables[table].columns.keys()) - {*DERIVED.get(table, ())}
        assert columns - {"id", "recorded_at", "project_id", "item_id"} == labelled[table], table
    assert list(TOPICS) == list(Topics.model_fields)
    assert list(TOPICS.values()) == [field.title for field in Topics.model_fields.values()]


def test_paper_language_and_properties_are_the_offices(project, tmp_path):
    document = print_it(project, tmp_path / "档案.docx")
    page = document.sections[0]
    assert (round(page.page_width.mm), round(page.page_height.mm)) == (210, 297)
    assert page.header.paragraphs[0].text == "PY-2013-001 龙都家具产业园\t项目档案"
    assert page.footer.paragraphs[0].text.startswith("打印日期：2013年8月1日　打印人：办公室 周敏\t第")
    fields = [each.get(qn("w:instr")) for each in page.footer._element.iter(qn("w:fldSimple"))]
    assert fields == ["PAGE", "NUMPAGES"]
    about = document.core_properties
    assert (about.title, about.author, about.comments) == ("PY-2013-001 龙都家具产业园 项目档案", "Luodi", "")
    assert about.language == "zh-CN"
    fonts = {style.name: style.element.rPr.rFonts.get(qn("w:eastAsia")) for style in document.styles if style.type == 1}
    assert set(fonts.values()) == {"宋体", "黑体"}
    assert fonts["Heading 1"] == "黑体"


def test_rows_stay_whole_and_heads_stand_on_each_page(rich, tmp_path):
    document = print_it(rich, tmp_path / "档案.docx")
    rows = [row for table in document.tables for row in table._tbl.tr_lst]
    assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
    for table in document.tables[2:]:
        assert table._tbl.tr_lst[0].trPr.find(qn("w:tblHeader")) is not None


@needs_libreoffice
def test_it_becomes_a_pdf_with_numbered_pages_and_nothing_cut_off(rich, tmp_path):
    document = print_it(rich, tmp_path / "档案.docx")
    printed_pages = pages(tmp_path / "档案.docx")
    flat = [re.sub(r"\s", "", page) for page in printed_pages]
    for number, page in enumerate(flat, 1):
        assert f"第{number}页共{len(flat)}页" in page
        assert page.startswith("PY-2013-007龙都高端家具产业园（二期）项目档案")
    apart = next(number for number, page in enumerate(flat) if "十二、变更记录" in page)
    assert all("时间操作人来源对象变更内容" in page for page in flat[apart:])
    days = Counter(cell for row in cells(document) for cell in row if re.fullmatch(r"\d{4}-\d\d-\d\d", cell))
    printed = Counter(re.findall(r"(?<!\S)\d{4}-\d\d-\d\d(?!\S)", "\n".join(printed_pages)))
    assert days
    assert [day for day in days if printed[day] < days[day]] == []


def test_a_long_name_takes_one_line_of_a_pages_head(project, tmp_path):
    with transaction("测试") as session:
        session.get_one(Project, project).name = "很长的名称" * 40
    head = print_it(project, tmp_path / "dossier.docx").sections[0].header.paragraphs[0].text
    assert len(head) < 50
    assert "…" in head
