"""What the operator starts by hand: other people in charge, a stopped clock, corrections, facts;
all with history.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from models.escalation.action_item import ActionItem, Pause
from models.escalation.question import Ask
from models.ledger.history import Change
from models.ledger.project import CapitalEvent, Project
from models.words import Clock, ItemKind, ItemResult, MilestoneKind, Stage, Verdict, VisitOutcome
from support.office import Office, in_step
from support.office.days import days_ago, today, working_day
from support.office.ledger import COUNTY, LEADER, OFFICER, OTHER_COUNTY, OTHER_LEADER, OTHER_OFFICER, SQUAD
from support.office.person import WHO, defaults
from support.waiting import wait_for
from tasks.database import transaction
from tasks.ledger.questions import LIFECYCLE, RESOLUTION
from tasks.ledger.workdays import calendar_around

OPERATOR = "濮阳市商务局 值班员"
ASSIGNMENT, CORRECTION, FACT = "change-assignment", "correction", "record-fact"


def do_errand(office: Office, flow: str, project_id: int, as_of: str = "", **entries: Any) -> Ask:
    """Start the errand, answer its form, and see its run end."""
    parameters = {"project": office.project(project_id).code, **({"as_of": as_of} if as_of else {})}
    run_id = office.start(flow, **parameters)
    form = office.errand_asked(run_id)
    assert office.answer(form, filled_in_by=OPERATOR, **entries).is_accepted
    ended = wait_for(lambda: is_over_or_asks_again(office, run_id, form), lambda: f"{flow}\n{office.worker_log()}")
    assert ended["state_type"] == "COMPLETED", office.ask(form).reason
    assert office.ask(form).verdict is Verdict.APPLIED
    return form


def is_over_or_asks_again(office: Office, run_id: str, form: Ask) -> dict[str, Any] | None:
    run = office.run(run_id)
    paused_on = run["state"]["state_details"]["pause_key"] if run["state_type"] == "PAUSED" else None
    return run if run["state_type"] in ("COMPLETED", "FAILED") or paused_on not in (None, str(form.id)) else None


def assert_entered(change: Change, flow: str, form: Ask, old: object, new: object, why: str = "") -> None:
    """History says who changed what, by which form and for which reason."""
    assert (change.actor, change.source) == (OPERATOR, f"{flow} {form.form_no}{why and f': {why}'}")
    assert (change.old, change.new) == (old, new)


def choice(unit: str, name: str) -> str:
    return f"{unit} · {name}"


def visit_owed(office: Office, project_id: int) -> ActionItem:
    return office.items(project_id, ItemKind.VISIT)[-1]


# -- change-assignment


def test_other_people_take_over_a_project_and_all_that_is_owed_on_it(office: Office) -> None:
    project_id = office.new_project(blockers=1)
    visit_form = office.visit_asked(project_id)
    (problem,) = office.items(project_id, ItemKind.BLOCKER)
    blocker_form = office.blocker_asked(problem.id)
    before = office.project(project_id)

    form = do_errand(
        office,
        ASSIGNMENT,
        project_id,
        officer=choice(OTHER_COUNTY, OTHER_OFFICER),
        leader=choice(OTHER_COUNTY, OTHER_LEADER),
        squad=SQUAD,
    )

    project = office.project(project_id)
    assert project.officer is not None
    assert project.leader is not None
    assert project.squad is not None
    assert (project.officer.name, project.leader.name, project.squad.name) == (OTHER_OFFICER, OTHER_LEADER, SQUAD)
    for column, old, new in (
        ("officer_id", before.officer_id, project.officer_id),
        ("leader_id", before.leader_id, project.leader_id),
        ("squad_id", None, project.squad_id),
    ):
        (change,) = office.changes("project", project_id, column)
        assert_entered(change, ASSIGNMENT, form, old, new)
    for item in (visit_owed(office, project_id), *office.items(project_id, ItemKind.BLOCKER)):
        assert (item.owner_id, item.leader_id) == (project.officer_id, project.leader_id)
    assert OTHER_OFFICER in office.visit_asked(project_id, visit_form).brief
    assert OTHER_LEADER in office.blocker_asked(problem.id, blocker_form).brief
    in_step(office, LIFECYCLE, project_id)
    in_step(office, RESOLUTION, problem.id)


def test_a_project_on_hold_gets_the_working_days_back_that_it_stood(office: Office) -> None:
    project_id = office.new_project()
    first = office.visit_asked(project_id)
    due_on = visit_owed(office, project_id).due_on
    began_on = working_day(-7)

    held = do_errand(
        office,
        ASSIGNMENT,
        project_id,
        as_of=str(began_on),
        clock=Clock.HOLD.label,
        reason="等待省级规划调整",
        granted_by="分管副市长",
    )

    second = office.visit_asked(project_id, first)
    item = visit_owed(office, project_id)
    (pause,) = item.pauses
    assert (item.is_paused, item.due_on) == (True, due_on)
    assert (pause.from_on, pause.until_on) == (began_on, None)
    assert (pause.reason, pause.granted_by) == ("等待省级规划调整", "分管副市长")
    (paused,) = office.changes("action_item", item.id, "is_paused")
    assert_entered(paused, ASSIGNMENT, held, old=False, new=True)

    resumed = do_errand(
        office, ASSIGNMENT, project_id, clock=Clock.RESUME.label, reason="规划已批复", granted_by="分管副市长"
    )

    office.visit_asked(project_id, second)
    item = visit_owed(office, project_id)
    with transaction() as session:
        calendar = calendar_around(session, due_on)
    stood = 7 if working_day(0) == today() else 8  # the day on which it goes on is not one of them
    assert (item.is_paused, item.due_on) == (False, calendar.add(due_on, stood))
    with transaction() as session:
        assert session.get_one(Pause, pause.id).until_on == today()
    (moved,) = office.changes("action_item", item.id, "due_on")
    assert_entered(moved, ASSIGNMENT, resumed, str(due_on), str(item.due_on))


def test_a_delegate_acts_for_the_leader_between_two_days(office: Office) -> None:
    project_id = office.new_project()
    first, last = today(), today() + timedelta(days=6)

    form = do_errand(
        office,
        ASSIGNMENT,
        project_id,
        delegate=choice(OTHER_COUNTY, OTHER_LEADER),
        delegate_from=str(first),
        delegate_until=str(last),
    )

    with transaction() as session:
        leader = session.get_one(Project, project_id).leader
        assert leader is not None
        acting = [leader.acting(day).name for day in (first - timedelta(1), first, last, last + timedelta(1))]
        delegate_id = leader.delegate_id
    assert acting == [LEADER, OTHER_LEADER, OTHER_LEADER, LEADER]
    change = office.changes("person", leader.id, "delegate_id")[-1]
    assert_entered(change, ASSIGNMENT, form, None, delegate_id)

    nobody = office.errand_asked(office.start(ASSIGNMENT, project=office.project(project_id).code))
    none = nobody.schema_sent["properties"]["delegate"]["enum"][0]
    assert office.answer(nobody, filled_in_by=OPERATOR, delegate=none).is_accepted
    assert office.finished(nobody.flow_run_id)["state_type"] == "COMPLETED"
    with transaction() as session:
        leader = session.get_one(Project, project_id).leader
        assert leader is not None
        assert (leader.delegate_id, leader.delegate_from, leader.delegate_until) == (None, None, None)


def test_a_form_that_changes_nothing_is_asked_again_and_says_so(office: Office) -> None:
    project_id = office.new_project()
    run_id = office.start(ASSIGNMENT, project=office.project(project_id).code)
    form = office.errand_asked(run_id)
    shown = defaults(form.schema_sent)
    assert (shown["officer"], shown["leader"]) == (choice(COUNTY, OFFICER), choice(COUNTY, LEADER))

    assert office.answer(form, filled_in_by=OPERATOR).is_accepted

    again = office.errand_asked(run_id, form)
    assert office.ask(form).verdict is Verdict.REFUSED
    assert office.ask(form).reason in again.brief
    office.cancel(run_id)


# -- correction


def test_a_correction_of_amount_and_unit_keeps_what_was_there_in_history(office: Office) -> None:
    project_id = office.new_project()
    waiting = office.visit_asked(project_id)
    before = office.project(project_id)

    why = "合同扫描件为10.5亿元"
    form = do_errand(office, CORRECTION, project_id, amount="10.5亿", unit=OTHER_COUNTY, reason=why)

    project = office.project(project_id)
    assert (project.amount, project.unit.name) == (Decimal("1050000000.00"), OTHER_COUNTY)
    (amount,) = office.changes("project", project_id, "amount")
    assert_entered(amount, CORRECTION, form, 1_000_000_000, 1_050_000_000, why)
    (unit,) = office.changes("project", project_id, "unit_id")
    assert_entered(unit, CORRECTION, form, before.unit_id, project.unit_id, why)
    assert visit_owed(office, project_id).unit_id == project.unit_id
    second = office.visit_asked(project_id, waiting)
    assert OTHER_COUNTY in second.brief
    assert OTHER_COUNTY in office.run(second.flow_run_id)["tags"]
    assert COUNTY not in office.run(second.flow_run_id)["tags"]


def test_a_milestone_recorded_by_mistake_is_withdrawn(office: Office) -> None:
    project_id = office.new_project()
    reached = {"kind": MilestoneKind.FILED.label, "done_on": str(days_ago(3)), "evidence": "备案证明"}
    form = office.visit_asked(project_id)
    assert office.visit(form, milestones=[reached]).is_accepted
    waiting = office.visit_asked(project_id, form)
    (milestone,) = office.project(project_id).milestones
    assert milestone.done_on == days_ago(3)

    errand = do_errand(office, CORRECTION, project_id, withdraw=MilestoneKind.FILED.label, reason="备案证明属于二期")

    (milestone,) = office.project(project_id).milestones
    assert (milestone.done_on, milestone.evidence) == (None, "")
    taken_back = office.changes("milestone", milestone.id, "done_on")[-1]
    assert_entered(taken_back, CORRECTION, errand, str(days_ago(3)), None, "备案证明属于二期")
    office.visit_asked(project_id, waiting)


def test_a_project_landed_by_mistake_is_reopened_with_a_new_visit_and_a_new_run(office: Office) -> None:
    project_id = office.new_project(blockers=1)
    form = office.visit_asked(project_id)
    (problem,) = office.items(project_id, ItemKind.BLOCKER)
    proofs = [
        {"kind": kind.label, "done_on": str(days_ago(9)), "evidence": "证照"}
        for kind in (MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED)
    ]
    assert office.visit(form, outcome=VisitOutcome.LANDED.label, milestones=proofs).is_accepted
    assert office.finished(form.flow_run_id)["state_type"] == "COMPLETED"
    wait_for(lambda: office.live_runs(RESOLUTION, problem.id) == [], "the blocker's run to end")

    errand = do_errand(office, CORRECTION, project_id, reopen=True, reason="开工证明系伪造")

    project = office.project(project_id)
    assert (project.stage, project.ended_on) == (Stage.FOLLOW_UP, None)
    reopened = office.changes("project", project_id, "stage")[-1]
    assert_entered(reopened, CORRECTION, errand, Stage.LANDED, Stage.FOLLOW_UP, "开工证明系伪造")
    done, owed = office.items(project_id, ItemKind.VISIT)
    assert (done.result, owed.closed_on) == (ItemResult.DONE, None)
    assert office.items(project_id, ItemKind.BLOCKER)[0].closed_on is None
    again = office.visit_asked(project_id, form)
    assert again.flow_run_id != form.flow_run_id
    assert office.served_by(LIFECYCLE, project_id).run_no == 2
    assert office.run(again.flow_run_id)["idempotency_key"] == f"{LIFECYCLE}:{project_id}:2"
    in_step(office, LIFECYCLE, project_id)
    in_step(office, RESOLUTION, problem.id)
    assert office.visit(again, filled_in_by=WHO).is_accepted
    office.visit_asked(project_id, again)
    assert len(office.visits(project_id)) == 2


# -- record-fact


def test_a_landing_reported_without_a_visit_ends_the_project_and_its_run(office: Office) -> None:
    project_id = office.new_project()
    waiting = office.visit_asked(project_id)
    proofs = [
        {"kind": kind.label, "done_on": str(days_ago(2)), "evidence": "证照"}
        for kind in (MilestoneKind.REGISTERED, MilestoneKind.CONSTRUCTION_STARTED)
    ]

    form = do_errand(office, FACT, project_id, outcome=VisitOutcome.LANDED.label, milestones=proofs)

    project = office.project(project_id)
    assert (project.stage, project.ended_on) == (Stage.LANDED, days_ago(2))
    assert_entered(office.changes("project", project_id, "stage")[-1], FACT, form, Stage.SIGNED, Stage.LANDED)
    assert office.visits(project_id) == []
    assert office.finished(waiting.flow_run_id)["state_type"] == "COMPLETED"
    assert office.verdicts(LIFECYCLE, project_id) == [Verdict.SUPERSEDED]
    assert office.live_runs(LIFECYCLE, project_id) == []


def test_capital_that_is_reported_counts_in_its_weeks_bulletin(office: Office) -> None:
    project_id = office.new_project()
    day = days_ago(100)  # in a week whose bulletin no other test asks for, on whatever weekday
    capital = [{"kind": "增资", "amount": "8000万", "happened_on": str(day), "evidence": "验资报告"}]

    form = do_errand(office, FACT, project_id, capital=capital)

    with transaction() as session:
        (event,) = session.scalars(select(CapitalEvent).where(CapitalEvent.project_id == project_id)).all()
    assert (event.amount, event.happened_on) == (Decimal(80_000_000), day)
    (entered,) = office.changes("capital_event", event.id, None)
    assert (entered.actor, entered.source) == (OPERATOR, f"{FACT} {form.form_no}")
    issued = office.done("weekly-bulletin", week=str(day), send=False)
    assert issued["state_type"] == "COMPLETED", issued["state"]["message"]
    assert "（含增资1次）" in office.artifact("weekly-bulletin")


@pytest.mark.parametrize("flow", [ASSIGNMENT, CORRECTION, FACT])
def test_an_errand_nudged_asks_again_and_enters_nothing(office: Office, flow: str) -> None:
    project_id = office.new_project()
    waiting = office.visit_asked(project_id)
    run_id = office.start(flow, project=office.project(project_id).code)
    form = office.errand_asked(run_id)

    assert office.set_state(run_id, "SCHEDULED").status == "ACCEPT"

    again = office.errand_asked(run_id, form)
    assert office.verdicts(flow, project_id) == [Verdict.SUPERSEDED, None]
    assert again.flow_run_id == form.flow_run_id
    assert in_step(office, LIFECYCLE, project_id).id == waiting.id
    office.cancel(run_id)


@pytest.mark.parametrize("flow", [ASSIGNMENT, CORRECTION, FACT])
def test_an_unknown_project_code_fails_with_a_message_that_shows_how_codes_look(office: Office, flow: str) -> None:
    office.new_project()
    with transaction() as session:
        example = session.scalars(select(func.min(Project.code))).one()

    run = office.done(flow, project="PY-1999-777")

    assert run["state_type"] == "FAILED"
    assert all(word in run["state"]["message"] for word in ("PY-1999-777", f"“{example}”")), run["state"]


def test_a_day_that_is_none_fails_with_a_message_that_names_it(office: Office) -> None:
    project_id = office.new_project()

    run = office.done(FACT, project=office.project(project_id).code, as_of="2026-02-30")

    assert run["state_type"] == "FAILED"
    assert "2026-02-30" in run["state"]["message"]
