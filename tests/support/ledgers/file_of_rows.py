"""A ledger file made of typed rows, and what importing it did to the ledger."""

import uuid
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from models.escalation.action_item import ActionItem
from models.escalation.question import Ask
from models.ledger.history import Change
from models.ledger.project import Project
from models.office_files.rows import BlockerCells, LedgerFile, LedgerRow, MilestoneCells, UnitRow
from models.words import (
    BlockerCategory,
    Currency,
    ItemKind,
    MilestoneKind,
    Sector,
    UnitKind,
)
from tasks.database import transaction
from tasks.escalation.policy import adopt, present
from tasks.imports.entering.import_file import ImportResult, import_ledger

TODAY = date(2013, 6, 9)  # a Sunday, and a working day; the three days after it are off
COUNTY, BUREAU = "清丰县", "市国土资源局"
OFFICER, LEADER = "清丰县招商局专员", "清丰县分包领导"
ROW = LedgerRow(
    number=4,
    code="PY-1",
    name="家具产业园",
    investor="闽兴家居有限公司",
    registered_in="福建泉州",
    sector=Sector.FURNITURE,
    units=COUNTY,
    amount=Decimal(500000000),
    currency=Currency.CNY,
    signed_on=date(2013, 3, 1),
    officer=OFFICER,
    leader=LEADER,
)
REGISTERED = MilestoneCells(MilestoneKind.REGISTERED, None, date(2013, 4, 1), "营业执照")
STARTED = MilestoneCells(MilestoneKind.CONSTRUCTION_STARTED, None, date(2013, 5, 2), "施工许可证")
PROBLEM = BlockerCells("用地指标未落实", BlockerCategory.LAND, "市国土局", "统筹调剂", date(2013, 6, 20))
HEADERS = {"claim": "项目状态", "units": "责任单位", "recipient": "解决单位", "problem": "存在的主要问题"}


def file_of(*rows: LedgerRow, **more: Any) -> LedgerFile:
    """A file with these rows, and the county and a bureau on its sheet of units."""
    units = (
        UnitRow(2, COUNTY, UnitKind.COUNTY, is_kind_given=True),
        UnitRow(3, "南乐县", UnitKind.COUNTY, is_kind_given=True),
        UnitRow(4, BUREAU, UnitKind.BUREAU, is_kind_given=True, aliases=("市国土局",)),
    )
    rows = tuple(replace(row, sheet="台账") for row in sorted(rows, key=lambda row: row.number))
    file = LedgerFile("六月台账.xlsx", headers={"台账": HEADERS}, rows=rows, row_count=len(rows), units=units)
    return replace(file, **more)


def bring(*rows: LedgerRow, as_of: date = TODAY, **more: Any) -> ImportResult:
    """Import a file with these rows."""
    return import_ledger(file_of(*rows, **more), as_of)


def counts(result: ImportResult) -> tuple[int, int, int]:
    """New, changed and unchanged projects."""
    return result.new, result.changed, result.unchanged


def project(code: str = "PY-1") -> Project:
    """A project with all that hangs on it."""
    with transaction() as session:
        found = session.scalars(select(Project).where(Project.code == code)).one()
        _loaded = found.investor, found.unit, found.co_units, found.officer, found.leader, found.squad, found.milestones
        return found


def items(kind: ItemKind, *, is_open: bool = True) -> list[ActionItem]:
    """What is owed, or was, oldest first."""
    with transaction() as session:
        asked = select(ActionItem).where(ActionItem.kind == kind, ActionItem.closed_on.is_(None) == is_open)
        found = list(session.scalars(asked.order_by(ActionItem.id)))
        for item in found:
            _loaded = item.blocker and item.blocker.recipient_unit, item.owner, item.leader, item.unit, item.milestone
        return found


def history() -> int:
    """How much history there is."""
    with transaction() as session:
        return session.scalars(select(func.count()).select_from(Change)).one()


def ask(flow: str, subject_id: int) -> uuid.UUID:
    """A question that waits on the subject; returns its number."""
    with transaction() as session:
        waiting = Ask(form_no="1", flow=flow, subject_id=subject_id, is_standing=True, schema_sent={}, brief="")
        session.add(waiting)
        session.flush()
        return waiting.id


def is_overtaken(ask_id: uuid.UUID) -> bool:
    """Whether the question is out of date."""
    with transaction() as session:
        return session.get_one(Ask, ask_id).overtaken_at is not None


def in_charge(item: ActionItem) -> tuple[str | None, str | None, str]:
    """Officer, leader and unit of an item."""
    officer, leader = (person.name if person else None for person in (item.owner, item.leader))
    return officer, leader, item.unit.name


def change_numbers() -> None:
    with transaction("督查室") as session:
        adopt(session, present(session).model_copy(update={"reminder_before": 5}))
