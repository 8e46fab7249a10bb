"""A file that is older than what the ledger has from another takes nothing of it back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.ledger.project import Progress
from models.office_files.rows import LedgerRow, MilestoneCells
from models.words import ItemKind, MilestoneKind, Stage, VisitOutcome
from support.ledgers.file_of_rows import PROBLEM, REGISTERED, ROW, STARTED, bring, items, project
from tasks.database import transaction
from tasks.runs.brief import _latest_progress

pytestmark = pytest.mark.usefixtures("in_english", "ledger")

MAY, MIDDLE, JUNE, JULY = date(2013, 5, 31), date(2013, 6, 14), date(2013, 6, 28), date(2013, 7, 31)
PLAN = MilestoneCells(MilestoneKind.COMPLETED, planned_on=date(2014, 6, 1))


def of_day(day: date, *rows: LedgerRow) -> None:
    bring(*rows, as_of=day)


def latest() -> str:
    with transaction() as session:
        return _latest_progress(session, [project().id])[project().id]


def entries() -> list[tuple[date, str]]:
    with transaction() as session:
        in_order = select(Progress.happened_on, Progress.text).order_by(Progress.happened_on, Progress.id)
        return [(day, text) for day, text in session.execute(in_order)]


def test_an_older_file_takes_no_cell_back():
    newer = replace(ROW, amount=Decimal(600000000), signed_on=date(2013, 3, 5), leader="新任分包领导")
    of_day(JUNE, replace(newer, milestones=(PLAN,)))
    of_day(MAY, replace(ROW, milestones=(replace(PLAN, planned_on=date(2014, 1, 1)),)))
    found = project()
    assert (found.amount, found.signed_on) == (Decimal(600000000), date(2013, 3, 5))
    assert found.leader
    assert found.leader.name == "新任分包领导"
    assert found.milestones[0].planned_on == date(2014, 6, 1)
    assert [item.due_on for item in items(ItemKind.MILESTONE)] == [date(2014, 6, 1)]


def test_a_newer_file_that_only_confirms_a_value_keeps_it_from_an_older_one():
    of_day(MAY, ROW)
    of_day(JUNE, ROW)
    of_day(MIDDLE, replace(ROW, amount=Decimal(90000000)))
    assert project().amount == ROW.amount


def test_an_older_file_adds_what_it_alone_knows():
    of_day(JUNE, replace(ROW, officer="", milestones=(STARTED,)))
    other = replace(ROW, number=5, code="PY-2", name="食品园")
    of_day(MAY, replace(ROW, milestones=(REGISTERED,)), other)
    assert (project().officer.name, project("PY-2").name) == (ROW.officer, "食品园")
    assert {milestone.kind for milestone in project().milestones} == {REGISTERED.kind, STARTED.kind}


def test_an_older_file_renames_no_project_and_ends_none():
    of_day(JUNE, replace(ROW, name="家具产业园（东区）"))
    of_day(MAY, replace(ROW, claim=VisitOutcome.TERMINATED, claim_cell="终止", exit_reason="资金不足"))
    assert (project().name, project().stage) == ("家具产业园（东区）", Stage.SIGNED)


def test_an_older_file_opens_no_problem_where_a_newer_one_names_others():
    of_day(JUNE, replace(ROW, blockers=(replace(PROBLEM, due_on=date(2013, 9, 2)),)))
    of_day(MAY, replace(ROW, blockers=(PROBLEM, replace(PROBLEM, description="道路不通"))))
    (blocker,) = items(ItemKind.BLOCKER)
    assert blocker.blocker
    assert (blocker.blocker.description, blocker.due_on) == (PROBLEM.description, date(2013, 9, 2))


def test_progress_that_returns_to_an_earlier_wording_is_progress():
    for day, text in ((MAY, "正在施工"), (MIDDLE, "停工"), (JUNE, "正在施工")):
        of_day(day, replace(ROW, progress=(text,)))
    assert [text for _day, text in entries()] == ["正在施工", "停工", "正在施工"]
    assert latest().endswith("正在施工")


def test_an_older_file_adds_its_progress_on_its_own_day_and_the_latest_stays():
    of_day(MAY, replace(ROW, progress=("已注册",)))
    of_day(JUNE, replace(ROW, progress=("已开工",)))
    for _time in range(2):
        of_day(MIDDLE, replace(ROW, progress=("场地平整",)))
    assert entries() == [(MAY, "已注册"), (MIDDLE, "场地平整"), (JUNE, "已开工")]


def test_a_wording_that_a_newer_file_confirms_is_the_latest_again():
    of_day(MAY, replace(ROW, progress=("正在施工",)))
    of_day(JUNE, replace(ROW, progress=("正在施工",)))
    of_day(MIDDLE, replace(ROW, progress=("停工",)))
    assert entries() == [(MAY, "正在施工"), (MIDDLE, "停工"), (JUNE, "正在施工")]
