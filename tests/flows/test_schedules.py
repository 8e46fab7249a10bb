"""Runs that a schedule starts."""

from collections.abc import Iterator
from typing import Any

import pytest

from support.office import Office
from support.waiting import wait_for

DEPLOYMENT = "notice-delivery"


@pytest.fixture
def saved_in_the_ui(office: Office) -> Iterator[str]:
    """The deployment as Prefect's page for editing it saves it: with all that its form shows."""
    deployment = f"/deployments/{office.deployment(DEPLOYMENT)}"
    office.http.patch(deployment, json={"parameters": {"as_of": "", "dry_run": True}}).raise_for_status()
    yield deployment
    office.http.patch(deployment, json={"parameters": {}}).raise_for_status()


@pytest.fixture
def schedule(office: Office, saved_in_the_ui: str) -> Iterator[None]:
    often = [{"schedule": {"interval": 5}, "active": True}]
    added = office.http.post(f"{saved_in_the_ui}/schedules", json=often).raise_for_status().json()
    yield
    office.http.delete(f"{saved_in_the_ui}/schedules/{added[0]['id']}").raise_for_status()


@pytest.mark.usefixtures("schedule")
def test_a_run_of_a_schedule_is_no_trial_though_its_deployment_was_saved_as_one(office: Office) -> None:
    def over() -> dict[str, Any] | None:
        only = {"tags": {"all_": ["auto-scheduled"]}, "state": {"type": {"any_": ["COMPLETED", "FAILED"]}}}
        body = {"flow_runs": only, "flows": {"name": {"any_": [DEPLOYMENT]}}, "sort": "END_TIME_DESC"}
        found: list[dict[str, Any]] = office.http.post("/flow_runs/filter", json=body).raise_for_status().json()
        return next((run for run in found if run["parameters"].get("dry_run")), None)

    run = wait_for(over, lambda: f"the scheduled run\n{office.worker_log()}", 90)
    assert run["parameters"]["dry_run"]
    assert "试运行" not in run["name"] + run["state"]["message"]
    by_hand = office.done(DEPLOYMENT, dry_run=True)
    assert "试运行" in by_hand["name"]
    assert "关闭“试运行”后再启动一次" in by_hand["state"]["message"]
