"""Every cell of a row lands in the field its header names, whatever the order of columns and
fields.
"""

from dataclasses import fields
from datetime import date
from decimal import Decimal

import pytest

from models.office_files.cells_read import read_lines
from models.office_files.columns import LEDGER
from models.office_files.row_building import ledger_rows
from models.office_files.rows import (
    CAPITAL_FIELDS,
    MILESTONE_PARTS,
    BlockerCells,
    CapitalCells,
    LedgerRow,
    MilestoneCells,
)
from models.office_files.sheets.find_table import find_table
from models.office_files.sheets.sheet import Cell, Sheet
from models.words import BlockerCategory, CapitalKind, Currency, MilestoneKind, Sector, VisitOutcome

CELLS: dict[str, Cell] = {
    "code": "PY-1",
    "name": "家具产业园",
    "investor": "闽兴家居有限公司",
    "registered_in": "福建泉州",
    "sector": "家具",
    "units": "清丰县",
    "amount": "5亿美元",
    "signed_on": "2013-03-01",
    "officer": "张三",
    "leader": "李四",
    "squad": "家具小分队",
    "is_sme": "是",
    "origin_activity": "厦门推介会",
    "progress": "围墙已建",
    "problem": "用地指标未落实",
    "category": "土地",
    "solution": "统筹调剂",
    "recipient": "市国土资源局",
    "due_on": "2013-06-20",
    "visit_due_on": "2013-06-21",
    "claim": "撤资",
    "exit_reason": "市场变化",
    "ended_on": "2013-06-01",
    "evidence": "照片",
    "increase.amount": "2亿元",
    "increase.happened_on": "2013-04-11",
    "increase.evidence": "变更登记",
    "paid_in.amount": "1、3000万元\n2、5000万元",
    "paid_in.happened_on": "1、2013-04-12\n2、2013-04-13",
    "paid_in.evidence": "1、验资一\n2、验资二",
    "自有栏": "备忘",
}
MILESTONES = {
    kind: MilestoneCells(kind, date(2013, 7, day), date(2013, 5, day), f"证{day}")
    for day, kind in enumerate(MilestoneKind, start=1)
}
CELLS |= {f"{kind}.{part}": str(getattr(cells, part)) for kind, cells in MILESTONES.items() for part in MILESTONE_PARTS}


def read(*fields_in_order: str) -> LedgerRow:
    """The one row of a sheet with these columns."""
    sheet = Sheet("台账", numbers=[1, 2], rows=[list(fields_in_order), [CELLS[name] for name in fields_in_order]])
    table = find_table(sheet, LEDGER, {})
    assert table
    (row,) = ledger_rows(read_lines(table), note_empty=True)
    return row


def test_each_cell_lands_in_its_own_field():
    assert {column.field for column in LEDGER} < set(CELLS)
    expected = LedgerRow(
        number=2,
        code="PY-1",
        name="家具产业园",
        investor="闽兴家居有限公司",
        registered_in="福建泉州",
        sector=Sector.FURNITURE,
        units="清丰县",
        amount=Decimal(500000000),
        currency=Currency.USD,
        signed_on=date(2013, 3, 1),
        officer="张三",
        leader="李四",
        squad="家具小分队",
        is_sme=True,
        origin_activity="厦门推介会",
        visit_due_on=date(2013, 6, 21),
        claim=VisitOutcome.LOST,
        claim_cell="撤资",
        exit_reason="市场变化",
        ended_on=date(2013, 6, 1),
        progress=("围墙已建",),
        milestones=tuple(MILESTONES.values()),
        capital=(
            CapitalCells(CapitalKind.INCREASE, date(2013, 4, 11), Decimal(2 * 10**8), Currency.CNY, "变更登记"),
            CapitalCells(CapitalKind.PAID_IN, date(2013, 4, 12), Decimal(3 * 10**7), Currency.CNY, "验资一"),
            CapitalCells(CapitalKind.PAID_IN, date(2013, 4, 13), Decimal(5 * 10**7), Currency.CNY, "验资二"),
        ),
        blockers=(BlockerCells("用地指标未落实", BlockerCategory.LAND, "市国土资源局", "统筹调剂", date(2013, 6, 20)),),
        extra={"自有栏": "备忘"},
        sheet="台账",
    )
    unset = {"emptied", "dropped", "clock", "reached", "stop"}  # the claim says one thing at a time
    assert {part.name for part in fields(LedgerRow) if getattr(expected, part.name) in ("", None, ())} == unset
    assert read(*CELLS) == expected
    assert read(*reversed(CELLS)) == expected


# What a column fills, if not the field of its own name; a category without a problem is only kept.
FILLS = {
    "amount": {"amount", "currency"},
    "claim": {"claim", "claim_cell"},
    "problem": {"blockers"},
    "due_on": {"visit_due_on"},
    **dict.fromkeys(("category", "solution", "recipient", "evidence"), frozenset()),
    **dict.fromkeys(
        (f"{kind}.{part}" for kind in MilestoneKind for part in MILESTONE_PARTS), frozenset({"milestones"})
    ),
    **dict.fromkeys(CAPITAL_FIELDS, frozenset()),  # an amount needs its day
}


@pytest.mark.parametrize("name", sorted(CELLS.keys() - {"name", "units", "自有栏"}))
def test_a_column_fills_no_other_field(name):
    row = read("name", "units", name)
    others = {part.name for part in fields(LedgerRow)} - {"number", "name", "units", "sheet", "extra", "is_struck"}
    filled = {field for field in others if getattr(row, field) not in ("", None, ())}
    assert filled == FILLS.get(name, {name})


def test_a_capital_column_without_its_other_half_is_only_kept():
    row = read("name", "units", "paid_in.amount")
    assert row.extra == {"paid_in.amount": "1、3000万元\n2、5000万元"}


def test_an_amount_of_capital_brings_its_day_and_its_evidence():
    row = read("name", "units", "increase.amount", "increase.happened_on")
    assert row.capital == (CapitalCells(CapitalKind.INCREASE, date(2013, 4, 11), Decimal(2 * 10**8), Currency.CNY),)
