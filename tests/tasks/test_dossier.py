"""The dossier of a project that has seen everything: what is in the document, and what it looks like."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import docx
import pytest
from docx.document import Document
from openpyxl import Workbook
from sqlalchemy import event, insert, select, text

from flows.blocker_form import Resolution
from flows.correction import Correction
from flows.escalation_form import Raised
from flows.visit_form import Topics, Visits
from models.action_item import ActionItem
from models.change import DERIVED, Change
from models.i18n import use_locale
from models.organisation import Person, Unit
from models.project import CapitalEvent, Investor, Progress, Project
from models.refusal import Refused
from models.tables import Base
from models.words import CapitalKind, Clock, Currency, ItemKind, Role, UnitKind, VisitOutcome
from tasks.assignments import Absence, delegate, turn_clock
from tasks.corrections import reopen
from tasks.database import engine, set_author, snapshot, transaction
from tasks.delivery import deliver
from tasks.dialogue import Dialogue, drain, put_question
from tasks.digests import gather
from tasks.dossier import write_dossier
from tasks.dossier_layout import clean
from tasks.history_fields import FIELDS, TOPICS, UNTOLD
from tasks.ledger import project_by_code
from tasks.ledger_file import read_ledger
from tasks.ledger_import import import_ledger
from tasks.project_history import DELEGATION, LATEST
from tasks.reports import end_project
from tasks.sweeping import sweep

pytestmark = pytest.mark.usefixtures("ledger")

CODE, NAME = "PY-2013-007", "龙都高端家具产业园（二期）"
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
        Visits(mine),
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
    answer(Resolution(blocker), date(2013, 6, 18), "国土局 刘科长", outcome="问题已解决")  # refused: says not how
    answer(
        Resolution(blocker),
        date(2013, 6, 18),
        "国土局 刘科长",
        outcome="需要延期",
        due_on="2013-07-03",
        reason="省厅批复尚未下达",
        granted_by="王志强",
    )
    sweep_all(date(2013, 6, 25), date(2013, 7, 8))
    answer(Raised(blocker), date(2013, 7, 8), "王志强", outcome="签收：已知悉，正在处理")
    answer(
        Raised(blocker),
        date(2013, 7, 9),
        "王志强",
        outcome="反馈：承诺办结日期",
        text="已与省厅对接，7月15日前取得批复",
        day="2013-07-15",
    )
    sweep_all(date(2013, 7, 9), date(2013, 7, 16))
    gather(date(2013, 7, 16))
    answer(
        Raised(blocker),
        date(2013, 7, 17),
        "赵科长",
        outcome="提出督办要求，限期办结",
        text="请市国土资源局本周内报送批复文件",
        day="2013-07-22",
    )
    with transaction("王志强", "change-assignment PY-2013-007-0A1B2C") as session:
        project = session.get_one(Project, mine)
        deputy = session.scalars(select(Person).where(Person.name == "李明")).one()
        delegate(project, Absence(deputy, date(2013, 7, 20), date(2013, 8, 5)))
        turn_clock(session, project, Clock.HOLD, "投资方董事会换届", "王志强", date(2013, 7, 18))
    with transaction("王志强", "change-assignment PY-2013-007-0A1B2D") as session:
        turn_clock(session, session.get_one(Project, mine), Clock.RESUME, "换届完成", "王志强", date(2013, 7, 24))
    answer(
        Resolution(blocker), date(2013, 7, 26), "国土局 刘科长", outcome="问题已解决", result="省厅已批复用地指标120亩"
    )
    changed = {"总投资": "13.6亿元", "项目分包人员": "孙晓", "申请用地（亩）": 335, "投资方注册地": "福建晋江"}
    import_ledger(read_ledger(write_ledger(tmp_path / "清丰县七月台账.xlsx", **changed)), date(2013, 7, 29))
    answer(Correction(mine), date(2013, 7, 30), "操作员 周敏", sector="新材料", reason="产业大类填错")
    return mine


def test_render(rich, tmp_path):
    path = Path("/tmp/w/dossier_out/d.docx")
    path.parent.mkdir(exist_ok=True)
    with snapshot() as session:
        write_dossier(session, rich, path, PRINTED)
    with use_locale("en"), snapshot() as session:
        write_dossier(session, rich, path.with_name("e.docx"), PRINTED)
