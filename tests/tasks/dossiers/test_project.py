"""What the dossier says of the project itself, as it stands."""

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import docx
import pytest
from docx.oxml.ns import qn
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from models.i18n import written
from models.ledger.facts import Facts
from models.ledger.history import Change
from models.ledger.project import Project
from models.words import Clock, Currency, VisitOutcome
from support.dossier import CODE, NAME, PRINTED, _said, history, print_it, section, told
from tasks.database import set_author, snapshot, transaction
from tasks.dossiers.dossier import write_dossier
from tasks.items.assignments import turn_clock
from tasks.items.corrections import reopen
from tasks.items.facts import record_facts

pytestmark = pytest.mark.usefixtures("ledger")


def test_everything_known_of_a_project_is_in_its_dossier(rich, tmp_path):
    document = print_it(rich, tmp_path / "档案.docx")
    said = told(document)
    missing = [value for value in VALUES if value not in said]
    assert missing == []


VALUES = (
    *(CODE, NAME, "闽兴家居（集团）有限公司", "福建晋江", "新材料", "13.6亿元", "2013年3月1日", "清丰县 · 孙晓"),
    *(
        "清丰县 · 王志强",
        "清丰县 · 李明\n2013年7月20日至2013年8月5日",
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
        "2013年4月30日",
        "2013年4月12日",
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
    *("2013年6月28日 → 2013年7月3日，王志强批准：省厅批复尚未下达", "2013年7月22日"),
    *("逾期15个工作日", "进场道路未修通"),
    *("2013年7月18日至2013年7月24日，王志强批准：投资方董事会换届", "交通部门优先安排"),
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
    *("签收：王志强\n2013年7月8日 17:30", "反馈：王志强\n2013年7月9日 17:30", "已与省厅对接，7月15日前取得批复"),
    *("请市国土资源局本周内报送批复文件", "抄送您知悉", "督查室督办要求", "内置收件箱", "待发送"),
    # forms
    *("制约问题办理表单", "请填写“解决情况”，说明问题是如何解决的。", "未通过", "已记入台账", "更正原因：产业大类填错"),
    *("要素保障：临时用电已接通", "问题类别：水电气路", "佐证材料：备案证明豫清服务〔2013〕00101"),
)


def test_the_moment_of_a_change_is_told_in_the_offices_time_zone(project, tmp_path, monkeypatch):
    monkeypatch.setenv("LUODI_TIMEZONE", "Pacific/Kiritimati")
    with transaction() as session:
        entered = session.scalar(select(Change.recorded_at).where(Change.table_name == "project"))
    (row, *_rest) = history(print_it(project, tmp_path / "档案.docx"))
    here = entered.astimezone(ZoneInfo("Pacific/Kiritimati"))
    assert row[0] == f"{written(here.date())} {here:%H:%M}"


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
    assert "2013年6月10日至今，王县长批准：等规划批复" in told(print_it(project, tmp_path / "1.docx"))
    with transaction("周敏", "record-fact") as session:
        left = Facts(date(2013, 7, 1), "周敏", VisitOutcome.LOST, reason="投资方资金链断裂")
        record_facts(session, session.get_one(Project, project), left, date(2013, 7, 2))
    ended = told(print_it(project, tmp_path / "2.docx"))
    assert all(
        value in ended for value in ("已退出", "投资方撤资", "投资方资金链断裂", "2013年7月1日", "回访1：项目已结束")
    )
    with transaction("周敏", "correction") as session:
        reopen(session, session.get_one(Project, project), date(2013, 7, 10))
    reopened = history(print_it(project, tmp_path / "3.docx"))
    assert "项目阶段：已退出 → 跟进中" in "\n".join(row[-1] for row in reopened)


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
