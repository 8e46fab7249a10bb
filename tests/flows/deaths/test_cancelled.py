"""Runs that are cancelled, deleted or doubled in the UI."""

from sqlalchemy import text

from models.escalation.question import Ask
from support.office import Office, in_step
from support.office.checks import (
    APPLIED,
    LATCH,
    NO_FORM,
    OLD,
    SUPERSEDED,
    assert_goes_on,
    assert_nothing_happened,
    assert_visited_once,
    held_up,
    is_left_alone,
)
from support.waiting import wait_for
from tasks.ledger.questions import LIFECYCLE


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
