"""What a ledger file does to projects the ledger lacks: they enter once, or are refused with every
reason.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from models.ledger.history import Change
from models.ledger.project import Investor
from models.office_files.rows import Effect, LedgerRow
from models.words import (
    Currency,
    ItemKind,
    Role,
    Sector,
    Stage,
    Step,
)
from support.ledgers.file_of_rows import (
    COUNTY,
    LEADER,
    OFFICER,
    PROBLEM,
    REGISTERED,
    ROW,
    TODAY,
    bring,
    counts,
    file_of,
    history,
    items,
    project,
)
from support.waiting import wait_until_locked
from tasks.database import transaction
from tasks.imports.entering.import_file import import_ledger
from tasks.items import corrections
from tasks.items.next_steps import set_next_steps
from tasks.ledger.locks import lock_project

pytestmark = pytest.mark.usefixtures("in_english", "ledger")


def test_a_new_project_enters_with_its_people_and_investor():
    assert counts(bring(ROW)) == (1, 0, 0)
    entered = project()
    assert (entered.name, entered.amount, entered.currency) == ("家具产业园", Decimal(500000000), Currency.CNY)
    assert (entered.sector, entered.stage, entered.signed_on) == (Sector.FURNITURE, Stage.SIGNED, date(2013, 3, 1))
    assert entered.investor
    assert (entered.investor.name, entered.investor.registered_in) == (
        "闽兴家居有限公司",
        "福建泉州",
    )
    for person, name, role in ((entered.officer, OFFICER, Role.OFFICER), (entered.leader, LEADER, Role.LEADER)):
        assert person
        assert (person.name, person.role, person.unit_id) == (name, role, entered.unit_id)


def test_the_first_visit_is_due_ten_working_days_after_the_project_came_in():
    bring(ROW)
    (visit,) = items(ItemKind.VISIT)
    assert (visit.opened_on, visit.due_on) == (date(2013, 3, 1), date(2013, 6, 26))
    assert visit.owner
    assert visit.leader
    assert (visit.owner.name, visit.leader.name) == (OFFICER, LEADER)
    assert (visit.next_step, visit.next_fires_on) == (Step.REMINDER_BEFORE, date(2013, 6, 21))


def test_a_due_date_in_the_file_holds_for_the_visit_also_when_it_is_over():
    bring(replace(ROW, visit_due_on=date(2013, 5, 31)))
    assert [visit.due_on for visit in items(ItemKind.VISIT)] == [date(2013, 5, 31)]


def test_what_was_due_before_there_was_a_calendar_can_be_owed_on():
    bring(replace(ROW, signed_on=date(1980, 1, 1), visit_due_on=date(1981, 1, 1)))
    (visit,) = items(ItemKind.VISIT)
    with transaction() as session:
        set_next_steps(session, items=[visit.id])
    (after,) = items(ItemKind.VISIT)
    assert after.next_fires_on == visit.next_fires_on


def test_a_project_luodi_numbered_gets_its_offices_code_once_a_file_has_one():
    bring(replace(ROW, code=""))
    result = bring(replace(ROW, amount=Decimal(7)))
    assert (counts(result), project("PY-1").amount) == ((0, 1, 0), Decimal(7))
    assert [(note.effect, "LD-2013-001" in note.reason) for note in result.problems] == [(Effect.NOTE, True)]
    with transaction() as session:
        cell = select(Change.old, Change.new, Change.source).where(Change.column_name == "code")
        assert session.execute(cell).all() == [("LD-2013-001", "PY-1", "六月台账.xlsx · 台账 · row 4")]
    again = bring(replace(ROW, amount=Decimal(7)))
    assert (counts(again), again.problems) == ((0, 0, 1), ())
    exported_before = bring(replace(ROW, code="LD-2013-001", amount=Decimal(7)))
    assert (counts(exported_before), project("PY-1").amount) == ((0, 0, 1), Decimal(7))


def test_two_codes_for_one_name_are_two_projects():
    first, second = replace(ROW, code=""), replace(ROW, number=5, code="PY-2")
    bring(first)
    assert counts(bring(replace(ROW, code="LD-2013-001"), second)) == (1, 0, 1)
    assert counts(bring(replace(ROW, code="PY-3"), second)) == (0, 1, 1)
    assert counts(bring(replace(ROW, code="PY-3"), second, replace(ROW, number=6, code="PY-4"))) == (1, 0, 2)


def test_two_rows_of_one_project_are_one_and_the_later_wins_where_it_says_something():
    later = LedgerRow(number=9, code="PY-1", name="家具产业园区", blockers=(PROBLEM,), progress=("已开工",))
    result = bring(later, replace(ROW, progress=("已注册",)))
    assert counts(result) == (1, 0, 0)
    assert (project().name, project().amount, len(items(ItemKind.BLOCKER))) == ("家具产业园区", Decimal(500000000), 1)
    assert [(note.row, note.effect) for note in result.problems] == [(9, Effect.NOTE)]


def test_without_a_code_name_investor_and_unit_tell_the_project_and_luodi_numbers_it():
    rows = [
        replace(ROW, code="", number=number, name=name, signed_on=date(year, 3, 1))
        for number, name, year in ((4, "甲", 2012), (5, "乙", 2013), (6, "丙", 2013))
    ]
    assert counts(bring(*rows)) == (3, 0, 0)
    assert [project(code).name for code in ("LD-2012-001", "LD-2013-001", "LD-2013-002")] == ["甲", "乙", "丙"]
    assert counts(bring(*rows, replace(rows[2], number=7, name="丁"))) == (1, 0, 3)
    assert project("LD-2013-003").name == "丁"


def test_numbers_go_on_after_those_an_exported_ledger_brought_along():
    bring(replace(ROW, code="LD-2013-007"), replace(ROW, number=5, code="", name="食品园"))
    assert project("LD-2013-008").name == "食品园"


def test_a_row_that_could_be_several_projects_is_left_out():
    bring(ROW, replace(ROW, number=5, code="PY-2"))
    result = bring(replace(ROW, code=""))
    (problem,) = result.problems
    assert problem.effect is Effect.ROW_LEFT_OUT
    assert "PY-1, PY-2" in problem.reason


def test_a_known_name_with_another_investor_is_named_unless_the_file_has_both():
    bring(ROW)
    other = replace(ROW, number=5, code="", investor="晋源家居有限公司")
    result = bring(other)
    assert counts(result) == (0, 0, 0)
    (problem,) = result.problems
    assert (problem.row, problem.suggestion, problem.effect) == (5, "PY-1", Effect.ROW_LEFT_OUT)
    assert counts(bring(ROW, other)) == (1, 0, 1)
    assert counts(bring(other)) == (0, 0, 1)


def test_a_name_without_its_investor_is_the_known_project():
    bring(ROW)
    assert counts(bring(replace(ROW, code="", investor="", number=5, name="食品园"))) == (1, 0, 0)
    assert counts(bring(replace(ROW, code="", number=5, name="食品园"))) == (0, 1, 0)


def test_a_new_project_must_say_what_it_is_and_every_empty_cell_is_named():
    result = bring(LedgerRow(number=4, code="PY-9", units=COUNTY), LedgerRow(number=5, name="无名", units=COUNTY))
    assert sorted((problem.row, problem.effect) for problem in result.problems) == [
        (4, Effect.ROW_LEFT_OUT),
        (4, Effect.ROW_LEFT_OUT),
        (4, Effect.ROW_LEFT_OUT),
        (5, Effect.ROW_LEFT_OUT),
        (5, Effect.ROW_LEFT_OUT),
    ]
    assert (counts(result), result.rows_left_out, result.cells_left_out) == ((0, 0, 0), 2, 0)


def test_everything_wrong_with_a_row_is_told_at_once():
    late = replace(REGISTERED, done_on=date(2013, 6, 10))
    blocker = replace(PROBLEM, recipient="无名局")
    result = bring(replace(ROW, units="无名县", signed_on=date(2013, 6, 10), milestones=(late,), blockers=(blocker,)))
    assert sorted(problem.value for problem in result.problems) == ["2013-06-10", "2013-06-10", "无名县", "无名局"]
    assert {problem.effect for problem in result.problems} == {Effect.ROW_LEFT_OUT}
    assert (result.rows_left_out, result.cells_left_out) == (1, 0)


def test_a_dry_run_tells_and_leaves_nothing():
    before = history()
    result = import_ledger(file_of(ROW), TODAY, dry_run=True)
    assert (counts(result), result.is_dry_run, history()) == ((1, 0, 0), True, before)


def test_the_same_file_from_two_sides_at_once_enters_once():
    rows = [replace(ROW, code="", number=number, name=f"项目{number}") for number in range(4, 34)]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda _side: bring(*rows), range(2)))
    assert sorted(counts(result) for result in results) == [(0, 0, 30), (30, 0, 0)]
    assert len(items(ItemKind.VISIT)) == 30


@pytest.mark.parametrize("is_first", [True, False])
def test_an_investor_who_is_new_to_a_form_and_to_a_file_is_entered_once(is_first):
    bring(ROW)
    with ThreadPoolExecutor() as pool:
        with transaction("张三") as session:
            found = lock_project(session, project().id)
            master = replace(corrections.master_of(found), investor="晋源家居有限公司")
            if is_first:
                corrections.correct(session, found, master, TODAY)
            row = replace(ROW, investor=master.investor, registered_in="山西")
            work = pool.submit(bring, replace(row, code="PY-2", name="食品园") if is_first else row)
            wait_until_locked()
            if not is_first:
                corrections.correct(session, found, master, TODAY)
        assert counts(work.result())[2] == 0
    assert (project().investor.name, project().investor.registered_in) == ("晋源家居有限公司", "山西")


def test_a_form_waits_for_a_file_that_enters_the_investor_it_names():
    bring(ROW)
    with ThreadPoolExecutor() as pool:
        with transaction("ledger-import") as session:
            session.add(Investor(name="晋源家居有限公司"))
            session.flush()

            def answer() -> None:
                with transaction("张三") as other:
                    found = lock_project(other, project().id)
                    master = replace(corrections.master_of(found), investor="晋源家居有限公司")
                    corrections.correct(other, found, master, TODAY)

            work = pool.submit(answer)
            wait_until_locked()
        work.result()
    assert project().investor.name == "晋源家居有限公司"
