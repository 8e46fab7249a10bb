"""The workbook of one project, answers to its forms, and its dossier as text."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.oxml.ns import qn
from docx.oxml.xmlchemy import BaseOxmlElement
from openpyxl import Workbook
from sqlalchemy import select

from models.escalation.action_item import ActionItem
from models.words import ItemKind
from tasks.database import snapshot, transaction
from tasks.dossiers.dossier import write_dossier
from tasks.escalation.sweep import sweep
from tasks.ledger.lookups import project_by_code
from tasks.runs.dialogue import Dialogue, drain, put_question

NO_CLIENT: Any = None  # answers of these tests need no Prefect
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
    units, people = book.create_sheet("单位"), book.create_sheet("人员")
    for unit in (
        ("名称", "类型"),
        ("清丰县", "县区"),
        ("南乐县", "县区"),
        ("市国土资源局", "局委"),
        ("市政府督查室", "督查室"),
        ("市商务局", "商务局"),
    ):
        units.append(unit)
    for person in (
        ("姓名", "角色", "单位"),
        ("张建国", "分包人员", "清丰县"),
        ("王志强", "分包领导", "清丰县"),
        ("李明", "分包领导", "清丰县"),
        ("赵科长", "督查", "市政府督查室"),
        ("钱局长", "分包领导", "市商务局"),
    ):
        people.append(person)
    book.save(path)
    return path


def answer(dialogue: Dialogue[Any], day: date, who: str, /, **entries: object) -> None:
    """Put the next question, and answer it on that day as the UI does."""
    with transaction(source=dialogue.flow) as session:
        ask = put_question(session, dialogue, None, day)
        assert ask is not None
        ask.answer = {**ask.prefilled, "filled_in_by": who, **entries}
        ask.answered_at = datetime.combine(day, time(9, 30), UTC)
        ask.filled_in_by = who
    drain(NO_CLIENT, dialogue, None, str(day))


def project_id() -> int:
    with transaction() as session:
        return project_by_code(session, CODE).id


def item_id(kind: ItemKind) -> int:
    """The oldest item of that kind."""
    with transaction() as session:
        asked = select(ActionItem.id).where(ActionItem.kind == kind).order_by(ActionItem.id)
        return session.scalars(asked.limit(1)).one()


def sweep_all(first: date, last: date) -> None:
    """A sweep every day from the first to the last."""
    for days in range((last - first).days + 1):
        sweep(first + timedelta(days))


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
