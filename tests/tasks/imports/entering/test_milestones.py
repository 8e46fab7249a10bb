"""The plans and facts of a ledger file: what is planned is owed, what is reached closes its
item.
"""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from models.escalation.action_item import ActionItem
from models.ledger.organisation import Person, Unit
from models.office_files.rows import Effect, MilestoneCells
from models.words import (
    ItemKind,
    ItemResult,
    MilestoneKind,
    Role,
    Step,
    UnitKind,
)
from support.ledgers.file_of_rows import REGISTERED, ROW, TODAY, bring, counts, items, project
from tasks.database import transaction
from tasks.escalation.answers import Answer, close, instruct
from tasks.escalation.sweep import sweep
from tasks.ledger.locks import lock_project

pytestmark = pytest.mark.usefixtures("in_english", "ledger")


def test_a_planned_milestone_is_owed_and_a_reached_one_is_not():
    plan = MilestoneCells(MilestoneKind.COMPLETED, date(2013, 12, 31))
    bring(replace(ROW, milestones=(REGISTERED, plan)))
    (item,) = items(ItemKind.MILESTONE)
    assert item.milestone
    assert (item.milestone.kind, item.due_on) == (MilestoneKind.COMPLETED, date(2013, 12, 31))
    assert [each.kind for each in project().milestones if each.is_proven] == [MilestoneKind.REGISTERED]


def test_a_milestone_reached_closes_what_was_owed_on_it():
    bring(replace(ROW, milestones=(MilestoneCells(MilestoneKind.REGISTERED, date(2013, 7, 1)),)))
    bring(replace(ROW, milestones=(REGISTERED,)))
    (item,) = items(ItemKind.MILESTONE, is_open=False)
    assert (item.result, item.closed_on, items(ItemKind.MILESTONE)) == (ItemResult.DONE, TODAY, [])


def test_a_plan_that_moves_takes_its_due_date_along():
    for day in (date(2013, 7, 1), date(2013, 8, 1)):
        bring(replace(ROW, milestones=(MilestoneCells(MilestoneKind.REGISTERED, day),)))
    assert [item.due_on for item in items(ItemKind.MILESTONE)] == [date(2013, 8, 1)]


def test_what_is_still_to_come_is_no_fact():
    early = replace(ROW, milestones=(replace(REGISTERED, done_on=date(2013, 6, 10)),))
    result = bring(early, replace(ROW, number=5, code="PY-2", signed_on=date(2013, 6, 10)))
    assert [(problem.row, problem.effect) for problem in result.problems] == [
        (4, Effect.CELL_LEFT_OUT),
        (5, Effect.ROW_LEFT_OUT),
    ]
    assert not any(each.done_on for each in project().milestones)


def test_a_plan_out_of_reach_is_taken_for_a_slip():
    result = bring(replace(ROW, visit_due_on=date(2031, 6, 9)))
    assert (len(result.faults), items(ItemKind.VISIT)[0].due_on) == (1, date(2013, 6, 26))


@pytest.fixture
def inspector(ledger):
    """Somebody whom the inspection office's steps reach."""
    with transaction("测试") as session:
        office = Unit(name="市政府督查室", kind=UnitKind.INSPECTION_OFFICE)
        session.add(Person(name="督查室科长", role=Role.INSPECTOR, unit=office))


@pytest.mark.usefixtures("inspector")
def test_what_the_inspection_office_has_is_verified_once_a_file_says_it_is_reached():
    plan = MilestoneCells(MilestoneKind.REGISTERED, date(2013, 6, 3))
    bring(replace(ROW, milestones=(plan,)))
    for day in (9, 14, 19):  # long overdue when it came: owner, leader, office one after the other
        sweep(date(2013, 6, day))
    reached = replace(plan, done_on=date(2013, 6, 14), evidence="营业执照")
    bring(replace(ROW, milestones=(reached,)), as_of=date(2013, 6, 19))
    (done,) = items(ItemKind.MILESTONE, is_open=False)
    (verification,) = items(ItemKind.VERIFY)
    assert (verification.verifies_id, verification.due_on) == (done.id, date(2013, 6, 26))
    assert counts(bring(replace(ROW, milestones=(reached,)), as_of=date(2013, 6, 19))) == (0, 0, 1)
    assert len(items(ItemKind.VERIFY)) == 1


def test_a_plan_moved_by_a_file_starts_a_new_round_once_the_leader_has_heard():
    plan = MilestoneCells(MilestoneKind.REGISTERED, date(2013, 6, 6))
    bring(replace(ROW, milestones=(plan,)))
    sweep(date(2013, 6, 8))
    (raised,) = items(ItemKind.MILESTONE)
    assert (raised.fired_step, raised.round) == (Step.LEADER, 1)
    bring(replace(ROW, milestones=(replace(plan, planned_on=date(2013, 7, 15)),)))
    (moved,) = items(ItemKind.MILESTONE)
    assert (moved.fired_step, moved.round, moved.next_step) == (None, 2, Step.REMINDER_BEFORE)
    assert moved.next_fires_on == date(2013, 7, 10)


@pytest.mark.usefixtures("inspector")
def test_a_plan_whose_item_the_office_has_closed_is_not_owed_again_by_the_same_file():
    plan = MilestoneCells(MilestoneKind.REGISTERED, date(2013, 6, 13))
    row = replace(ROW, milestones=(plan,))
    bring(row)
    sweep(date(2013, 6, 28))
    (owed,) = items(ItemKind.MILESTONE)
    with transaction() as session:
        lock_project(session, owed.project_id or 0)
        item = session.get_one(ActionItem, owed.id)
        for decide, day in ((instruct, (date(2013, 7, 15),)), (close, ())):
            decide(session, item, Answer("督查室", "已说明", datetime.now(UTC), date(2013, 7, 1)), *day)
    assert counts(bring(row, as_of=date(2013, 7, 18))) == (0, 0, 1)
    assert items(ItemKind.MILESTONE) == []
    bring(replace(ROW, milestones=(replace(plan, planned_on=date(2013, 8, 1)),)), as_of=date(2013, 7, 18))
    assert [item.due_on for item in items(ItemKind.MILESTONE)] == [date(2013, 8, 1)]
