"""What a worker's last tasks did is on the page of their run, and waiting to say so keeps no worker
from its end.
"""

import pytest
from sqlalchemy import text

from support.office import Office
from support.office.checks import LATCH, held_up
from support.office.runs import FINAL, RECORDED
from support.waiting import wait_for


@pytest.fixture(autouse=True)
def _worker_for_the_next(office: Office):
    yield
    if office.server is None:
        office.start_server()
    office.kill_worker()


def test_a_worker_that_is_asked_to_end_says_first_what_its_tasks_did(office: Office) -> None:
    office.sign()
    run = office.done("ledger-export", dossiers=True)
    (worker,) = office.workers
    office.stop_worker(worker)
    wait_for(lambda: len(office.tasks(run["id"])) == 2, "its tasks", RECORDED)
    wait_for(lambda: all(task["state_type"] in FINAL for task in office.tasks(run["id"])), "them to be over", RECORDED)


def test_while_the_server_is_away_a_worker_ends_all_the_same(office: Office) -> None:
    (worker,) = office.workers
    office.sign()
    hold = f"PERFORM pg_advisory_xact_lock({LATCH})"
    with office.trigger("revisit_visit", "true", hold), office.connect() as holder:
        holder.execute(text(f"SELECT pg_advisory_lock({LATCH})"))
        office.start("revisit-campaign", name="服务器不在", working_days=5, filled_in_by="王科长")
        wait_for(lambda: held_up(office), "the task that asks for visits")
        office.stop_server()
        holder.execute(text(f"SELECT pg_advisory_unlock({LATCH})"))
        wait_for(lambda: not held_up(office), "the task to go on")
    office.workers.remove(worker)
    worker.terminate()
    worker.wait(60)  # its run tries the server again first, as every step does
