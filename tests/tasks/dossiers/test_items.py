"""The items of a project in its dossier."""

from datetime import date

import pytest
from sqlalchemy import update

from models.escalation.action_item import ActionItem
from models.ledger.project import Project
from models.words import ItemKind
from support.dossier import CODE, NAME, answer, history, print_it, told
from tasks.database import transaction
from tasks.dialogues.investor_visit import InvestorVisitDialogue
from tasks.items.next_steps import set_next_steps

pytestmark = pytest.mark.usefixtures("ledger")


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
