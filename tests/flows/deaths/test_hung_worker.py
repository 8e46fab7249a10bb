"""A step hangs, or what it works with is away."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from deployments.steps import HUNG, HUNG_TWICE, OVERDUE
from models.i18n import gettext as _
from support.ledgers.one_project import ledger_file
from support.office import Office
from support.office.checks import (
    APPLIED,
    LATCH,
    SUPERSEDED,
    assert_goes_on,
    assert_visited_once,
    held_up,
    is_left_alone,
)
from support.waiting import wait_for
from tasks.ledger.questions import LIFECYCLE

HASTY = Path(__file__).parents[2] / "support" / "programs" / "hasty_worker.py"


@contextmanager
def hanging(office: Office, table: str, when: str) -> Iterator[None]:
    """Inside the block whoever writes such a row waits for ever."""
    with office.trigger(table, when, f"PERFORM pg_advisory_xact_lock({LATCH})"), office.connect() as holder:
        holder.execute(text(f"SELECT pg_advisory_lock({LATCH})"))
        try:
            yield
        finally:
            holder.execute(text(f"SELECT pg_advisory_unlock({LATCH})"))
        wait_for(lambda: not held_up(office), "those who waited to go on")


def start_hasty(office: Office, patience: int, *options: str) -> subprocess.Popen[bytes]:
    """Let the office have one worker, which gives an answer little time."""
    office.kill_worker()
    return office.start_worker([sys.executable, "-P", str(HASTY), str(patience), *options])


@pytest.fixture
def office_of_its_own(office: Office) -> Iterator[Office]:
    """The office, whose hasty worker is not left to the next test."""
    yield office
    office.kill_worker()


def test_a_step_past_its_deadline_is_stopped_and_its_answer_is_kept(office_of_its_own: Office) -> None:
    office = office_of_its_own
    worker = start_hasty(office, 60)
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    with hanging(office, "ask", f"NEW.flow = '{LIFECYCLE}' AND NEW.subject_id = {project_id}"):
        assert office.visit(form).is_accepted
        wait_for(lambda: f"{form.flow_run_id} is past its deadline" in office.worker_log(), "its deadline")

    run = office.finished(form.flow_run_id)

    assert run["state_type"] == "FAILED"
    assert run["state"]["message"] == _(OVERDUE) % {"minutes": "0.05"}
    assert worker.poll() is None
    office.visit_asked(project_id, form)  # in a run that the worker had reconciliation open
    assert_visited_once(office, project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]
    assert_goes_on(office, project_id, before=1)


def test_a_step_that_does_not_end_ends_its_worker_and_is_given_up_after_the_second(
    office_of_its_own: Office, tmp_path: Path
) -> None:
    office, beat = office_of_its_own, tmp_path / "run" / "beat"
    worker = start_hasty(office, 1, "--beat", str(beat))
    project_id, other_id = office.new_project(), office.new_project()
    form, other_form = office.visit_asked(project_id), office.visit_asked(other_id)
    assert beat.exists()
    with hanging(office, "ask", f"NEW.flow = '{LIFECYCLE}' AND NEW.subject_id = {project_id}"):
        assert office.visit(form).is_accepted
        wait_for(lambda: held_up(office), "the step to hang")
        assert office.visit(other_form).is_accepted
        office.visit_asked(other_id, other_form)

        assert worker.wait(30) == os.EX_SOFTWARE
        waiting = office.run(form.flow_run_id)["state"]
        assert (waiting["type"], waiting["name"]) == ("SCHEDULED", HUNG)
        assert start_hasty(office, 1).wait(30) == os.EX_SOFTWARE

        run = office.run(form.flow_run_id)
        assert (run["state_type"], run["state"]["message"]) == ("CRASHED", _(HUNG_TWICE))

    office.kill_worker()
    office.start_worker()
    office.visit_asked(project_id, form)
    assert_visited_once(office, project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, None]
    assert_goes_on(office, project_id, before=1)


def test_imports_wait_for_each_other_and_answers_for_neither(office: Office, tmp_path: Path) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    with hanging(office, "milestone", "NEW.planned_on = '2033-09-30'"):
        first = office.start("ledger-import", path=str(ledger_file(tmp_path / "甲.xlsx", "PY-9001")))
        wait_for(lambda: held_up(office), "the first import to hang")
        second = office.start("ledger-import", path=str(ledger_file(tmp_path / "乙.xlsx", "PY-9002")))
        assert office.visit(form).is_accepted
        office.visit_asked(project_id, form)
        assert office.run(second)["state_type"] == "SCHEDULED"
    for run_id in (first, second):
        assert office.finished(run_id)["state_type"] == "COMPLETED"


def test_what_was_under_way_when_the_server_died_goes_on_once_it_is_back(office: Office) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    with hanging(office, "ask", f"NEW.flow = '{LIFECYCLE}' AND NEW.subject_id = {project_id}"):
        assert office.visit(form).is_accepted
        wait_for(lambda: held_up(office), "the step to be under way")
        assert office.server
        office.server.kill()
        office.server.wait()
    wait_for(lambda: is_left_alone(form.flow_run_id), "the step to be given up", patience=60)

    office.start_server()

    office.visit_asked(project_id, form)  # nobody but the worker asked for a reconciliation
    assert_visited_once(office, project_id, form)
    assert office.verdicts(LIFECYCLE, project_id) == [APPLIED, SUPERSEDED, None]
    assert_goes_on(office, project_id, before=1)
