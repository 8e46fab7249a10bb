"""Sweep, delivery and bulletin run once at a time, and no dead run keeps the next one out."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, text

from deployments.slots import LATER, LEASE, TURNED_AWAY, UNNEEDED, free_lost
from models.i18n import gettext as _
from support.office import Office
from support.office.days import today, working_day
from support.waiting import wait_for

SWEEP, DELIVERY, BULLETIN = "escalation-sweep", "notice-delivery", "weekly-bulletin"
TABLES = {SWEEP: "sweep_log", DELIVERY: "delivery", BULLETIN: "bulletin"}  # what each cannot do without
LIMITED = pytest.mark.parametrize("flow", TABLES)


def start(office: Office, flow: str) -> str:
    if flow == SWEEP:
        return office.start(flow, as_of=str(working_day(0)))
    return office.start(flow, **({"week": str(a_week()), "send": False} if flow == BULLETIN else {}))


def a_week() -> date:
    return today() - timedelta(weeks=1)


@contextmanager
def held(office: Office, flow: str) -> Iterator[str]:
    """A run that is held inside its work until the block is left."""
    office.forget_sweeps_after(working_day(0))
    engine = create_engine(office.ledger_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(f"LOCK TABLE {TABLES[flow]} IN ACCESS EXCLUSIVE MODE"))
        run = start(office, flow)
        wait_for(lambda: waits(office, TABLES[flow]), lambda: f"{flow} to be held\n{office.worker_log()}")
        assert office.run(run)["state_type"] == "RUNNING"
        yield run


def waits(office: Office, table: str) -> bool:
    waiting = "SELECT count(*) FROM pg_locks WHERE relation = CAST(:name AS regclass) AND NOT granted"
    with office.connect() as connection:
        return bool(connection.execute(text(waiting), {"name": table}).scalar())


def slots(office: Office, flow: str) -> int:
    limit = office.http.get(f"/deployments/name/{flow}/{flow}").json()["global_concurrency_limit"]
    return int(limit["active_slots"])


def ended(office: Office, run: str, *states: str) -> dict[str, Any]:
    over = office.finished(run)
    assert over["state_type"] in (states or ("COMPLETED",)), over["state"]
    return over


def assert_the_next_gets_through(office: Office, dead: str, flow: str) -> None:
    ended(office, dead)
    wait_for(lambda: slots(office, flow) == 0, "the slot to be free")
    ended(office, start(office, flow))


@LIMITED
def test_of_two_at_once_one_is_not_begun_and_says_why(office: Office, flow: str) -> None:
    with held(office, flow) as first:
        second = start(office, flow)
        why = _(LATER if flow == DELIVERY else UNNEEDED)
        wait_for(lambda: office.run(second)["state"]["message"] == why, "its page to say why")
        ended(office, second, "CANCELLED")
    ended(office, first)


def test_a_delivery_that_was_not_begun_is_started_again_when_its_holder_ends(office: Office) -> None:
    with held(office, DELIVERY) as first:
        seconds = [start(office, DELIVERY) for _time in range(2)]
        for second in seconds:
            ended(office, second, "CANCELLED")
        late = start(office, DELIVERY)  # as Prefect does to one that is late
        ended(office, late, "CANCELLED")
        body = {"state": {"type": "CANCELLED", "message": TURNED_AWAY}, "force": True}
        office.http.post(f"/flow_runs/{late}/set_state", json=body).raise_for_status()
    ended(office, first)
    wait_for(lambda: office.run(late)["state_type"] == "COMPLETED", "the last of them to run")
    assert [office.run(second)["state"]["message"] for second in seconds] == [_(LATER), _(LATER)]


def test_a_sweep_that_a_trial_kept_out_is_started_again_when_the_trial_ends(office: Office) -> None:
    with held(office, SWEEP) as first:  # another day's, as a trial is another order than the real sweep
        real = office.start(SWEEP, as_of=str(working_day(0)), dry_run=False)
        ended(office, real, "CANCELLED")
        wait_for(lambda: office.run(real)["state"]["message"] == _(LATER), "its page to say that it comes later")
    ended(office, first)
    wait_for(lambda: office.run(real)["state_type"] == "COMPLETED", "the sweep that was kept out to run")


@LIMITED
def test_the_next_runs_after_the_worker_was_killed_inside_one(office: Office, flow: str) -> None:
    with held(office, flow) as dead:
        office.kill_worker()
    office.start_worker()
    assert_the_next_gets_through(office, dead, flow)


@LIMITED
def test_the_next_runs_after_the_server_was_killed_inside_one(office: Office, flow: str) -> None:
    with held(office, flow) as dead:
        assert office.server
        office.server.kill()
        office.server.wait()
    office.start_server()
    assert_the_next_gets_through(office, dead, flow)


def expiry(office: Office, run: str) -> str:
    lease = office.run(run)["state"]["state_details"]["deployment_concurrency_lease_id"]
    path = office.folder / "prefect" / "concurrency_leases" / f"{lease}.json"
    return str(json.loads(path.read_text())["expiration"])


def test_the_worker_renews_the_lease_of_a_run_under_way(office: Office) -> None:
    with held(office, SWEEP) as run:
        first = expiry(office, run)
        wait_for(lambda: expiry(office, run) > first, "the lease to be renewed", patience=30)
    ended(office, run)


def test_a_slot_that_nobody_holds_and_whose_lease_is_lost_is_freed(office: Office) -> None:
    limit = office.http.get(f"/deployments/name/{SWEEP}/{SWEEP}").json()["global_concurrency_limit"]
    lost = {"active_slots": 1}
    office.http.patch(f"/v2/concurrency_limits/{limit['id']}", json=lost).raise_for_status()
    assert slots(office, SWEEP) == 1
    with office.client() as client:
        free_lost(client)
        assert slots(office, SWEEP) == 0
        with held(office, SWEEP) as run:
            free_lost(client)
            assert slots(office, SWEEP) == 1
    ended(office, run)


@pytest.mark.long
def test_the_slot_of_a_dead_run_comes_free_though_server_and_worker_died_with_it(office: Office) -> None:
    with held(office, SWEEP) as dead:
        office.kill_worker()
        killed = time.monotonic()
        assert office.server
        office.server.kill()
        office.server.wait()
    office.start_server()
    wait_for(lambda: slots(office, SWEEP) == 0, "the slot to be free", patience=200)
    print(f"free after {time.monotonic() - killed:.0f} s")
    office.start_worker()
    assert_the_next_gets_through(office, dead, SWEEP)


@pytest.mark.long
def test_a_run_that_takes_longer_than_its_lease_keeps_its_slot(office: Office) -> None:
    with held(office, SWEEP) as first:
        time.sleep(LEASE + 35)  # Prefect looks every 15 s for leases that are over
        assert slots(office, SWEEP) == 1
        ended(office, start(office, SWEEP), "CANCELLED")
    ended(office, first)
