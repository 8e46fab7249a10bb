"""A visit to an investor in the running system: asked, answered, left alone, lost and brought
back.
"""

from sqlalchemy import select

from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.question import Ask
from models.i18n import written
from models.ledger.project import Progress
from models.words import (
    BlockerCategory,
    BlockerOutcome,
    Finding,
    ItemKind,
    ItemResult,
    LeaderAnswer,
    OfficeAnswer,
    Role,
    Step,
    Verdict,
)
from support.office import Office, in_step
from support.office.days import today, working_day
from support.office.ledger import BUREAU, COUNTY, INSPECTOR, LEADER, OFFICER
from support.office.person import WHO
from support.programs.receiver import Receiver
from support.waiting import wait_for
from tasks.database import transaction
from tasks.ledger.questions import ESCALATION, INVESTOR_VISIT

SIGNS = "清丰县 副县长"


def item_now(item_id: int) -> ActionItem:
    with transaction() as session:
        found = session.get_one(ActionItem, item_id)
        _loaded = found.visit, found.investor
        return found


def steps(item_id: int) -> list[tuple[Step, str]]:
    """What fired for the item, and whom it reached."""
    with transaction() as session:
        fired = session.scalars(select(Escalation).where(Escalation.item_id == item_id).order_by(Escalation.id))
        return [(each.step, each.recipient.name if each.recipient else "") for each in fired]


def visited(office: Office, form: Ask, **entries: object) -> None:
    """Answer the form: the visit was made today."""
    said = {"visited_on": str(today()), "progress": "拟增资扩产，盼供地", **entries}
    assert office.answer(form, **said).is_accepted
    assert office.finished(form.flow_run_id)["state_type"] == "COMPLETED"


def test_a_visit_is_asked_finds_a_problem_and_opens_its_run_on_the_project(office: Office) -> None:
    item_id, (first, second) = office.owe_investor_visit(working_day(9))
    form = in_step(office, INVESTOR_VISIT, item_id)
    investor = item_now(item_id).investor
    assert investor
    run = office.run(form.flow_run_id)
    assert run["name"] == f"{investor.name} · 回访投资方"
    assert COUNTY in run["tags"]
    titles = [office.project(each).title for each in (first, second)]
    assert all(words in form.brief for words in (investor.name, "福建泉州", *titles, "10亿元"))
    waiting = office.visit_asked(second)

    problem = {
        "project": titles[1],
        "category": BlockerCategory.LAND.label,
        "recipient_unit": BUREAU,
        "description": "二期供地未落实",
        "proposed_solution": "",
        "due_on": str(working_day(10)),
    }
    visited(office, form, problems=[problem], topics={"supplies": "用电充足"})

    assert office.ask(form).verdict is Verdict.APPLIED
    item = item_now(item_id)
    assert item.visit
    assert (item.result, item.visit.progress, item.visit.topics) == (
        ItemResult.DONE,
        "拟增资扩产，盼供地",
        {"supplies": "用电充足"},
    )
    (blocker,) = office.items(second, ItemKind.BLOCKER)
    assert "二期供地未落实" in office.blocker_asked(blocker.id).brief
    assert "二期供地未落实" in office.visit_asked(second, waiting).brief
    assert office.items(first, ItemKind.BLOCKER) == []
    assert office.live_runs(INVESTOR_VISIT, item_id) == []
    resolution = {"outcome": BlockerOutcome.RESOLVED.label, "result": "已供地", "filled_in_by": BUREAU}
    assert office.answer(office.blocker_asked(blocker.id), **resolution).is_accepted


def test_a_refused_answer_is_asked_again_and_says_why(office: Office) -> None:
    item_id, _projects = office.owe_investor_visit(working_day(9))
    form = office.investor_asked(item_id)
    assert office.answer(form, visited_on=str(working_day(1)), progress="未到").is_accepted
    again = office.investor_asked(item_id, form)
    assert written(working_day(1)) in again.brief
    assert office.ask(form).verdict is Verdict.REFUSED
    visited(office, again)


def test_left_alone_it_climbs_and_is_verified_when_it_was_made_after_all(office: Office, receiver: Receiver) -> None:
    due_on = working_day(-1)
    item_id, projects = office.owe_investor_visit(due_on)
    form = office.investor_asked(item_id)
    office.sweep(working_day(0))
    assert steps(item_id) == [(Step.REMINDER_AFTER, OFFICER)]
    office.sweep(working_day(1))
    leader_form = office.raised_asked(item_id)
    assert {COUNTY, Role.LEADER.label} <= set(office.run(leader_form.flow_run_id)["tags"])
    assert office.project(projects[0]).title in leader_form.brief
    assert receiver.told(item_id) == [(Step.LEADER, "raised")]
    line = receiver.messages[-1].body["notices"][0]
    assert (line["project"], line["investor"]) == ("", f"闽兴家居集团{projects[0]}")

    acknowledged = {"outcome": LeaderAnswer.ACKNOWLEDGE.label, "filled_in_by": SIGNS}
    assert office.answer(leader_form, **acknowledged).is_accepted
    waiting = office.raised_asked(item_id, leader_form)
    assert SIGNS in waiting.brief
    form = office.investor_asked(item_id, form)  # it tells of nothing new, but was asked anew with the leader's

    office.sweep(working_day(4))
    office_form = office.raised_asked(item_id, waiting)
    assert steps(item_id)[1:] == [(Step.LEADER, LEADER), (Step.OFFICE, INSPECTOR)]
    visited(office, form)
    verify_form = office.raised_asked(item_id, office_form)
    assert item_now(item_id).result is ItemResult.DONE
    missing = {"outcome": Finding.REOPEN.label, "text": "未见回访记录", "day": str(working_day(8))}
    assert office.answer(verify_form, filled_in_by=INSPECTOR, **missing).is_accepted
    assert office.finished(verify_form.flow_run_id)["state_type"] == "COMPLETED"
    again = wait_for(lambda: owed_again(item_id), "the visit to be owed again")
    second_form = office.investor_asked(again.id)
    assert (again.due_on, again.entry_step) == (working_day(8), Step.OFFICE)
    visited(office, second_form)
    with transaction() as session:
        assert session.scalars(select(Progress).where(Progress.project_id.in_(projects))).all() == []


def owed_again(item_id: int) -> ActionItem | None:
    """The visit that took the place of one that was not verified."""
    with transaction() as session:
        investor = session.get_one(ActionItem, item_id).investor_id
        owed = select(ActionItem).where(ActionItem.investor_id == investor, ActionItem.kind == ItemKind.VISIT)
        return session.scalars(owed.where(ActionItem.closed_on.is_(None))).one_or_none()


def test_what_the_office_closes_ends_both_runs(office: Office) -> None:
    item_id, _projects = office.owe_investor_visit(working_day(-9))
    form = office.investor_asked(item_id)
    office.sweep(working_day(0))
    office_form = office.raised_asked(item_id)
    order = {"outcome": OfficeAnswer.CLOSE.label, "text": "投资方已注销", "day": str(working_day(9))}
    assert office.answer(office_form, filled_in_by=INSPECTOR, **order).is_accepted
    for run_id in (office_form.flow_run_id, form.flow_run_id):
        assert office.finished(run_id)["state_type"] == "COMPLETED"
    assert item_now(item_id).result is ItemResult.WITHDRAWN
    assert owed_again(item_id) is None
    assert office.live_runs(ESCALATION, item_id) == []


def test_a_run_that_was_cancelled_comes_back(office: Office) -> None:
    item_id, _projects = office.owe_investor_visit(working_day(9))
    form = office.investor_asked(item_id)
    office.cancel(form.flow_run_id)
    office.finished(form.flow_run_id)
    office.reconcile()
    again = office.investor_asked(item_id, form)
    assert again.flow_run_id != form.flow_run_id
    in_step(office, INVESTOR_VISIT, item_id)
    assert office.answer(again, visited_on=str(today()), progress="已见面", filled_in_by=WHO).is_accepted
    assert office.finished(again.flow_run_id)["state_type"] == "COMPLETED"
