"""What is long overdue when a file brings it begins low: with the owner's reminder, or where the
office says.
"""

from collections import Counter as Tally
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from sqlalchemy import event, func, select

from models.escalation.action_item import ActionItem, Extension
from models.escalation.calendar import official_calendar
from models.escalation.escalation import Escalation
from models.ledger.history import Change, Counter
from models.ledger.organisation import Person, Unit
from models.office_files.rows import LedgerRow, MilestoneCells
from models.refusal import Refused
from models.tables import Base
from models.words import Clock, FirstRung, ItemKind, MilestoneKind, Role, Step, UnitKind
from support.ledgers.file_of_rows import LEADER, OFFICER, PROBLEM, ROW, TODAY, bring, counts, items
from tasks.database import engine, transaction
from tasks.escalation.backlog import begin, beginning, page
from tasks.escalation.sweep import sweep
from tasks.escalation.undo import undo
from tasks.escalation.unheard import unheard_items
from tasks.imports.report import outcome, report
from tasks.items.assignments import turn_clock
from tasks.items.blockers import move_due_date
from tasks.ledger.locks import lock_project

pytestmark = pytest.mark.usefixtures("in_english", "ledger")
CALENDAR = official_calendar(2011, 2015)
LONG_AGO = date(2012, 3, 1)
NEXT = date(2013, 6, 13)  # the working day after TODAY
INSPECTOR = "督查室科长"


@pytest.fixture(autouse=True)
def inspection_office(ledger: str) -> None:
    with transaction("测试") as session:
        office = Unit(name="市政府督查室", kind=UnitKind.INSPECTION_OFFICE)
        session.add(Person(name=INSPECTOR, role=Role.INSPECTOR, unit=office))


def planned(*days: date, first: int = 1) -> list[LedgerRow]:
    """A project for each day, on which its registration was planned."""
    numbered = enumerate(days, first)
    return [
        replace(
            ROW,
            number=number + 3,
            code=f"PY-{number}",
            name=f"家具产业园{number}期",
            milestones=(MilestoneCells(MilestoneKind.REGISTERED, day),),
        )
        for number, day in numbered
    ]


def fired() -> list[tuple[Step, date]]:
    with transaction() as session:
        rows = select(Escalation.step, Escalation.raised_on).join(ActionItem, ActionItem.id == Escalation.item_id)
        of_plans = rows.where(ActionItem.kind == ItemKind.MILESTONE)
        return [(step, day) for step, day in session.execute(of_plans.order_by(Escalation.id))]


def sweep_days(first: date, last: date) -> None:
    for passed in range((last - first).days + 1):
        if CALENDAR.is_working(day := first + timedelta(passed)):
            sweep(day)


def everything() -> dict[str, Sequence[object]]:
    with transaction() as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def test_an_old_ledger_brings_no_supervision_notice_on_day_one_but_reminders_to_the_owners() -> None:
    bring(*planned(*(date(2012, 3, 1) + timedelta(30 * more) for more in range(15))))
    assert len(sweep(NEXT)) == 15
    assert {step for step, _day in fired()} == {Step.REMINDER_AFTER}
    with transaction() as session:
        assert session.scalars(select(Counter).where(Counter.name.like("%notice%"))).all() == []


def test_what_is_not_answered_then_climbs_as_ever_each_rung_after_its_days() -> None:
    bring(*planned(LONG_AGO))
    sweep_days(TODAY, date(2013, 7, 31))
    assert fired() == [
        (Step.REMINDER_AFTER, date(2013, 6, 9)),
        (Step.LEADER, date(2013, 6, 14)),
        (Step.OFFICE, date(2013, 6, 19)),
        (Step.OFFICE_REPEAT_1, date(2013, 6, 26)),
        (Step.OFFICE_REPEAT_2, date(2013, 7, 3)),
        (Step.OFFICE_REPEAT_3, date(2013, 7, 10)),
    ]
    (item,) = items(ItemKind.MILESTONE)
    with transaction() as session:
        assert set(session.scalars(select(Escalation.due_on).where(Escalation.item_id == item.id))) == {LONG_AGO}
    assert item.due_on == LONG_AGO


def test_however_late_the_first_sweep_comes_the_owner_hears_first_and_the_leader_has_his_days() -> None:
    bring(*planned(LONG_AGO))
    for day in (28, 29, 30):
        if CALENDAR.is_working(date(2013, 6, day)):
            sweep(date(2013, 6, day))
    sweep_days(date(2013, 7, 1), date(2013, 7, 5))
    assert fired() == [
        (Step.REMINDER_AFTER, date(2013, 6, 28)),
        (Step.LEADER, date(2013, 7, 2)),
        (Step.OFFICE, date(2013, 7, 5)),
    ]


@pytest.mark.parametrize(
    ("due_on", "step"),
    [
        ("2013-06-08", Step.LEADER),  # TODAY and the next sweep are its first and second working day
        ("2013-06-06", Step.LEADER),
        ("2013-06-05", Step.REMINDER_AFTER),  # the office would hear on 13 June
        ("2013-06-04", Step.REMINDER_AFTER),
    ],
)
def test_long_overdue_is_what_the_first_sweep_would_raise_to_the_office(due_on: str, step: Step) -> None:
    bring(*planned(date.fromisoformat(due_on)))
    sweep(NEXT)
    assert fired() == [(step, NEXT)]


def test_a_problem_and_a_visit_that_are_long_overdue_begin_low_too() -> None:
    bring(replace(ROW, blockers=(replace(PROBLEM, due_on=LONG_AGO),), visit_due_on=LONG_AGO))
    assert [item.begins_on for item in (*items(ItemKind.BLOCKER), *items(ItemKind.VISIT))] == [TODAY, TODAY]
    sweep(NEXT)
    with transaction() as session:
        assert set(session.scalars(select(Escalation.step))) == {Step.REMINDER_AFTER}


def test_a_date_that_a_later_file_moves_into_the_far_past_begins_low_too() -> None:
    bring(*planned(date(2013, 12, 2)))
    bring(*planned(LONG_AGO))
    sweep(NEXT)
    assert fired() == [(Step.REMINDER_AFTER, NEXT)]


def test_the_same_file_again_changes_nothing_and_later_files_leave_what_has_begun() -> None:
    rows = planned(LONG_AGO, date(2012, 8, 1))
    assert bring(*rows).long_overdue == 2
    again = bring(*rows, as_of=date(2013, 6, 14))
    assert (counts(again), again.long_overdue) == ((0, 0, 2), 0)
    assert [item.begins_on for item in items(ItemKind.MILESTONE)] == [TODAY, TODAY]


def test_the_import_says_how_many_are_long_overdue_and_which_form_says_where_they_begin() -> None:
    result = bring(*planned(LONG_AGO, date(2013, 12, 2)))
    assert "1 items are long overdue: see the report." in outcome(result)
    assert "[begin-backlog](http://ui/form)" in report(result, backlog_form="http://ui/form")
    assert "`begin-backlog`" in report(result)
    assert "begin-backlog" not in report(bring(*planned(LONG_AGO, date(2013, 12, 2))))


@pytest.mark.parametrize(
    ("rung", "steps"),
    [
        (FirstRung.OWNER, [(Step.REMINDER_AFTER, "2013-06-20"), (Step.LEADER, "2013-06-24")]),
        (FirstRung.LEADER, [(Step.LEADER, "2013-06-20"), (Step.OFFICE, "2013-06-25")]),
        (FirstRung.OFFICE, [(Step.OFFICE, "2013-06-20"), (Step.OFFICE_REPEAT_1, "2013-06-27")]),
    ],
)
def test_the_office_chooses_rung_and_day(rung: FirstRung, steps: list[tuple[Step, str]]) -> None:
    bring(*planned(LONG_AGO))
    begin("督查室科长", beginning(rung, date(2013, 6, 20), (), TODAY))
    sweep_days(TODAY, date(2013, 6, 28))
    assert fired()[:2] == [(step, date.fromisoformat(day)) for step, day in steps]


def test_a_dry_run_says_how_many_would_begin_and_who_would_hear_and_changes_nothing() -> None:
    bring(*planned(LONG_AGO, date(2012, 8, 1), date(2013, 12, 2)))
    before = everything()
    for rung, name in ((FirstRung.OWNER, OFFICER), (FirstRung.LEADER, LEADER), (FirstRung.OFFICE, INSPECTOR)):
        wanted = beginning(rung, None, (), TODAY)
        begun = begin("督查室科长", wanted, dry_run=True)
        assert (wanted.day, begun.count) == (NEXT, 2)
        ((who, count),) = begun.reached.items()
        assert (name in who, count) == (True, 2)
        assert f"| {who} | 2 |" in page(wanted, begun)
    assert everything() == before


def test_a_dry_run_says_of_how_many_nobody_would_hear() -> None:
    led, unled = planned(LONG_AGO, LONG_AGO)
    bring(led, replace(unled, units="南乐县", leader=""))
    wanted = beginning(FirstRung.LEADER, None, (), TODAY)
    begun = begin("督查室科长", wanted, dry_run=True)
    assert (begun.count, begun.unheard, list(begun.reached.values())) == (2, 1, [1])
    assert "| (nobody: name in the ledger who is responsible) | 1 |" in page(wanted, begun)


def test_only_the_units_chosen_begin_there() -> None:
    here, there = planned(LONG_AGO, date(2012, 8, 1))
    bring(here, replace(there, units="南乐县"))
    assert begin("科长", beginning(FirstRung.OFFICE, None, ("南乐县",), TODAY)).count == 1
    sweep(NEXT)
    assert sorted(step for step, _day in fired()) == [Step.OFFICE, Step.REMINDER_AFTER]


def test_the_same_answer_twice_changes_nothing_and_what_has_fired_stays() -> None:
    bring(*planned(LONG_AGO))
    wanted = beginning(FirstRung.LEADER, date(2013, 6, 14), (), TODAY)
    begin("科长", wanted)
    once = everything()
    assert begin("科长", wanted).count == 1
    assert everything() == once
    sweep(date(2013, 6, 14))
    late = beginning(FirstRung.OFFICE, date(2013, 6, 20), (), date(2013, 6, 14))
    assert begin("科长", late).count == 0
    assert [step for step, _day in fired()] == [Step.LEADER]


def test_history_says_who_chose() -> None:
    bring(*planned(LONG_AGO))
    begin("督查室科长", beginning(FirstRung.LEADER, None, (), TODAY))
    with transaction() as session:
        changes = select(Change.actor, Change.source, Change.column_name).where(Change.actor == "督查室科长")
        assert {tuple(row) for row in session.execute(changes)} == {
            ("督查室科长", "begin-backlog", "begins_on"),
            ("督查室科长", "begin-backlog", "entry_step"),
        }


def test_a_day_that_is_over_is_refused_and_a_day_off_becomes_the_next_working_day() -> None:
    with pytest.raises(Refused, match="2013-06-08"):
        beginning(FirstRung.OWNER, date(2013, 6, 8), (), TODAY)
    assert beginning(FirstRung.OWNER, date(2013, 6, 10), (), TODAY).day == NEXT


def test_form_and_sweep_at_once_fire_each_step_once_and_the_form_counts() -> None:
    bring(*planned(*[LONG_AGO] * 12))
    wanted = beginning(FirstRung.OFFICE, date(2013, 6, 13), (), TODAY)
    with ThreadPoolExecutor(4) as hands:
        acts = [hands.submit(sweep, NEXT), hands.submit(begin, "科长", wanted), hands.submit(sweep, NEXT)]
        for act in acts:
            act.result(60)
    sweep(NEXT)
    steps = Tally(step for step, _day in fired())
    assert steps[Step.OFFICE] == 12
    assert steps[Step.REMINDER_AFTER] in (0, 12)  # the sweep came first, or the form


def test_an_extension_begins_a_round_of_its_own() -> None:
    bring(*planned(LONG_AGO))
    sweep_days(TODAY, date(2013, 6, 14))
    (plan,) = items(ItemKind.MILESTONE)
    with transaction("测试") as session:
        assert plan.project_id
        lock_project(session, plan.project_id)
        extension = Extension(due_on=date(2013, 7, 1), reason="规划调整", granted_by="副县长")
        move_due_date(session, session.get_one(ActionItem, plan.id), extension, date(2013, 6, 14))
    (plan,) = items(ItemKind.MILESTONE)
    assert (plan.begins_on, plan.next_step) == (None, Step.REMINDER_BEFORE)


@pytest.mark.parametrize("reached", [None, Step.REMINDER_AFTER, Step.LEADER])
def test_a_hold_stops_it_and_a_resume_goes_on_with_the_rung_it_had_come_to(reached: Step | None) -> None:
    bring(*planned(LONG_AGO))
    if reached:
        sweep_days(TODAY, TODAY if reached is Step.REMINDER_AFTER else date(2013, 6, 14))
    with transaction("测试") as session:
        (plan,) = items(ItemKind.MILESTONE)
        assert plan.project_id
        project = lock_project(session, plan.project_id)
        turn_clock(session, project, Clock.HOLD, "等规划", "副县长", date(2013, 6, 14))
    with transaction("测试") as session:
        turn_clock(session, lock_project(session, plan.project_id), Clock.RESUME, "已批", "副县长", date(2013, 6, 20))
    before = len(fired())
    sweep(date(2013, 6, 20))
    expected = {None: Step.REMINDER_AFTER, Step.REMINDER_AFTER: Step.LEADER, Step.LEADER: Step.LEADER}[reached]
    assert [step for step, _day in fired()[before:]] == [expected]


def test_where_neither_owner_nor_leader_is_known_the_office_still_hears_nothing_on_day_one() -> None:
    result = bring(*(replace(row, officer="", leader="") for row in planned(LONG_AGO, date(2012, 8, 1))))
    assert "those of PY-1 家具产业园1期, PY-2 家具产业园2期 have neither an owner nor a leader" in report(result)
    assert sweep(NEXT) == []
    with transaction() as session:
        assert len(unheard_items(session)) == 2
    sweep_days(date(2013, 6, 14), date(2013, 6, 30))
    assert fired()[:2] == [(Step.OFFICE, date(2013, 6, 19))] * 2  # two and three working days after 9 June
    assert "neither an owner" not in report(bring(*planned(date(2012, 9, 3), first=7)))


def test_where_only_the_leader_is_unknown_the_leaders_days_are_waited_out() -> None:
    bring(*(replace(row, leader="") for row in planned(LONG_AGO)))
    sweep_days(TODAY, date(2013, 6, 30))
    assert fired()[:2] == [(Step.REMINDER_AFTER, TODAY), (Step.OFFICE, date(2013, 6, 19))]


def test_after_the_first_sweep_the_office_may_still_choose_where_what_only_owners_heard_of_goes_on() -> None:
    bring(*planned(LONG_AGO))
    sweep(NEXT)
    late = beginning(FirstRung.OFFICE, date(2013, 6, 20), (), NEXT)
    assert begin("科长", late).count == 1
    sweep_days(date(2013, 6, 14), date(2013, 6, 28))
    assert fired() == [
        (Step.REMINDER_AFTER, NEXT),
        (Step.OFFICE, date(2013, 6, 20)),
        (Step.OFFICE_REPEAT_1, date(2013, 6, 27)),
    ]


def test_an_owner_who_was_reminded_is_not_reminded_again_by_a_later_day() -> None:
    bring(*planned(LONG_AGO))
    sweep(NEXT)
    assert begin("科长", beginning(FirstRung.OWNER, date(2013, 6, 20), (), NEXT)).count == 1
    sweep_days(date(2013, 6, 14), date(2013, 6, 26))
    assert fired() == [(Step.REMINDER_AFTER, NEXT), (Step.LEADER, date(2013, 6, 24))]


def test_what_is_on_hold_when_the_office_chooses_a_day_is_moved_only_by_what_the_clock_stood_afterwards() -> None:
    bring(*planned(LONG_AGO))
    (plan,) = items(ItemKind.MILESTONE)
    assert plan.project_id
    with transaction("测试") as session:
        turn_clock(session, lock_project(session, plan.project_id), Clock.HOLD, "等规划", "副县长", TODAY)
    chosen_on = date(2013, 6, 24)
    begin("科长", beginning(FirstRung.LEADER, date(2013, 6, 26), (), chosen_on))
    with transaction("测试") as session:
        resumed_on = date(2013, 6, 27)
        turn_clock(session, lock_project(session, plan.project_id), Clock.RESUME, "已批", "副县长", resumed_on)
    (plan,) = items(ItemKind.MILESTONE)
    assert (plan.begins_on, plan.next_step) == (date(2013, 7, 1), Step.LEADER)  # three days after the 26th
    stood = CALENDAR.between(TODAY, resumed_on) - 1
    assert plan.due_on == CALENDAR.add(LONG_AGO, stood)  # all the days it stood


def test_a_dry_run_asks_no_more_often_for_more_items() -> None:
    with transaction("测试") as session:
        office = session.scalars(select(Unit).where(Unit.kind == UnitKind.INSPECTION_OFFICE)).one()
        session.add(Person(name="督查室副科长", role=Role.INSPECTOR, unit=office))
    wanted = beginning(FirstRung.OFFICE, None, (), TODAY)
    counts = []
    for count in (2, 12):
        bring(*planned(*[LONG_AGO] * count))
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            statements.append(statement)  # noqa: B023 - heard within the loop

        event.listen(engine(), "before_cursor_execute", note)
        begun = begin("科长", wanted, dry_run=True)
        event.remove(engine(), "before_cursor_execute", note)
        assert begun.reached == {"市政府督查室 · 督查室科长, 市政府督查室 · 督查室副科长": count}
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_dry_run_does_not_keep_others_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    bring(*planned(LONG_AGO))
    (plan,) = items(ItemKind.MILESTONE)
    monkeypatch.setattr("tasks.escalation.trial.PATIENCE", "100ms", raising=False)
    with ThreadPoolExecutor(1) as hands, transaction("导入") as session:
        lock_project(session, plan.project_id or 0)
        wanted = beginning(FirstRung.OWNER, None, (), TODAY)
        tried = hands.submit(copy_context().run, partial(begin, "科长", wanted, dry_run=True))
        with pytest.raises(Refused, match="later"):
            tried.result(timeout=20)


def test_what_a_sweep_fired_of_it_by_mistake_can_be_undone() -> None:
    bring(*planned(LONG_AGO))
    sweep(NEXT)
    with transaction() as session:
        number = session.scalars(select(func.max(Escalation.sweep_id))).one()
    undo(number, "督查室", "时钟不准")
    (plan,) = items(ItemKind.MILESTONE)
    assert (plan.begins_on, plan.next_step, plan.next_fires_on) == (TODAY, Step.REMINDER_AFTER, TODAY)
