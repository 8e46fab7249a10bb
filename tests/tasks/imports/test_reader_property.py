"""Whatever ledger an office writes, and however: each cell is read as it was meant or reported, and
nothing else.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.office_files.amounts.amounts import amount_unit_of, parse_amount
from models.office_files.cells import BadCell
from models.office_files.days.days import parse_day
from models.office_files.rows import BlockerCells, Effect, LedgerFile, LedgerRow, MilestoneCells
from models.words import Currency, MilestoneKind
from support.ledgers.random_files import (
    AMOUNTS,
    AT_LEISURE,
    UNIT_SIZES,
    Ledger,
    Project,
    amount_notations,
    day_notations,
    ledgers,
    share_of,
    written,
)
from tasks.imports.reader import read_ledger

pytestmark = pytest.mark.usefixtures("in_english")


def row_meant(project: Project, ledger: Ledger) -> LedgerRow:
    """The row that is to be read of a project."""
    plain = ("code", "name", "investor", "registered_in", "officer", "leader", "squad", "origin_activity")
    said = {name: project.meant(name) or "" for name in plain}
    amount, currency = project.meant("amount")
    problem, due_on, progress = (project.meant(name) for name in ("problem", "due_on", "progress"))
    return LedgerRow(
        number=project.number,
        sheet="台账",
        units=project.cells["units"].written,
        amount=amount,
        currency=currency,
        sector=project.meant("sector"),
        signed_on=project.meant("signed_on"),
        is_sme=project.meant("is_sme"),
        visit_due_on=None if problem else due_on,
        progress=(progress,) if progress else (),
        milestones=tuple(milestones_meant(project)),
        blockers=(blocker_meant(project),) if problem else (),
        extra=ledger.extra_of(project),
        **said,
    )


def milestones_meant(project: Project) -> Iterator[MilestoneCells]:
    for kind in MilestoneKind:
        said = [project.meant(f"{kind}.{part}") for part in ("planned_on", "done_on", "evidence")]
        if any(said):
            yield MilestoneCells(kind, said[0], said[1], said[2] or "")


def blocker_meant(project: Project) -> BlockerCells:
    said = [project.meant(name) for name in ("problem", "category", "recipient", "solution", "due_on")]
    return BlockerCells(said[0], said[1], said[2] or "", said[3] or "", said[4])


def check_rows(ledger: Ledger, file: LedgerFile) -> None:
    """Every row that can be read is, exactly."""
    for found, project in zip(file.rows, ledger.good, strict=True):
        meant = row_meant(project, ledger)
        assert {each.name: getattr(found, each.name) for each in fields(found)} == {
            each.name: getattr(meant, each.name) for each in fields(meant)
        }
        assert {name: type(value) for name, value in found.extra.items()} == {
            name: type(value) for name, value in meant.extra.items()
        }


def check_problems(ledger: Ledger, file: LedgerFile) -> None:
    """Every junk cell is named, and every row that is no project; nothing else."""
    faults = [(each.row, each.column, each.effect) for each in file.problems if each.is_fault]
    effects = {True: Effect.ROW_LEFT_OUT, False: Effect.CELL_LEFT_OUT}
    meant = [
        (project.number, ledger.headers[name], effects[project.is_left_out])
        for project in ledger.projects
        for name in project.junk
    ]
    assert sorted(faults) == sorted(meant)
    assert [each.row for each in file.problems if not each.is_fault] == ledger.notes


@settings(AT_LEISURE, max_examples=share_of(30))
@given(ledgers())
def test_every_cell_of_any_ledger_is_read_as_it_was_meant_or_reported(ledger):
    with written(ledger) as path:
        file = read_ledger(path)
    check_rows(ledger, file)
    check_problems(ledger, file)
    assert file.row_count == len(ledger.projects)


@settings(AT_LEISURE, max_examples=400)
@given(st.dates(date(2000, 1, 1), date(2060, 12, 31)), st.data())
def test_a_day_is_the_same_in_each_of_its_notations(day, data):
    cell = data.draw(st.sampled_from(day_notations(day)))
    assert parse_day(cell) == parse_day(cell, month_is_its_last_day=True) == day


@settings(AT_LEISURE, max_examples=400)
@given(AMOUNTS, st.sampled_from(Currency), st.sampled_from(["", *UNIT_SIZES]), st.data())
def test_an_amount_is_the_same_in_each_of_its_notations(amount, currency, unit, data):
    cell = data.draw(st.sampled_from(amount_notations(amount, currency, unit)))
    assert parse_amount(cell, amount_unit_of(f"总投资（{unit}）")) == (amount, currency)


@settings(AT_LEISURE, max_examples=600)
@given(
    st.one_of(
        st.text(max_size=12), st.text("0123456789.,-/年月日万亿元美 ~至约", max_size=10), st.floats(), st.integers()
    )
)
def test_whatever_a_cell_holds_it_is_read_or_refused_with_a_reason(cell):
    for read in (parse_day, parse_amount):
        with suppress(BadCell):
            read(cell)
