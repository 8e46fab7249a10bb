"""Capital of a ledger file: an increase counts its increment, paid-in capital is the total by a
day.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from models.ledger.history import Change
from models.ledger.project import CapitalEvent
from models.office_files.rows import CapitalCells, Effect, LedgerFile, LedgerRow, UnitRow
from models.words import CapitalKind, Currency, UnitKind
from tasks.database import transaction
from tasks.imports.entering.import_file import ImportResult, import_ledger

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

TODAY = date(2013, 6, 9)
MAY, JUNE = date(2013, 5, 2), date(2013, 6, 3)
ROW = LedgerRow(
    number=4,
    code="PY-1",
    name="家具产业园",
    units="清丰县",
    amount=Decimal(500000000),
    currency=Currency.CNY,
    signed_on=date(2013, 3, 1),
    sheet="台账",
)
HEADERS = {f"{kind}.{part}": f"{kind}.{part}" for kind in CapitalKind for part in ("amount", "happened_on", "evidence")}


def paid_in(day: date | None, millions: int, currency: Currency = Currency.CNY, evidence: str = "") -> CapitalCells:
    """So much in all was paid in by a day."""
    return CapitalCells(CapitalKind.PAID_IN, day, Decimal(millions * 10**6), currency, evidence)


def increase(day: date, millions: int, evidence: str = "") -> CapitalCells:
    """By so much capital was increased on a day."""
    return CapitalCells(CapitalKind.INCREASE, day, Decimal(millions * 10**6), Currency.CNY, evidence)


def bring(*capital: CapitalCells) -> ImportResult:
    """Import a file with this capital of the project."""
    units = (UnitRow(2, "清丰县", UnitKind.COUNTY, is_kind_given=True),)
    file = LedgerFile("台账.xlsx", {"台账": HEADERS}, (replace(ROW, capital=capital),), 1, units=units)
    return import_ledger(file, TODAY)


def events() -> Sequence[tuple[str, date, int, str]]:
    """Kind, day, millions and evidence of what the ledger has."""
    with transaction() as session:
        rows = session.scalars(select(CapitalEvent).order_by(CapitalEvent.happened_on, CapitalEvent.id))
        return [(event.kind, event.happened_on, int(event.amount / 10**6), event.evidence) for event in rows]


def set_amount(millions: int, actor: str = "督查室") -> None:
    """Somebody corrects every amount in the ledger."""
    with transaction(actor) as session:
        session.execute(update(CapitalEvent).values(amount=millions * 10**6))


def faults(result: ImportResult) -> list[tuple[int, str, str, str]]:
    """Row, column, value and reason of what was not taken."""
    return [(fault.row, fault.column, fault.value, fault.reason) for fault in result.faults]


def test_increases_and_paid_in_capital_enter_with_a_new_project_and_a_second_time_change_nothing():
    capital = (increase(MAY, 20, "变更登记"), paid_in(MAY, 30, evidence="验资报告"), paid_in(JUNE, 50))
    assert (bring(*capital).new, faults(bring(*capital))) == (1, [])
    entered = [("increase", MAY, 20, "变更登记"), ("paid_in", MAY, 30, "验资报告"), ("paid_in", JUNE, 20, "")]
    assert events() == entered
    again = bring(*capital)
    assert (again.unchanged, again.problems) == (1, ())
    assert events() == entered


def test_a_later_file_adds_only_what_was_paid_in_since_and_the_old_file_takes_nothing_back():
    bring(paid_in(MAY, 30))
    assert bring(paid_in(JUNE, 50)).changed == 1
    assert bring(paid_in(MAY, 30)).unchanged == 1
    assert bring(paid_in(date(2013, 6, 8), 50)).unchanged == 1
    assert events() == [("paid_in", MAY, 30, ""), ("paid_in", JUNE, 20, "")]


def test_what_a_form_has_entered_counts_as_paid_in_before():
    bring()
    with transaction("专员") as session:
        event = {"kind": CapitalKind.PAID_IN, "happened_on": MAY, "amount": Decimal(10**7), "currency": Currency.CNY}
        session.add(CapitalEvent(project_id=1, **event))
    bring(paid_in(JUNE, 50))
    assert events() == [("paid_in", MAY, 10, ""), ("paid_in", JUNE, 40, "")]


def test_dollars_and_yuan_are_totals_of_their_own():
    bring(paid_in(MAY, 30), paid_in(JUNE, 5, Currency.USD))
    assert events() == [("paid_in", MAY, 30, ""), ("paid_in", JUNE, 5, "")]


def test_a_corrected_amount_replaces_that_of_its_day_and_history_names_the_row():
    bring(increase(MAY, 20))
    assert bring(increase(MAY, 25, "变更登记")).changed == 1
    assert events() == [("increase", MAY, 25, "变更登记")]
    with transaction() as session:
        sources = set(session.scalars(select(Change.source).where(Change.table_name == "capital_event")))
    assert sources == {"台账.xlsx · 台账 · row 4"}


def test_an_amount_that_somebody_has_corrected_since_stays_corrected():
    bring(increase(MAY, 20))
    set_amount(18)
    (note,) = bring(increase(MAY, 20)).problems
    assert (note.effect, note.column) == (Effect.NOTE, "increase.amount")
    assert "督查室 changed this" in note.reason
    assert events() == [("increase", MAY, 18, "")]
    assert bring(increase(MAY, 19)).changed == 1


def test_a_total_below_what_the_ledger_has_is_a_fault_that_names_row_column_and_value():
    bring(paid_in(MAY, 30))
    ((row, column, value, reason),) = faults(bring(paid_in(JUNE, 20)))
    assert (row, column, value) == (4, "paid_in.amount", "2000 ten thousand yuan")
    assert "More was paid in before that day" in reason
    assert events() == [("paid_in", MAY, 30, "")]


@pytest.mark.parametrize(
    ("capital", "column", "reason"),
    [
        ((paid_in(None, 30),), "paid_in.amount", "Its day is missing"),
        ((paid_in(date(2013, 6, 10), 30),), "paid_in.happened_on", "This day is still to come"),
        ((increase(MAY, 20), increase(MAY, 30)), "increase.amount", "stands here twice"),
    ],
    ids=["no day", "to come", "twice"],
)
def test_an_amount_without_a_day_of_its_own_is_left_out(capital, column, reason):
    ((row, found, _value, why),) = faults(bring(*capital))
    assert (row, found) == (4, column)
    assert reason in why
    assert len(events()) == len(capital) - 1


def test_several_entries_of_one_day_are_left_alone_and_their_sum_is_known():
    bring(increase(MAY, 20))
    with transaction("专员") as session:
        event = {"kind": CapitalKind.INCREASE, "happened_on": MAY, "amount": Decimal(10**7), "currency": Currency.CNY}
        session.add(CapitalEvent(project_id=1, **event))
    assert bring(increase(MAY, 30)).problems == ()
    ((_row, _column, _value, reason),) = faults(bring(increase(MAY, 20)))
    assert "several entries for that day" in reason
