"""What a person waits for goes before what computes for long."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from deployments import children
from support.ledgers.one_project import ledger_file
from support.office import Office
from support.office.checks import LATCH, held_up
from support.waiting import wait_for
from tasks.runs.prefect_api import POOL

DUE = 210  # more than a page of what the server says is due


@contextmanager
def import_under_way(office: Office, folder: Path, code: str) -> Iterator[str]:
    """An import that does not end before the block does."""
    when = "NEW.planned_on = '2033-09-30'"
    with (
        office.trigger("milestone", when, f"PERFORM pg_advisory_xact_lock({LATCH})"),
        office.connect() as holder,
    ):
        holder.execute(text(f"SELECT pg_advisory_lock({LATCH})"))
        run = office.start("ledger-import", path=str(ledger_file(folder / f"{code}.xlsx", code)))
        wait_for(lambda: held_up(office), "the import to be under way")
        try:
            yield run
        finally:
            holder.execute(text(f"SELECT pg_advisory_unlock({LATCH})"))
        wait_for(lambda: not held_up(office), "the import to go on")


def start_many(office: Office, deployment: str, count: int) -> list[str]:
    path = f"/deployments/{office.deployment(deployment)}/create_flow_run/bulk"
    runs: list[str] = []
    while len(runs) < count:
        body = [{"parameters": {"path": "/nowhere.xlsx"}} for _each in range(min(100, count - len(runs)))]
        created = office.http.post(path, json=body).raise_for_status().json()["results"]
        runs += [each["flow_run_id"] for each in created]
    return runs


@contextmanager
def due_imports(office: Office, count: int) -> Iterator[None]:
    runs = start_many(office, "ledger-import", count)
    try:
        yield
    finally:
        for start in range(0, count, 50):
            body = {
                "flow_runs": {"id": {"any_": runs[start : start + 50]}},
                "state": {"type": "CANCELLED"},
                "force": True,
            }
            office.http.post("/flow_runs/bulk_set_state", json=body).raise_for_status()


def test_two_hundred_imports_keep_nobody_waiting_for_the_next_form(office: Office, tmp_path: Path) -> None:
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    with import_under_way(office, tmp_path, "PY-9101") as run, due_imports(office, DUE):
        time.sleep(3)  # the worker has looked for work, and taken as many as it may
        assert office.visit(form).is_accepted
        office.visit_asked(project_id, form)
        assert office.done("reconciliation")["state_type"] == "COMPLETED"
        assert office.run(run)["state_type"] == "RUNNING"
    assert office.finished(run)["state_type"] == "COMPLETED"


def test_an_export_does_not_wait_for_the_second_of_two_imports(office: Office, tmp_path: Path) -> None:
    with import_under_way(office, tmp_path, "PY-9102") as run, due_imports(office, 3):
        time.sleep(3)
        assert office.done("ledger-export")["state_type"] == "COMPLETED"
        assert office.run(run)["state_type"] == "RUNNING"
    assert office.finished(run)["state_type"] == "COMPLETED"


@pytest.fixture
def stock_worker(office: Office) -> Iterator[Office]:
    """The office, served by a worker that Prefect's own command has started."""
    office.kill_worker()
    log = office.folder / "stock-worker.log"
    command = [sys.executable, "-P", "-m", "prefect", "worker", "start", "-t", "in-process", "--pool", POOL]
    worker = children.start(command, log, office.environment())
    yield office
    children.stop(worker, patience=20)


def test_a_worker_started_by_prefects_own_command_serves_the_pool(stock_worker: Office) -> None:
    office = stock_worker
    project_id = office.new_project()
    form = office.visit_asked(project_id)
    assert office.visit(form).is_accepted
    office.visit_asked(project_id, form)
    assert office.done("notice-delivery")["state_type"] == "COMPLETED"
