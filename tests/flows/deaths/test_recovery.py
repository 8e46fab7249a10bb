"""Prefect's database is lost: the ledger brings every run back where it was."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Select, select

from deployments.deploy import deploy
from deployments.entrypoints import declared
from models.escalation.action_item import ActionItem
from models.escalation.escalation import Escalation
from models.escalation.question import Ask
from models.ledger.project import Project
from models.words import OPEN_STAGES, RAISED, BlockerOutcome, ItemKind, ItemResult, Verdict, VisitOutcome
from support.office import Office
from support.office.days import working_day
from support.waiting import wait_for
from tasks.database import transaction
from tasks.ledger.questions import ESCALATION, INVESTOR_VISIT, LIFECYCLE, RESOLUTION
from tasks.runs.prefect_api import POOL


def open_subjects() -> set[tuple[str, int]]:
    """Every open project, blocker and visit to an investor of the ledger, other tests' ones
    included.
    """
    with transaction() as session:
        is_visit = (ActionItem.kind == ItemKind.VISIT) & ActionItem.investor_id.is_not(None)
        visits = session.scalars(select(ActionItem.id).where(is_visit, ActionItem.closed_on.is_(None)))
        projects = session.scalars(select(Project.id).where(Project.stage.in_(OPEN_STAGES)))
        blockers = select(ActionItem.id).where(ActionItem.kind == ItemKind.BLOCKER, ActionItem.closed_on.is_(None))
        raised = select(Escalation.item_id).join(ActionItem, ActionItem.id == Escalation.item_id)
        answerable = ActionItem.closed_on.is_(None) | ActionItem.id.in_(owed_verifications())
        items = session.scalars(raised.where(Escalation.step.in_(RAISED), answerable))
        return {
            *((LIFECYCLE, each) for each in projects),
            *((RESOLUTION, each) for each in session.scalars(blockers)),
            *((INVESTOR_VISIT, each) for each in visits),
            *((ESCALATION, each) for each in items),
        }


def owed_verifications() -> Select[int | None]:
    """The items the inspection office has to verify."""
    return select(ActionItem.verifies_id).where(ActionItem.kind == ItemKind.VERIFY, ActionItem.closed_on.is_(None))


def open_questions() -> set[tuple[str, int, str, str]]:
    """Flow, subject, run and number of every question that waits in the ledger."""
    with transaction() as session:
        asks = session.scalars(select(Ask).where(Ask.verdict.is_(None), Ask.is_standing)).all()
    return {(ask.flow, ask.subject_id, str(ask.flow_run_id), str(ask.id)) for ask in asks}


def suspended_runs(office: Office) -> set[tuple[str, int, str, str]]:
    """Flow, subject and id of every living run, and the number of the question it is suspended
    on.
    """
    return {
        (flow, subject_of(run), run["id"], run["state"]["state_details"]["pause_key"])
        for flow in (LIFECYCLE, RESOLUTION, INVESTOR_VISIT, ESCALATION)
        for run in office.runs(flow, live=True)
    }


def subject_of(run: dict[str, Any]) -> int:
    """The project or item a run was started for."""
    return int(next(value for name, value in run["parameters"].items() if name != "as_of"))


def test_prefects_database_thrown_away_costs_nothing(office: Office) -> None:
    signed, visited, blocked, exited = office.sign(count=2) + office.sign(count=2, blockers=1)
    office.open_runs()
    first = office.visit_asked(visited)
    assert office.visit(first, progress="丢失之前的回访").is_accepted
    before = office.visit_asked(visited, first)
    ended = office.visit_asked(exited)
    assert office.visit(ended, outcome=VisitOutcome.TERMINATED.label, reason="丢失之前已终止").is_accepted
    assert office.finished(ended.flow_run_id)["state_type"] == "COMPLETED"
    (problem,) = office.items(blocked, ItemKind.BLOCKER)
    untouched = office.visit_asked(signed)
    to_investor, _projects = office.owe_investor_visit(working_day(9))
    office.kill_worker()

    office.lose_prefect()
    assert suspended_runs(office) == set()
    office.start_worker()

    restored = suspended_runs(office)
    assert sorted((flow, subject) for flow, subject, _run, _key in restored) == sorted(open_subjects())
    assert restored == open_questions()
    assert (LIFECYCLE, exited) not in open_subjects()
    again = office.visit_asked(visited, before)
    assert "丢失之前的回访" in again.brief
    assert again.item_id == before.item_id
    assert office.investor_asked(to_investor).item_id == to_investor
    assert office.visit_asked(signed, untouched).item_id == untouched.item_id
    assert office.verdicts(LIFECYCLE, visited) == [Verdict.APPLIED, Verdict.SUPERSEDED, None]

    assert office.visit(again, progress="恢复之后的回访").is_accepted
    question = office.blocker_asked(problem.id)
    assert office.answer(question, outcome=BlockerOutcome.RESOLVED.label, result="已解决").is_accepted

    office.visit_asked(visited, again)
    assert [visit.progress for visit in office.visits(visited)] == ["丢失之前的回访", "恢复之后的回访"]
    assert office.finished(question.flow_run_id)["state_type"] == "COMPLETED"
    assert office.items(blocked, ItemKind.BLOCKER)[0].result is ItemResult.RESOLVED


def test_what_somebody_deletes_in_prefect_comes_back_by_itself(office: Office) -> None:
    visited, untouched = office.sign(count=2)
    office.open_runs()
    first = office.visit_asked(visited)
    assert office.visit(first, progress="删除之前的回访").is_accepted
    office.visit_asked(visited, first)
    deployments = {entry["name"] for entry in declared()}

    empty_prefect(office)

    wait_for(lambda: set(registered(office)) >= deployments, "the deployments to be back", patience=90)
    wait_for(lambda: suspended_runs(office) == open_questions(), "every run to be back", patience=60)
    restored = {(flow, subject) for flow, subject, _run, _key in suspended_runs(office)}
    assert restored == open_subjects()
    assert {(LIFECYCLE, visited), (LIFECYCLE, untouched)} <= restored
    assert office.verdicts(LIFECYCLE, visited) == [Verdict.APPLIED, Verdict.SUPERSEDED, None]
    office.deploy()  # other tests want nothing to start by the clock
    again = office.visit_asked(visited)
    assert office.visit(again, progress="恢复之后的回访").is_accepted
    office.visit_asked(visited, again)
    online = {"workers": {"status": {"any_": ["ONLINE"]}}}
    assert office.http.post(f"/work_pools/{POOL}/workers/filter", json=online).raise_for_status().json()


def empty_prefect(office: Office) -> None:
    """Delete all runs, deployments, flows and the pool, as any program that reaches the API can."""
    for kind in ("flow_runs", "deployments", "flows"):
        while found := office.http.post(f"/{kind}/filter", json={}).raise_for_status().json():
            for each in found:
                office.http.delete(f"/{kind}/{each['id']}")
    office.http.delete(f"/work_pools/{POOL}")


def registered(office: Office) -> dict[str, dict[str, Any]]:
    found = office.http.post("/deployments/filter", json={"limit": 200}).raise_for_status().json()
    return {each["name"]: each for each in found}


def test_a_deleted_deployment_comes_back_and_the_others_stay_as_they_were_set(office: Office) -> None:
    office.http.patch(f"/deployments/{office.deployment('ledger-export')}", json={"paused": True}).raise_for_status()
    kept = office.deployment("escalation-sweep")  # its schedule was taken away
    office.http.delete(f"/deployments/{office.deployment('correction')}").raise_for_status()

    wait_for(lambda: "correction" in registered(office), "the deployment to be back", patience=90)

    there = registered(office)
    assert there["ledger-export"]["paused"]
    assert (there["escalation-sweep"]["id"], there["escalation-sweep"]["schedules"]) == (kept, [])
    office.deploy()


@pytest.mark.parametrize("lost", ["pool", "deployment"])
def test_runs_that_lost_their_pool_or_deployment_are_replaced_with_their_answers(office: Office, lost: str) -> None:
    project_id, other_id = office.sign(count=2)
    office.open_runs()
    form, other_form = office.visit_asked(project_id), office.visit_asked(other_id)
    errand = office.start("record-fact", project=office.project(project_id).code)
    report = office.errand_asked(errand)
    office.kill_worker()
    if lost == "pool":
        office.http.delete(f"/work_pools/{POOL}").raise_for_status()
    else:
        for name in (LIFECYCLE, "record-fact"):
            office.http.delete(f"/deployments/{office.deployment(name)}").raise_for_status()
    assert office.visit(form).is_accepted
    assert office.answer(report, progress=f"失去{lost}之后提交").is_accepted

    office.start_worker()

    assert f"失去{lost}之后提交" in wait_for(lambda: brief_after(office, project_id, form), "both answers")
    assert len(office.visits(project_id)) == 1
    again = office.visit_asked(other_id, other_form)
    assert again.flow_run_id != other_form.flow_run_id
    assert office.visit(again).is_accepted
    office.visit_asked(other_id, again)
    office.deploy()


def brief_after(office: Office, project_id: int, form: Ask) -> str | None:
    """The brief of the form that waits once the visit and the report are entered."""
    waiting = office.waiting(LIFECYCLE, project_id, form)
    return waiting.brief if waiting and "提交" in waiting.brief else None


def test_a_second_reconciliation_finds_nothing_to_mend(office: Office) -> None:
    office.reconcile()
    before = questions()
    office.reconcile()
    assert questions() == before


def questions() -> int:
    """How many questions were ever asked."""
    with transaction() as session:
        return len(session.scalars(select(Ask.id)).all())


def test_registered_by_three_at_once_no_deployment_starts_itself_twice(office: Office) -> None:
    def register(_turn: int) -> None:
        with office.client():
            deploy()

    for entry in declared():
        if "schedules" in entry:  # made anew: one that was deleted would stay so
            office.http.delete(f"/deployments/{office.deployment(entry['name'])}").raise_for_status()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(register, range(3)))

    schedules = {name: len(there["schedules"]) for name, there in registered(office).items()}
    office.deploy()
    assert schedules == {entry["name"]: len(entry.get("schedules", [])) for entry in declared()}
