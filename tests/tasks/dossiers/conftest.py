"""A project that has seen everything, and how many statements its dossier takes."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from models.ledger.organisation import Person
from models.ledger.project import CapitalEvent, Project
from models.words import CapitalKind, Clock, ItemKind
from support.dossier import ENTERED, answer, item_id, project_id, sweep_all, write_ledger
from tasks.database import transaction
from tasks.dialogues.blocker import BlockerDialogue
from tasks.dialogues.correction import CorrectionDialogue
from tasks.dialogues.escalation import EscalationDialogue
from tasks.dialogues.visit import VisitDialogue
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.reader import read_ledger
from tasks.items.assignments import delegate, turn_clock
from tasks.notices.digest import gather


def enter_capital(project: int) -> None:
    with transaction("清丰县招商局 张建国", "record-fact 资金") as session:
        session.add_all(
            CapitalEvent(project_id=project, kind=kind, happened_on=day, amount=Decimal(amount), evidence=proof)
            for kind, day, amount, proof in (
                (CapitalKind.PAID_IN, date(2013, 4, 20), 50_000_000, "验资报告〔2013〕18号"),
                (CapitalKind.PAID_IN, date(2013, 6, 1), 30_000_000, "银行进账单"),
                (CapitalKind.INCREASE, date(2013, 6, 3), 200_000_000, "补充协议"),
            )
        )


def report_visit(project: int) -> None:
    answer(
        VisitDialogue(project),
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


def let_it_climb(blocker: int) -> None:
    """An extension, and the ladder up to the inspection office, with the answers on the way."""
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


def stand_still(number: int) -> None:
    """A hold of four working days, in which somebody acts for the leader."""
    with transaction("王志强", "change-assignment PY-2013-007-0A1B2C") as session:
        project = session.get_one(Project, number)
        deputy = session.scalars(select(Person).where(Person.name == "李明")).one()
        delegate(project, deputy, first_on=date(2013, 7, 20), last_on=date(2013, 8, 5))
        turn_clock(session, project, Clock.HOLD, "投资方董事会换届", "王志强", date(2013, 7, 18))
    with transaction("王志强", "change-assignment PY-2013-007-0A1B2D") as session:
        turn_clock(session, session.get_one(Project, number), Clock.RESUME, "换届完成", "王志强", date(2013, 7, 24))


@pytest.fixture
def rich(tmp_path: Path) -> int:
    """A project that was imported, visited, blocked, raised, put on hold, corrected, and imported
    again.
    """
    import_ledger(read_ledger(write_ledger(tmp_path / "清丰县六月台账.xlsx")), ENTERED)
    mine, blocker = project_id(), item_id(ItemKind.BLOCKER)
    enter_capital(mine)
    report_visit(mine)
    let_it_climb(blocker)
    stand_still(mine)
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
