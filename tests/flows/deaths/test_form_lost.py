"""A run is suspended without its form."""

import json

from models.escalation.question import Ask
from models.i18n import gettext
from support.office import Office, in_step
from support.office.checks import (
    APPLIED,
    REFUSED,
    assert_goes_on,
    assert_visited_once,
    is_left_alone,
    kill_while,
    suspensions,
)
from support.waiting import wait_for
from tasks.ledger.questions import LIFECYCLE
from tasks.runs.reconciliation import STEPS, Reconciliation


def form_of_next_question(office: Office, ask: Ask) -> str:
    """The INSERT by which the question after `ask` gets its form, brief first, in Prefect's
    database.
    """
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


def suspended_anew(office: Office, form: Ask) -> bool:
    """Whether the run is suspended with a later question."""
    run = office.run(form.flow_run_id)
    return run["state_type"] == "PAUSED" and run["state"]["state_details"]["pause_key"] != str(form.id)


def assert_form_was_missing(office: Office, run_id: object) -> None:
    """The last reconciliation found the run without its form."""
    (found,) = [row for row in json.loads(office.artifact("reconciliation")) if str(run_id) in row.values()]
    assert gettext(STEPS[Reconciliation.rewritten]) in found.values()
