"""What can go wrong between a run and the ledger. Each time the ledger is right after it and one run is left alive.

Verdicts are listed oldest first; None is the question that waits. So they also say that nothing was asked twice.
"""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import select, text, update

from models.escalation.question import Ask, Run
from models.i18n import gettext
from models.ledger.project import Project
from models.ledger.subject import Subject
from models.words import BlockerCategory, Exit, ItemKind, ItemResult, MilestoneKind, Stage, Verdict, VisitOutcome
from support.office import BUREAU, COUNTY, WHO, Office, Reply, days_ago, in_step, today, wait_for
from tasks.database import transaction
from tasks.dialogues.update_runs import dialogues, update_runs
from tasks.dialogues.visit import VisitDialogue
from tasks.items.facts import end_project
from tasks.ledger.locks import lock_project
from tasks.ledger.questions import LIFECYCLE, RESOLUTION, overtake
from tasks.runs.dialogue import reserve
from tasks.runs.lock import held_run
from tasks.runs.prefect_api import create_runs, live_runs, suspended_run, write_form
from tasks.runs.reconciliation import STEPS, Reconciliation, served_subjects

APPLIED, REFUSED, SUPERSEDED = Verdict.APPLIED, Verdict.REFUSED, Verdict.SUPERSEDED
NO_FORM = Reply(200, "REJECT", "Run input schema not found.")
SOMEBODY_ELSE = "濮阳市商务局 值班员"
OLD = timedelta(minutes=2)
"""Longer than reconciliation gives a run to settle."""
LATCH = 411_009
"""The number of the lock by which a test holds the ledger still."""


def assert_nothing_happened(office: Office, project_id: int) -> None:
    assert office.visits(project_id) == []
    assert office.project(project_id).stage is Stage.SIGNED


def assert_visited_once(office: Office, project_id: int, form: Ask) -> None:
    """The visit stands in the register once, entered by who sent the form."""
    (visit,) = office.visits(project_id)
    (entered,) = office.changes("visit", visit.item_id, None)
    assert (entered.actor, entered.source) == (WHO, f"{LIFECYCLE} {form.form_no}")


def assert_goes_on(office: Office, project_id: int, before: int) -> None:
    """The waiting form, the only one, takes an answer, and it enters the ledger."""
    form = in_step(office, LIFECYCLE, project_id)
    assert office.visit(form).is_accepted
    office.visit_asked(project_id, form)
    assert len(office.visits(project_id)) == before + 1
    in_step(office, LIFECYCLE, project_id)


# -- resumed without an answer


def test_a_nudge_asks_anew_and_enters_nothing(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)

    assert office.set_state(form.flow_run_id, "SCHEDULED").status == "ACCEPT"

    office.visit_asked(project_id, form)
    assert_nothing_happened(office, project_id)
    assert office.verdicts(LIFECYCLE, project_id) == [SUPERSEDED, None]
    assert_goes_on(office, project_id, before=0)


@pytest.mark.parametrize("body", [None, {}])
def test_a_resume_without_a_body_is_refused_by_the_server(office: Office, body: dict[str, Any] | None) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)

    reply = office.resume(form, body)

    assert (reply.code, reply.status) == (200, "REJECT")
    assert "is a required property" in reply.reason
    assert in_step(office, LIFECYCLE, project_id).id == form.id
    assert_nothing_happened(office, project_id)
    assert_goes_on(office, project_id, before=0)


def test_a_run_forced_to_resume_asks_anew_and_enters_nothing(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)

    assert office.set_state(form.flow_run_id, "SCHEDULED", force=True).status == "ACCEPT"

    second = office.visit_asked(project_id, form)
    assert second.flow_run_id == form.flow_run_id
    assert office.verdicts(LIFECYCLE, project_id) == [SUPERSEDED, None]
    assert_nothing_happened(office, project_id)
    assert_goes_on(office, project_id, before=0)


def test_a_run_forced_to_run_where_nobody_executes_it_is_taken_up(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    assert office.set_state(form.flow_run_id, "RUNNING", force=True).status == "ACCEPT"

    office.reconcile()

    second = office.visit_asked(project_id, form)
    assert second.flow_run_id == form.flow_run_id
    assert office.verdicts(LIFECYCLE, project_id) == [SUPERSEDED, None]
    assert_nothing_happened(office, project_id)
    assert_goes_on(office, project_id, before=0)


def test_a_run_forced_to_its_end_is_replaced(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    assert office.set_state(form.flow_run_id, "COMPLETED", force=True).status == "ACCEPT"

    office.reconcile()

    assert office.visit_asked(project_id, form).flow_run_id != form.flow_run_id
    assert office.served_by(LIFECYCLE, project_id).run_no == 2
    assert office.verdicts(LIFECYCLE, project_id) == [SUPERSEDED, None]
    assert office.project(project_id).stage is Stage.SIGNED
    assert_goes_on(office, project_id, before=0)


# -- answers that are wrong, early, or sent twice


def test_a_date_that_is_no_date_comes_back_with_field_and_value(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)

    assert office.visit(form, visited_on="2026-13-45").is_accepted, "Prefect has begun to check dates itself"

    second = office.visit_asked(project_id, form)
    head, rule, _brief = second.brief.partition("---")
    assert rule
    assert all(word in head for word in (form.schema_sent["properties"]["visited_on"]["title"], "2026-13-45", WHO))
    assert_nothing_happened(office, project_id)
    assert office.verdicts(LIFECYCLE, project_id) == [REFUSED, None]
    assert_goes_on(office, project_id, before=0)


def test_answers_given_within_a_second_of_the_question_all_arrive(office: Office) -> None:
    project_id = office.new_project()
    form: Ask | None = None
    delays = []
    for number in range(1, 7):
        form = newest_question(office, project_id, form)
        answer_as_soon_as_possible(office, form, f"第{number}次回访")
        suspended_at = datetime.fromisoformat(suspensions(office, form)[-1]["timestamp"])
        delays.append((answered_at(office, form) - suspended_at).total_seconds())

    office.visit_asked(project_id, form)

    assert sum(delay < 1 for delay in delays[1:]) >= 3, f"too slow to show anything: {delays}"
    assert [visit.progress for visit in office.visits(project_id)] == [f"第{number}次回访" for number in range(1, 7)]
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED] * 6 + [None]
    in_step(office, LIFECYCLE, project_id)


def newest_question(office: Office, project_id: int, after: Ask | None) -> Ask:
    """The question as soon as the ledger has it, which is before the run suspends."""

    def newer() -> Ask | None:
        ask = office.asks(LIFECYCLE, project_id)[-1]
        return ask if ask.verdict is None and ask.flow_run_id and (after is None or ask.id != after.id) else None

    return wait_for(newer, lambda: f"the next question\n{office.worker_log()}")


def answer_as_soon_as_possible(office: Office, form: Ask, progress: str) -> None:
    """Send the answer again and again until the run is suspended, has its form and takes it."""

    def send() -> bool:
        reply = office.visit(form, progress=progress)
        assert reply.is_accepted or reply.status == "ABORT" or reply == NO_FORM, reply
        return reply.is_accepted

    wait_for(send, "the run to take an answer")


def suspensions(office: Office, form: Ask) -> list[dict[str, Any]]:
    """The states in which the run waited for this form."""
    states = office.http.get("/flow_run_states/", params={"flow_run_id": str(form.flow_run_id)}).json()
    return [state for state in states if state["state_details"]["pause_key"] == str(form.id)]


def answered_at(office: Office, form: Ask) -> datetime:
    """The moment the server took the answer."""
    body = {"prefix": form.keyset["response"], "limit": 1}
    (answer,) = office.http.post(f"/flow_runs/{form.flow_run_id}/input/filter", json=body).json()
    return datetime.fromisoformat(answer["created"])


def test_the_same_form_sent_twice_is_entered_once(office: Office) -> None:
    project_ids = office.sign(count=6)
    office.open_runs()
    forms = [office.visit_asked(project_id) for project_id in project_ids]

    for form in forms:
        with ThreadPoolExecutor(2) as fingers:
            replies = list(fingers.map(office.visit, [form, form]))
        assert [reply.is_accepted for reply in replies].count(True) == 1, replies

    for project_id, form in zip(project_ids, forms, strict=True):
        second = office.visit_asked(project_id, form)
        late = office.visit(form)
        assert (late.code, late.status) == (200, "REJECT")
        assert form.form_no in late.reason
        assert in_step(office, LIFECYCLE, project_id).id == second.id
        assert_visited_once(office, project_id, form)
        assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]


# -- faults of ours


def test_an_answer_a_fault_kept_out_comes_in_when_the_fault_is_gone(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    with office.spoilt("暂时的故障"):
        assert office.visit(form, progress="暂时的故障").is_accepted
        assert office.finished(form.flow_run_id)["state_type"] == "FAILED"
    kept = office.ask(form)
    assert (kept.verdict, kept.attempts, kept.answer and kept.answer["progress"]) == (None, 1, "暂时的故障")
    assert_nothing_happened(office, project_id)

    office.reconcile()

    assert office.visit_asked(project_id, form).flow_run_id != form.flow_run_id
    assert_visited_once(office, project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]
    assert office.served_by(LIFECYCLE, project_id).run_no == 2
    assert_goes_on(office, project_id, before=1)


def test_a_fault_that_stays_is_told_and_holds_up_nobody_else(office: Office) -> None:
    project_id, other_id = office.sign(count=2)
    office.open_runs()
    form, other_form = office.visit_asked(project_id), office.visit_asked(other_id)
    with office.spoilt("持续的故障"):
        assert office.visit(form, progress="持续的故障").is_accepted
        assert office.finished(form.flow_run_id)["state_type"] == "FAILED"
        assert office.cancel(other_form.flow_run_id).status == "REJECT"

        second_try = office.done("reconciliation")

        assert second_try["state_type"] == "FAILED"
        assert form.form_no in second_try["state"]["message"] or "spoilt by a test" in second_try["state"]["message"]
        assert (office.ask(form).verdict, office.ask(form).attempts) == (None, 2)
        assert office.live_runs(LIFECYCLE, project_id) == []
        office.visit_asked(other_id, other_form)

        office.reconcile()

        second = office.visit_asked(project_id, form)
    refused = office.ask(form)
    assert (refused.verdict, refused.attempts) == (REFUSED, 3)
    assert refused.answer is not None
    assert (refused.answer["progress"], refused.filled_in_by) == ("持续的故障", WHO)
    assert "spoilt by a test" in refused.reason
    assert "spoilt by a test" in second.brief.partition("---")[0]
    assert "INSERT INTO" not in second.brief
    assert_nothing_happened(office, project_id)
    assert office.verdicts(LIFECYCLE, project_id) == [REFUSED, None]
    assert_goes_on(office, project_id, before=0)


# -- the worker killed


def held_up(office: Office) -> bool:
    """Whether somebody waits where the ledger is held still."""
    waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = :latch AND NOT granted"
    with office.connect() as connection:
        return bool(connection.execute(text(waiting), {"latch": LATCH}).scalar())


def kill_while(office: Office, table: str, when: str, act: Any, url: str = "") -> None:
    """Do `act`, hold the worker at its next INSERT into `table` that fits `when`, kill it there, start another.

    The table is the ledger's unless `url` names another database.
    """
    with (
        office.trigger(table, when, f"PERFORM pg_advisory_xact_lock({LATCH})", url),
        office.connect(url) as holder,
    ):
        holder.execute(text(f"SELECT pg_advisory_lock({LATCH})"))
        act()
        wait_for(lambda: held_up(office), lambda: f"the worker to write {table}\n{office.worker_log()}")
        office.kill_worker()
        holder.execute(text(f"SELECT pg_advisory_unlock({LATCH})"))
        wait_for(lambda: not held_up(office), "the dead worker's transaction to end")
    office.start_worker()


def test_a_worker_killed_between_the_answer_and_the_next_question_neither_repeats_nor_forgets(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    mine = f"NEW.flow = '{LIFECYCLE}' AND NEW.subject_id = {project_id}"

    def answer() -> None:
        assert office.visit(form).is_accepted
        wait_for(lambda: office.visits(project_id), "the visit to be in the ledger")

    kill_while(office, "ask", mine, answer)

    second = office.visit_asked(project_id, form)
    assert second.flow_run_id == form.flow_run_id
    assert_visited_once(office, project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]
    assert_goes_on(office, project_id, before=1)


def test_a_worker_killed_while_it_enters_an_answer_leaves_it_to_the_next(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)

    kill_while(
        office,
        "progress",
        "NEW.text = '正在写入台账'",
        lambda: office.visit(form, progress="正在写入台账"),
    )

    office.visit_asked(project_id, form)
    assert_visited_once(office, project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]
    assert_goes_on(office, project_id, before=1)


def test_a_file_whose_worker_was_killed_half_way_is_imported_whole_by_the_next(office: Office, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet
    sheet.append(["项目编号", "项目名称", "责任单位", "总投资（万元）", "签约日期", "预计开工时间"])
    for n in range(20):
        sheet.append([f"KI-{n}", f"中断项目{n}", COUNTY, 5000, str(days_ago(30)), "2032年8月"])
    book.save(tmp_path / "台账.xlsx")
    begun: list[str] = []

    def act() -> None:
        begun.append(office.start("ledger-import", path=str(tmp_path / "台账.xlsx")))

    kill_while(office, "milestone", "NEW.planned_on = '2032-08-31'", act)

    run = office.finished(begun[0])
    assert run["state_type"] == "COMPLETED", run["state"]["message"]
    with office.connect() as connection:
        found = connection.execute(text("SELECT id FROM project WHERE code LIKE 'KI-%'")).scalars().all()
    assert len(found) == 20
    assert all(office.visit_asked(project_id) for project_id in found)


def test_a_worker_killed_after_a_fact_was_entered_does_not_ask_for_it_again(office: Office) -> None:
    project_id = office.new_project()
    errand = office.start("record-fact", project=office.project(project_id).code)
    form = office.errand_asked(errand)
    blocker = {
        "category": BlockerCategory.PERMIT.label,
        "recipient_unit": BUREAU,
        "description": "规划许可久拖未批",
        "due_on": str(today() + timedelta(days=9)),
    }

    kill_while(
        office,
        "ask",
        f"NEW.flow = '{RESOLUTION}' AND NEW.brief LIKE '%规划许可久拖未批%'",
        lambda: office.answer(form, progress="企业反映", blockers=[blocker]),
    )

    assert office.finished(errand)["state_type"] == "COMPLETED"
    assert office.verdicts("record-fact", project_id) == [APPLIED]
    (item,) = office.items(project_id, ItemKind.BLOCKER)
    office.blocker_asked(item.id)
    office.reconcile()
    in_step(office, RESOLUTION, item.id)
    in_step(office, LIFECYCLE, project_id)


# -- a run suspended without its form


def form_of_next_question(office: Office, ask: Ask) -> str:
    """The INSERT by which the question after `ask` gets its form, brief first, in Prefect's database."""
    keys = f"NEW.key LIKE 'suspended-%' AND NEW.key NOT LIKE '%{ask.id}%'"
    return f"NEW.flow_run_id = '{ask.flow_run_id}' AND {keys}"


def test_a_worker_killed_before_it_wrote_the_form_leaves_it_to_the_next(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)

    kill_while(
        office, "flow_run_input", form_of_next_question(office, form), lambda: office.visit(form), office.prefect_url
    )

    assert_form_was_missing(office, form.flow_run_id)
    second = in_step(office, LIFECYCLE, project_id)
    assert second.flow_run_id == form.flow_run_id
    assert len(suspensions(office, second)) == 1
    assert_visited_once(office, project_id, form)
    assert_goes_on(office, project_id, before=1)


def test_an_errand_whose_worker_was_killed_before_it_wrote_the_form_gets_it(office: Office) -> None:
    project_id = office.new_project()
    errand = office.start("record-fact", project=office.project(project_id).code)
    first = office.errand_asked(errand)
    refused_once = {"progress": "", "blockers": [], "milestones": []}

    kill_while(
        office,
        "flow_run_input",
        form_of_next_question(office, first),
        lambda: office.answer(first, **refused_once),
        office.prefect_url,
    )

    assert_form_was_missing(office, errand)
    second = office.errand_asked(errand, first)
    assert len(suspensions(office, second)) == 1
    assert office.answer(second, progress="企业反映用电紧张").is_accepted
    assert office.finished(errand)["state_type"] == "COMPLETED"
    assert office.verdicts("record-fact", project_id) == [REFUSED, APPLIED]


def test_a_form_that_prefect_did_not_take_is_written_by_reconciliation(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    written = form_of_next_question(office, form)
    with office.trigger("flow_run_input", written, "RETURN NULL", office.prefect_url):
        assert office.visit(form).is_accepted
        wait_for(lambda: suspended_anew(office, form), lambda: f"the next question\n{office.worker_log()}")
        wait_for(lambda: is_left_alone(form.flow_run_id), "the execution to end")
    assert office.waiting(LIFECYCLE, project_id) is None

    office.reconcile()

    assert_form_was_missing(office, form.flow_run_id)
    in_step(office, LIFECYCLE, project_id)
    assert_goes_on(office, project_id, before=1)


def is_left_alone(run_id: uuid.UUID | None) -> bool:
    """Whether nobody executes the run."""
    assert run_id
    with held_run(run_id) as free:
        return free


def suspended_anew(office: Office, form: Ask) -> bool:
    """Whether the run is suspended with a later question."""
    run = office.run(form.flow_run_id)
    return run["state_type"] == "PAUSED" and run["state"]["state_details"]["pause_key"] != str(form.id)


def assert_form_was_missing(office: Office, run_id: object) -> None:
    """The last reconciliation found the run without its form."""
    (found,) = [row for row in json.loads(office.artifact("reconciliation")) if str(run_id) in row.values()]
    assert gettext(STEPS[Reconciliation.rewritten]) in found.values()


# -- cancelled, deleted, doubled in the UI


def test_a_run_cancelled_in_the_ui_comes_back_with_a_new_form(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    office.cancel(form.flow_run_id)
    assert office.run(form.flow_run_id)["state_type"] == "CANCELLED"

    office.reconcile()

    assert office.visit_asked(project_id, form).flow_run_id != form.flow_run_id
    assert office.served_by(LIFECYCLE, project_id).run_no == 2
    assert office.verdicts(LIFECYCLE, project_id) == [SUPERSEDED, None]
    assert_nothing_happened(office, project_id)
    assert_goes_on(office, project_id, before=0)


def test_an_answer_given_just_before_the_run_is_cancelled_is_entered(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    office.kill_worker()  # so that nobody takes the answer up before the cancellation
    assert office.visit(form).is_accepted
    office.cancel(form.flow_run_id)
    assert office.run(form.flow_run_id)["state_type"] == "CANCELLED"

    office.start_worker()

    office.visit_asked(project_id, form)
    assert_visited_once(office, project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]
    assert_goes_on(office, project_id, before=1)


def test_a_run_cancelled_while_it_works_comes_back_where_it_was(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    mine = f"NEW.flow = '{LIFECYCLE}' AND NEW.subject_id = {project_id}"
    with office.trigger("ask", mine, f"PERFORM pg_advisory_xact_lock({LATCH})"), office.connect() as holder:
        holder.execute(text(f"SELECT pg_advisory_lock({LATCH})"))
        assert office.visit(form).is_accepted
        wait_for(lambda: held_up(office), "the worker to ask")
        assert office.cancel(form.flow_run_id).status == "ACCEPT"
        holder.execute(text(f"SELECT pg_advisory_unlock({LATCH})"))
        wait_for(lambda: len(office.asks(LIFECYCLE, project_id)) == 2, "the next question")

    wait_for(lambda: is_left_alone(form.flow_run_id), "the execution to end")
    office.reconcile()

    wait_for(lambda: office.run(form.flow_run_id)["state_type"] == "CANCELLED", "the old run to be over")
    assert office.visit_asked(project_id, form).flow_run_id != form.flow_run_id
    assert_visited_once(office, project_id, form)
    assert_goes_on(office, project_id, before=1)


def test_a_run_deleted_in_the_ui_comes_back(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    office.http.delete(f"/flow_runs/{form.flow_run_id}").raise_for_status()

    office.reconcile()

    office.visit_asked(project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [SUPERSEDED, None]
    assert_goes_on(office, project_id, before=0)


def test_a_form_that_vanished_is_laid_beside_its_run_again(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    office.http.delete(f"/flow_runs/{form.flow_run_id}/input/{form.keyset['schema']}").raise_for_status()
    assert office.visit(form) == NO_FORM

    office.reconcile()

    assert in_step(office, LIFECYCLE, project_id).id == form.id
    assert office.visit(form).is_accepted
    office.visit_asked(project_id, form)
    assert_visited_once(office, project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]


def test_of_two_living_runs_the_ledgers_stays(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    second = suspended_twin(office, form)
    office.grow_old(second, OLD)
    assert len(office.live_runs(LIFECYCLE, project_id)) == 2

    office.reconcile()

    assert office.run(second)["state_type"] == "CANCELLED"
    assert in_step(office, LIFECYCLE, project_id).id == form.id
    assert office.verdicts(LIFECYCLE, project_id) == [None]
    assert_goes_on(office, project_id, before=0)


def suspended_twin(office: Office, form: Ask) -> str:
    """A second run for the subject that waits as the first does."""
    original = office.run(form.flow_run_id)
    twin = {
        "name": "twin",
        "parameters": original["parameters"],
        "state": {
            "type": "PAUSED",
            "name": "Suspended",
            "state_details": {"pause_key": "twin", "pause_reschedule": True, "run_input_keyset": form.keyset},
        },
    }
    path = f"/deployments/{office.deployment(LIFECYCLE)}/create_flow_run/bulk"
    (made,) = office.http.post(path, json=[twin]).raise_for_status().json()["results"]
    return str(made["flow_run_id"])


def test_a_run_started_by_hand_beside_the_ledgers_ends_at_once(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)

    second = office.done(LIFECYCLE, project_id=project_id)

    assert second["state_type"] == "COMPLETED"
    assert in_step(office, LIFECYCLE, project_id).id == form.id
    assert office.verdicts(LIFECYCLE, project_id) == [None]


def test_a_run_started_by_hand_for_a_project_without_one_serves_it(office: Office) -> None:
    (project_id,) = office.sign()

    run_id = office.start(LIFECYCLE, project_id=project_id)

    assert str(office.visit_asked(project_id).flow_run_id) == run_id
    office.reconcile()
    assert office.verdicts(LIFECYCLE, project_id) == [None]
    assert_goes_on(office, project_id, before=0)


# -- the world moves while a form waits


def test_a_fact_recorded_while_a_form_waits_is_in_the_form_asked_anew(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    errand = office.start("record-fact", project=office.project(project_id).code)
    report = office.errand_asked(errand)

    entries = {"happened_on": str(days_ago(1)), "progress": "省厅已批复环评"}
    assert office.answer(report, filled_in_by=SOMEBODY_ELSE, **entries).is_accepted

    second = office.visit_asked(project_id, form)
    assert office.finished(errand)["state_type"] == "COMPLETED"
    assert second.flow_run_id == form.flow_run_id
    assert "省厅已批复环评" in second.brief
    assert SOMEBODY_ELSE in second.brief
    late = office.visit(form)
    assert (late.code, late.status) == (200, "REJECT")
    assert form.form_no in late.reason
    assert office.verdicts(LIFECYCLE, project_id) == [SUPERSEDED, None]
    assert office.verdicts("record-fact", project_id) == [APPLIED]
    assert_nothing_happened(office, project_id)
    assert_goes_on(office, project_id, before=0)


def test_an_answer_stored_just_before_a_fact_is_entered_after_it(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    errand = office.start("record-fact", project=office.project(project_id).code)
    report = office.errand_asked(errand)

    with held_run(form.flow_run_id) as ours:  # the answer's execution waits until the fact is in the ledger
        assert ours
        assert office.visit(form).is_accepted
        assert office.answer(report, filled_in_by=SOMEBODY_ELSE, progress="省厅已批复环评").is_accepted
        assert office.finished(errand)["state_type"] == "COMPLETED"
        assert office.ask(form).overtaken_at is not None

    second = office.visit_asked(project_id, form)
    assert_visited_once(office, project_id, form)
    assert "省厅已批复环评" in second.brief
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]
    assert_goes_on(office, project_id, before=1)


def test_an_answer_stored_just_before_the_project_exits_is_kept_with_the_reason_it_came_too_late(
    office: Office,
) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    errand = office.start("record-fact", project=office.project(project_id).code)
    report = office.errand_asked(errand)

    with held_run(form.flow_run_id):
        assert office.visit(form, progress="迟到的回访").is_accepted
        exit_ = {"outcome": VisitOutcome.LOST.label, "reason": "投资方资金链断裂"}
        assert office.answer(report, filled_in_by=SOMEBODY_ELSE, **exit_).is_accepted
        assert office.finished(errand)["state_type"] == "COMPLETED"

    assert office.finished(form.flow_run_id)["state_type"] == "COMPLETED"
    late = office.ask(form)
    assert (late.verdict, late.answer and late.answer["progress"]) == (REFUSED, "迟到的回访")
    assert late.reason
    assert office.visits(project_id) == []
    assert office.project(project_id).stage is Stage.EXITED
    assert office.live_runs(LIFECYCLE, project_id) == []


def test_when_a_project_ends_its_blockers_runs_end(office: Office) -> None:
    project_id = office.new_project(blockers=2)
    form = office.visit_asked(project_id)
    items = office.items(project_id, ItemKind.BLOCKER)
    questions = [office.blocker_asked(item.id) for item in items]

    exit_ = {"outcome": VisitOutcome.TERMINATED.label, "reason": "双方协议终止"}
    assert office.visit(form, **exit_).is_accepted

    for run_id in [form.flow_run_id, *(question.flow_run_id for question in questions)]:
        assert office.finished(run_id)["state_type"] == "COMPLETED"
    project = office.project(project_id)
    assert (project.stage, project.exit_reason, project.ended_on) == (Stage.EXITED, "双方协议终止", today())
    for item in office.items(project_id, ItemKind.BLOCKER):
        assert item.result is ItemResult.PROJECT_ENDED
        assert office.verdicts(RESOLUTION, item.id) == [SUPERSEDED]
        assert office.live_runs(RESOLUTION, item.id) == []
    office.reconcile()
    assert office.live_runs(LIFECYCLE, project_id) == []


# -- reconciliation itself


def test_a_run_created_but_not_yet_named_in_the_ledger_is_named_not_cancelled(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    with transaction() as session:  # as after a kill between Prefect's answer and the ledger's note of it
        session.execute(update(Run).where(Run.flow_run_id == form.flow_run_id).values(flow_run_id=None))
        session.execute(update(Ask).where(Ask.id == form.id).values(flow_run_id=None))
    office.grow_old(form.flow_run_id, OLD)

    office.reconcile()

    assert in_step(office, LIFECYCLE, project_id).id == form.id
    assert office.served_by(LIFECYCLE, project_id).run_no == 1
    assert office.verdicts(LIFECYCLE, project_id) == [None]
    assert_goes_on(office, project_id, before=0)


def test_a_question_asked_while_reconciliation_looks_is_not_asked_again(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    before = served_subjects(dialogues())
    assert office.visit(form).is_accepted
    second = office.visit_asked(project_id, form)

    with office.client() as client:
        look = Reconciliation(client, before, live_runs(client, [LIFECYCLE, RESOLUTION]), [])
        assert second.flow_run_id not in look.nudged()

    assert in_step(office, LIFECYCLE, project_id).id == second.id
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]


def test_a_fact_recorded_while_a_run_is_opened_leaves_no_form_that_nobody_reads(office: Office) -> None:
    (project_id,) = office.sign()
    with transaction() as session:
        taken = reserve(session, VisitDialogue(project_id), None, today())
    assert taken
    ask, key, label = taken
    with transaction() as session:
        overtake(session, (LIFECYCLE,), select(Project.id).where(Project.id == project_id))
    with office.client() as client:
        (run_id,) = create_runs(client, LIFECYCLE, [suspended_run(ask, label, key, {"project_id": project_id})], [])
        write_form(client, run_id, ask)
        update_runs(Subject(project_id=project_id))  # the fact's own, before the opening has noted its run

    form = office.visit_asked(project_id)
    assert form.flow_run_id == run_id
    assert office.verdicts(LIFECYCLE, project_id) == [SUPERSEDED, None]
    assert_goes_on(office, project_id, before=0)


def test_a_project_that_ended_before_its_runs_were_told_leaves_none_behind(office: Office) -> None:
    project_id = office.new_project(blockers=1)
    form = office.visit_asked(project_id)
    (item,) = office.items(project_id, ItemKind.BLOCKER)
    question = office.blocker_asked(item.id)
    with transaction() as session:  # as after a kill between the ledger's commit and the nudges
        project = lock_project(session, project_id)
        project.exit, project.exit_reason = Exit.LOST, "投资方撤资"
        end_project(session, project, Stage.EXITED, today(), today())

    office.reconcile()

    for run_id in (form.flow_run_id, question.flow_run_id):
        assert office.finished(run_id)["state_type"] == "COMPLETED"
    assert office.verdicts(LIFECYCLE, project_id) == [SUPERSEDED]
    assert office.verdicts(RESOLUTION, item.id) == [SUPERSEDED]


def test_an_errand_refused_after_its_run_ended_is_asked_again_with_the_reason(office: Office) -> None:
    project_id = office.new_project()
    errand = office.start("record-fact", project=office.project(project_id).code)
    report = office.errand_asked(errand)
    with office.spoilt("差事的故障二"):
        assert office.answer(report, filled_in_by=SOMEBODY_ELSE, progress="差事的故障二").is_accepted
        assert office.finished(errand)["state_type"] == "FAILED"
        office.reconcile()
        wait_for(lambda: office.ask(report).attempts == 2, "the second try")
        assert office.finished(errand)["state_type"] == "FAILED"
        office.reconcile()
        again = office.errand_asked(errand, report)
    assert office.ask(report).verdict is REFUSED
    assert "spoilt by a test" in again.brief.partition("---")[0]
    assert office.answer(again, filled_in_by=SOMEBODY_ELSE, progress="再次提交").is_accepted
    assert office.finished(errand)["state_type"] == "COMPLETED"
    assert office.verdicts("record-fact", project_id) == [REFUSED, APPLIED]


def test_an_errand_answered_just_before_it_is_cancelled_is_entered(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    errand = office.start("record-fact", project=office.project(project_id).code)
    report = office.errand_asked(errand)
    office.kill_worker()
    assert office.answer(report, filled_in_by=SOMEBODY_ELSE, progress="取消之前已提交").is_accepted
    office.cancel(errand)
    assert office.run(errand)["state_type"] == "CANCELLED"

    office.start_worker()

    assert "取消之前已提交" in office.visit_asked(project_id, form).brief
    assert office.finished(errand)["state_type"] == "COMPLETED"
    assert office.verdicts("record-fact", project_id) == [APPLIED]
    assert_goes_on(office, project_id, before=0)


def test_an_errand_that_failed_by_a_fault_is_entered_when_the_fault_is_gone(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    errand = office.start("record-fact", project=office.project(project_id).code)
    report = office.errand_asked(errand)
    with office.spoilt("差事的故障"):
        assert office.answer(report, filled_in_by=SOMEBODY_ELSE, progress="差事的故障").is_accepted
        assert office.finished(errand)["state_type"] == "FAILED"

    office.reconcile()

    assert "差事的故障" in office.visit_asked(project_id, form).brief
    assert office.finished(errand)["state_type"] == "COMPLETED"
    assert office.verdicts("record-fact", project_id) == [APPLIED]
    assert_goes_on(office, project_id, before=0)


def test_an_errand_cancelled_in_the_ui_stays_cancelled(office: Office) -> None:
    project_id = office.new_project()
    errand = office.start("record-fact", project=office.project(project_id).code)
    office.errand_asked(errand)
    office.cancel(errand)

    office.reconcile()

    assert office.run(errand)["state_type"] == "CANCELLED"
    assert office.verdicts("record-fact", project_id) == [SUPERSEDED]
    assert_nothing_happened(office, project_id)
    in_step(office, LIFECYCLE, project_id)


def test_milestones_of_a_refused_answer_are_not_kept(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    blank = {"kind": MilestoneKind.REGISTERED.label, "done_on": str(days_ago(3)), "evidence": "   "}

    assert office.visit(form, milestones=[blank]).is_accepted

    second = office.visit_asked(project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [REFUSED, None]
    assert office.ask(form).reason in second.brief
    assert office.project(project_id).milestones == []
    assert_nothing_happened(office, project_id)
