"""A run is resumed without an answer."""

from typing import Any

import pytest

from models.words import Stage
from support.office import Office, in_step
from support.office.checks import SUPERSEDED, assert_goes_on, assert_nothing_happened
from tasks.ledger.questions import LIFECYCLE


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


@pytest.mark.parametrize("state", ["PENDING", "RUNNING"])
def test_a_run_forced_to_run_where_nobody_executes_it_is_taken_up_at_once(office: Office, state: str) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    assert office.set_state(form.flow_run_id, state, force=True).status == "ACCEPT"

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
