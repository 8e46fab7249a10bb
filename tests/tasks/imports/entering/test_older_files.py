"""A file that is older than what the ledger has from another takes nothing of it back."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from alembic import command
from sqlalchemy import select

from models.ledger.cell_days import RowDays
from models.ledger.organisation import Person
from models.ledger.project import CapitalEvent, Milestone, Progress, Project
from models.office_files.days.file_day import FileDay
from models.office_files.rows import CapitalCells, Effect, LedgerRow, MilestoneCells, PersonRow
from models.words import CapitalKind, Currency, ItemKind, MilestoneKind, Role, Stage, VisitOutcome
from support.ledgers.file_of_rows import (
    COUNTY,
    PROBLEM,
    REGISTERED,
    ROW,
    STARTED,
    bring,
    file_of,
    items,
    project,
)
from tasks import database
from tasks.database import transaction
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.report import report
from tasks.ledger.office_time import day_of
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


def paid_in(day: date, amount: int) -> CapitalCells:
    return CapitalCells(CapitalKind.PAID_IN, day, Decimal(amount), Currency.CNY)


def capital() -> list[tuple[date, Decimal]]:
    with transaction() as session:
        in_order = select(CapitalEvent.happened_on, CapitalEvent.amount).order_by(CapitalEvent.happened_on)
        return [(day, amount) for day, amount in session.execute(in_order)]


def test_a_late_total_of_capital_counts_nothing_twice():
    of_day(JUNE, replace(ROW, capital=(paid_in(JUNE, 100),)))
    for _time in range(2):
        of_day(MAY, replace(ROW, capital=(paid_in(MAY, 60),)))
    assert capital() == [(MAY, Decimal(60)), (JUNE, Decimal(40))]
    of_day(JUNE, replace(ROW, capital=(paid_in(JUNE, 100),)))
    assert capital() == [(MAY, Decimal(60)), (JUNE, Decimal(40))]


def test_a_late_total_that_is_the_later_one_already_leaves_nothing_for_that_day():
    of_day(JUNE, replace(ROW, capital=(paid_in(JUNE, 100),)))
    of_day(MAY, replace(ROW, capital=(paid_in(MAY, 100),)))
    assert capital() == [(MAY, Decimal(100))]


def test_a_late_total_above_a_later_one_is_named():
    of_day(JUNE, replace(ROW, capital=(paid_in(JUNE, 100),)))
    result = bring(replace(ROW, capital=(paid_in(MAY, 160),)), as_of=MAY)
    assert capital() == [(JUNE, Decimal(100))]
    assert ["less was paid in" in problem.reason for problem in result.faults] == [True]


def test_an_older_file_corrects_no_increase_and_no_place_and_no_co_unit():
    increase = CapitalCells(CapitalKind.INCREASE, MAY, Decimal(5), Currency.CNY)
    newer = replace(ROW, capital=(increase,), registered_in="福建厦门", extra={"备注": "重点"})
    of_day(JUNE, newer)
    older = replace(ROW, units="清丰县、南乐县", extra={"备注": "一般", "申请用地": 20})
    of_day(MAY, replace(older, capital=(replace(increase, amount=Decimal(4)),)))
    found = project()
    assert (capital(), found.co_units) == ([(MAY, Decimal(5))], [])
    assert found.investor
    assert (found.investor.registered_in, found.extra) == ("福建厦门", {"备注": "重点", "申请用地": 20})


def test_an_older_file_erases_nothing_that_a_newer_one_gives():
    of_day(JUNE, replace(ROW, squad="第一小分队", extra={"备注": "重点"}))
    of_day(MAY, LedgerRow(number=4, code="PY-1", emptied=("squad", "investor"), dropped=("备注",)))
    found = project()
    assert found.squad
    assert found.investor
    assert (found.squad.name, found.extra) == ("第一小分队", {"备注": "重点"})


def test_an_older_file_fills_nothing_that_a_newer_one_erases():
    of_day(JUNE, replace(ROW, squad=""))
    of_day(JULY, LedgerRow(number=4, code="PY-1", emptied=("squad", "officer")))
    of_day(MIDDLE, replace(ROW, squad="第一小分队"))
    assert (project().squad, project().officer) == (None, None)


def test_an_older_file_moves_no_visit_that_a_newer_one_or_a_person_set():
    of_day(JUNE, replace(ROW, visit_due_on=date(2013, 7, 20)))
    of_day(MAY, replace(ROW, visit_due_on=date(2013, 6, 20)))
    assert [item.due_on for item in items(ItemKind.VISIT)] == [date(2013, 7, 20)]


def test_an_older_file_gives_nobody_another_post_or_channel():
    of_day(JUNE, ROW)
    for day, role, channel in ((JUNE, Role.LEADER, "webhook"), (MAY, Role.OFFICER, "inbox")):
        bring(ROW, as_of=day, people=(PersonRow(2, "张三", role, COUNTY, (channel,)),))
    with transaction() as session:
        person = session.scalars(select(Person).where(Person.name == "张三")).one()
        assert (person.role, person.channels) == (Role.LEADER, ["webhook"])


def test_what_people_changed_since_the_day_of_the_file_stays():
    of_day(MAY, replace(ROW, milestones=(PLAN,)))
    with transaction("张三") as session:
        found = session.scalars(select(Project)).one()
        found.amount = Decimal(700000000)
        found.milestones[0].planned_on = date(2014, 9, 1)
        session.add(Milestone(project_id=found.id, kind=REGISTERED.kind, done_on=JUNE, evidence="营业执照"))
    row = replace(ROW, amount=Decimal(800000000), signed_on=date(2013, 3, 2))
    other = replace(PLAN, planned_on=date(2014, 7, 1))
    late = FileDay(MIDDLE, "title")
    result = bring(replace(row, milestones=(other, REGISTERED)), as_of=JULY, days=(late,))
    found = project()
    assert (found.amount, found.signed_on) == (Decimal(700000000), date(2013, 3, 2))
    assert {each.kind: (each.planned_on, each.done_on) for each in found.milestones} == {
        PLAN.kind: (date(2014, 9, 1), None),
        REGISTERED.kind: (None, JUNE),
    }
    assert all("张三" in note.reason for note in result.problems)
    bring(row, as_of=JULY)
    assert project().amount == Decimal(800000000)


def test_a_corrected_file_of_the_same_day_goes_in():
    of_day(JUNE, ROW)
    of_day(JUNE, replace(ROW, amount=Decimal(1)))
    assert project().amount == Decimal(1)


def test_the_report_says_how_many_cells_were_left_and_where():
    of_day(JUNE, ROW)
    headers = {"台账": {"amount": "总投资", "leader": "分包领导"}}
    older = replace(ROW, amount=Decimal(1), leader="前任领导", officer="")
    result = bring(older, as_of=MAY, headers=headers)
    notes = [(note.row, note.column, note.effect, "1 cells were left" in note.reason) for note in result.problems]
    assert notes == [(4, column, Effect.NOTE, True) for column in ("总投资", "分包领导")]
    assert result.kept == 2
    page = report(replace(result, day=result.day))
    assert "The file counts as of 2013-05-31: the day it came in" in page
    assert "2 cells were left as they are" in page
    assert bring(older, as_of=MAY, headers=headers).changed == 0


def test_a_dry_run_of_an_older_file_says_the_same_and_keeps_no_day():
    of_day(JUNE, ROW)
    file = file_of(replace(ROW, amount=Decimal(1)), replace(ROW, number=5, code="PY-2", name="食品园"))
    assert import_ledger(file, MAY, dry_run=True).kept == 1
    with transaction() as session:
        assert session.scalars(select(RowDays).where(RowDays.table_name == "project")).one()


def test_a_text_without_a_day_of_its_own_does_not_outrank_a_dated_visit():
    of_day(MAY, ROW)
    of_day(JUNE, replace(ROW, progress=("正在施工",)))
    with transaction("专员") as session:
        entry = Progress(project_id=project().id, happened_on=MIDDLE, text="停工", reported_by="专员")
        session.add(entry)
    assert latest() == f"{MIDDLE} 停工"
    bring(replace(ROW, progress=("主体封顶",)), as_of=JULY)
    assert latest().endswith("主体封顶")


def test_a_visit_dated_before_the_day_a_file_came_in_is_the_latest_if_its_day_is():
    bring(replace(ROW, progress=("正在施工",)), as_of=JULY, days=(FileDay(MAY, "title"),))
    with transaction("专员") as session:
        entry = Progress(project_id=project().id, happened_on=MIDDLE, text="停工", reported_by="专员")
        session.add(entry)
    assert latest() == f"{MIDDLE} 停工"
    bring(replace(ROW, progress=("正在施工",)), as_of=JULY, days=(FileDay(JUNE, "title"),))
    assert latest() == f"{MIDDLE} 停工"


def test_what_was_entered_before_days_were_kept_counts_as_of_the_day_it_was_last_written():
    bring(ROW)
    with database.engine().begin() as connection:
        command.downgrade(database.alembic_config(connection), "0010")
    database.upgrade()
    bring(replace(ROW, amount=Decimal(1), squad="第一小分队"))
    found = project()
    assert found.squad
    assert (found.amount, found.squad.name) == (ROW.amount, "第一小分队")
    bring(replace(ROW, amount=Decimal(2)), as_of=day_of(""))
    assert project().amount == Decimal(2)
