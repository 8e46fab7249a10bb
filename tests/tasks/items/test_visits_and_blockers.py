"""What a report does to the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.escalation.action_item import ActionItem, Blocker, Extension, Visit
from models.ledger.facts import Facts, FoundBlocker, MilestoneReached
from models.ledger.project import Milestone, Progress, Project
from models.refusal import Refused
from models.words import BlockerCategory, Clock, ItemKind, ItemResult, MilestoneKind, Stage, VisitOutcome
from tasks.database import transaction
from tasks.dialogues.visit import VisitDialogue, VisitForm
from tasks.items.assignments import turn_clock
from tasks.items.blockers import ask_coordination, extend, resolve_blocker
from tasks.items.corrections import reopen, withdraw_milestone
from tasks.items.facts import record_facts
from tasks.items.open_items import open_items, open_visit
from tasks.items.visits import record_visit
from tasks.ledger.locks import lock_project
from tasks.ledger.workdays import calendar_around
from tasks.runs.dialogue import put_question

TODAY = date(2013, 6, 14)
NEXT = date(2013, 7, 1)
LAND = FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地指标未落实", "调剂指标", None)
PROOF = (
    MilestoneReached(MilestoneKind.REGISTERED, date(2013, 4, 1), "营业执照 4109"),
    MilestoneReached(MilestoneKind.CONSTRUCTION_STARTED, date(2013, 6, 3), "施工许可证 12"),
)


def facts(**said: Any) -> Facts:
    return Facts(**{"happened_on": TODAY, "reported_by": "专员", "outcome": VisitOutcome.CONTINUE, **said})


@contextmanager
def locked(project: int) -> Iterator[tuple[Session, Project]]:
    with transaction("专员", "测试") as session:
        yield session, lock_project(session, project)


def visit(project: int, said: Facts, next_on: date = NEXT, as_of: date = TODAY) -> None:
    with locked(project) as (session, found):
        item = open_visit(session, found.id)
        assert item is not None
        register = Visit(
            item_id=item.id, visited_on=TODAY, outcome=said.outcome, progress="已平整土地", filled_in_by="专员"
        )
        record_visit(session, item, register, said, next_on, as_of)


def find_blocker(project: int, found: FoundBlocker = LAND) -> int:
    with locked(project) as (session, signed):
        record_facts(session, signed, facts(blockers=(found,)), TODAY)
        session.flush()
        return session.scalars(select(Blocker.item_id)).one()


def test_a_visit_closes_its_item_and_plans_the_next_on_a_working_day(project: int) -> None:
    visit(project, facts(progress="已平整土地"), next_on=date(2013, 6, 22))  # a Saturday that was off
    with locked(project) as (session, found):
        done, planned = session.scalars(select(ActionItem).order_by(ActionItem.id)).all()
        assert (done.closed_on, done.result) == (TODAY, ItemResult.DONE)
        assert (planned.kind, planned.due_on, planned.closed_on) == (ItemKind.VISIT, date(2013, 6, 24), None)
        assert (planned.owner_id, planned.leader_id) == (found.officer_id, found.leader_id)
        assert found.stage is Stage.FOLLOW_UP
        assert session.scalars(select(Progress.text)).all() == ["已平整土地"]


def test_the_next_visit_cannot_be_today_or_before(project: int) -> None:
    with pytest.raises(Refused, match="2013年6月14日"):
        visit(project, facts(), next_on=TODAY)


def test_a_refused_visit_leaves_nothing_behind(project: int) -> None:
    with pytest.raises(Refused):
        visit(project, facts(outcome=VisitOutcome.LANDED, progress="已开工", blockers=(LAND,)))
    with locked(project) as (session, found):
        assert [item.kind for item in open_items(session, found.id)] == [ItemKind.VISIT]
        assert session.scalars(select(Progress)).all() == []


def test_landing_with_proof_ends_the_project_and_all_that_was_owed(project: int) -> None:
    find_blocker(project)
    visit(project, facts(outcome=VisitOutcome.LANDED, milestones=PROOF))
    with locked(project) as (session, found):
        assert (found.stage, found.ended_on) == (Stage.LANDED, date(2013, 6, 3))
        assert open_items(session, found.id) == []
        results = session.scalars(select(ActionItem.result).order_by(ActionItem.id)).all()
        assert results == [ItemResult.DONE, ItemResult.PROJECT_ENDED]


def test_an_exit_keeps_its_reason_and_day(project: int) -> None:
    visit(project, facts(outcome=VisitOutcome.LOST, reason="投资方资金链断裂"))
    with locked(project) as (_session, found):
        assert (found.stage, found.exit_reason, found.ended_on) == (Stage.EXITED, "投资方资金链断裂", TODAY)


def test_nothing_more_is_reported_of_a_project_that_ended(project: int) -> None:
    visit(project, facts(outcome=VisitOutcome.LOST, reason="撤资"))
    with locked(project) as (session, found), pytest.raises(Refused):
        record_facts(session, found, facts(progress="又来了"), TODAY)


def test_a_milestone_needs_its_evidence(project: int) -> None:
    bare = MilestoneReached(MilestoneKind.REGISTERED, date(2013, 4, 1), "")
    with locked(project) as (session, found), pytest.raises(Refused, match=MilestoneKind.REGISTERED.label):
        record_facts(session, found, facts(milestones=(bare,)), TODAY)


def test_a_milestone_reached_closes_what_was_owed_of_it(project: int) -> None:
    with locked(project) as (session, found):
        planned = Milestone(project_id=found.id, kind=MilestoneKind.REGISTERED, planned_on=date(2013, 6, 20))
        session.add(planned)
        session.flush()
        owed = ActionItem(
            kind=ItemKind.MILESTONE,
            milestone_id=planned.id,
            project_id=found.id,
            unit_id=found.unit_id,
            opened_on=TODAY,
            due_on=date(2013, 6, 20),
        )
        session.add(owed)
    with locked(project) as (session, found):
        record_facts(session, found, facts(milestones=PROOF[:1]), TODAY)
        assert session.get_one(ActionItem, owed.id).result is ItemResult.DONE


def test_a_blocker_without_a_date_gets_the_policys(project: int) -> None:
    item_id = find_blocker(project)
    with locked(project) as (session, _found):
        item = session.get_one(ActionItem, item_id)
        assert item.due_on == date(2013, 7, 5)  # 15 working days after 14 June 2013
        assert item.unit.name == "市国土资源局"


@pytest.mark.parametrize(
    "wrong",
    [
        FoundBlocker(BlockerCategory.LAND, "市外星人局", "用地", "", None),
        FoundBlocker(BlockerCategory.LAND, "市国土资源局", "用地", "", date(2013, 6, 13)),
    ],
    ids=["unknown unit", "date over"],
)
def test_a_blocker_nobody_can_solve_in_time_is_refused(project: int, wrong: FoundBlocker) -> None:
    with pytest.raises(Refused):
        find_blocker(project, wrong)


def test_the_last_blocker_resolved_pulls_the_next_visit_forward(project: int) -> None:
    visit(project, facts(blockers=(LAND, replace(LAND, description="道路不通"))))
    for left in (1, 0):
        with locked(project) as (session, found):
            items = [item for item in open_items(session, found.id) if item.kind is ItemKind.BLOCKER]
            resolve_blocker(session, items[0], "指标已下达", "国土局科长", TODAY)
            owed = open_visit(session, found.id)
            assert owed is not None
            assert owed.due_on == (NEXT if left else date(2013, 6, 19))


def test_an_extension_is_asked_a_working_day_before_and_leaves_its_reason(project: int) -> None:
    item_id = find_blocker(project)  # due on Friday, 5 July 2013
    for as_of, accepted in ((date(2013, 7, 5), False), (date(2013, 7, 4), True)):
        with locked(project) as (session, _found):
            item = session.get_one(ActionItem, item_id)
            if not accepted:
                with pytest.raises(Refused, match="2013年7月4日"):
                    extend(session, item, date(2013, 7, 19), "等待省厅批复", "分管副市长", as_of)
                continue
            extend(session, item, date(2013, 7, 19), "等待省厅批复", "分管副市长", as_of)
            session.flush()
            granted = session.scalars(select(Extension)).one()
            assert (granted.former_due_on, granted.due_on) == (date(2013, 7, 5), date(2013, 7, 19))
            assert item.due_on == date(2013, 7, 19)


@pytest.mark.parametrize(
    ("due_on", "reason", "granted_by"),
    [(date(2013, 7, 5), "等待", "副市长"), (date(2013, 7, 19), "", "副市长"), (date(2013, 7, 19), "等待", "")],
    ids=["no later", "no reason", "nobody granted it"],
)
def test_an_extension_says_until_when_why_and_by_whose_leave(
    project: int, due_on: date, reason: str, granted_by: str
) -> None:
    item_id = find_blocker(project)
    with locked(project) as (session, _found), pytest.raises(Refused):
        extend(session, session.get_one(ActionItem, item_id), due_on, reason, granted_by, TODAY)


def test_coordination_is_noted_once_and_the_blocker_stays_open(project: int) -> None:
    item_id = find_blocker(project)
    for as_of in (TODAY, date(2013, 6, 17)):
        with locked(project) as (session, _found):
            ask_coordination(session, session.get_one(ActionItem, item_id), "需市政府协调", "局长", as_of)
    with locked(project) as (session, _found):
        item = session.get_one(ActionItem, item_id)
        assert item.closed_on is None
        assert item.blocker is not None
        assert item.blocker.coordination_asked_on == TODAY


def test_a_project_on_hold_gets_its_working_days_back(project: int) -> None:
    with locked(project) as (session, found):
        turn_clock(session, found, Clock.HOLD, "环评公示", "分管副市长", date(2013, 6, 9))
    with locked(project) as (session, found):
        assert all(item.is_paused for item in open_items(session, found.id))
        turn_clock(session, found, Clock.RESUME, "公示结束", "分管副市长", date(2013, 6, 14))
        owed = open_visit(session, found.id)
        assert owed is not None
        assert not owed.is_paused
        assert owed.due_on == date(2013, 6, 19)  # 9 and 13 June were working days and are given back


def test_a_plan_years_ahead_can_be_put_on_hold_and_resumed(project: int) -> None:
    with locked(project) as (session, found):
        owed = open_visit(session, found.id)
        assert owed is not None
        owed.due_on = date(2031, 6, 2)
        turn_clock(session, found, Clock.HOLD, "环评公示", "分管副市长", date(2013, 6, 13))
    with locked(project) as (session, found):
        turn_clock(session, found, Clock.RESUME, "公示结束", "分管副市长", date(2013, 6, 17))
        owed = open_visit(session, found.id)
        assert owed is not None
        assert owed.due_on > date(2031, 6, 2)


def test_what_is_opened_on_a_project_on_hold_waits_with_the_rest(project: int) -> None:
    with locked(project) as (session, found):
        turn_clock(session, found, Clock.HOLD, "环评公示", "分管副市长", TODAY)
    visit(project, facts(blockers=(LAND,)))
    with locked(project) as (session, found):
        assert [item.is_paused for item in open_items(session, found.id)] == [True, True]
        turn_clock(session, found, Clock.RESUME, "公示结束", "分管副市长", date(2013, 6, 17))
    with locked(project) as (session, found):
        record_facts(session, found, Facts(TODAY, "专员", VisitOutcome.CONTINUE, blockers=(LAND,)), date(2013, 6, 17))
        session.flush()
        assert not any(item.is_paused for item in open_items(session, found.id))


@pytest.mark.parametrize("later", [0, 27, 60], ids=lambda days: f"{days} days after it was asked")
def test_an_ordinary_visit_is_accepted_whenever_it_is_made(project: int, later: int) -> None:
    answered = date(2013, 6, 17) + timedelta(days=later)
    with transaction() as session:
        ask = put_question(session, VisitDialogue(project), None, date(2013, 6, 17))
        assert ask is not None
    with transaction() as session:
        said = {"visited_on": str(answered), "progress": "主体封顶", "filled_in_by": "专员"}
        VisitDialogue(project).apply(session, ask, VisitForm.read({**ask.prefilled, **said}), answered)
        owed = open_visit(session, project)
        assert owed is not None
        assert owed.due_on == calendar_around(session, answered).add(answered, 20)


@pytest.mark.parametrize(("clock", "reason"), [(Clock.HOLD, ""), (Clock.RESUME, "公示结束")])
def test_the_clock_is_not_turned_without_reason_or_need(project: int, clock: Clock, reason: str) -> None:
    with locked(project) as (session, found), pytest.raises(Refused):
        turn_clock(session, found, clock, reason, "副市长", TODAY)


def test_a_project_landed_by_mistake_is_opened_again_with_what_its_end_had_closed(project: int) -> None:
    find_blocker(project)
    visit(project, facts(outcome=VisitOutcome.LANDED, milestones=PROOF))
    with locked(project) as (session, found):
        with pytest.raises(Refused):
            withdraw_milestone(session, found, MilestoneKind.REGISTERED, TODAY)
        reopen(session, found, TODAY)
        withdraw_milestone(session, found, MilestoneKind.REGISTERED, TODAY)
    with locked(project) as (session, found):
        assert found.stage is Stage.FOLLOW_UP
        assert {item.kind for item in open_items(session, found.id)} == {ItemKind.VISIT, ItemKind.BLOCKER}
        assert not next(each for each in found.milestones if each.kind is MilestoneKind.REGISTERED).is_proven
