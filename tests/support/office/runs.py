"""Prefect's runs, by its REST API."""

from typing import Any

from support.office.installation import Installation

FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
RECORDED = 120  # seconds: a busy server records the tasks of a run one after the other, long after it


class Runs(Installation):
    """Starts runs as the UI does and reads what Prefect knows of them."""

    def start(self, deployment: str, **parameters: Any) -> str:
        """Start a run as the UI's Quick Run does; returns its id."""
        path = f"/deployments/{self.deployment(deployment)}/create_flow_run"
        started = self.http.post(path, json={"parameters": parameters})
        return str(started.raise_for_status().json()["id"])

    def run(self, run_id: object) -> dict[str, Any]:
        """A run as Prefect has it now."""
        found: dict[str, Any] = self.http.get(f"/flow_runs/{run_id}").raise_for_status().json()
        return found

    def runs(self, deployment: str, *, live: bool = False) -> list[dict[str, Any]]:
        """Every run of a deployment, or only those that are not over."""
        found: list[dict[str, Any]] = []
        only = {"flow_runs": {"state": {"type": {"not_any_": FINAL}}}} if live else {}
        while True:
            body = {"flows": {"name": {"any_": [deployment]}}, **only, "limit": 200, "offset": len(found)}
            page = self.http.post("/flow_runs/filter", json=body).raise_for_status().json()
            found += page
            if len(page) < 200:
                return found

    def runs_of(self, flow: str, subject_id: int) -> list[dict[str, Any]]:
        """Every run, living or over, that was started for the subject."""
        return [run for run in self.runs(flow) if subject_id in run["parameters"].values()]

    def live_runs(self, flow: str, subject_id: int) -> list[dict[str, Any]]:
        """The runs of the subject that are not over."""
        return [run for run in self.runs(flow, live=True) if subject_id in run["parameters"].values()]

    def tasks(self, run_id: object) -> list[dict[str, Any]]:
        """The tasks of a run, in their order, as far as Prefect has them by now."""
        only = {"flow_runs": {"id": {"any_": [str(run_id)]}}}
        body = {**only, "sort": "EXPECTED_START_TIME_ASC", "limit": 200}
        found: list[dict[str, Any]] = self.http.post("/task_runs/filter", json=body).raise_for_status().json()
        return found

    def log(self, run_id: object) -> list[str]:
        """What a run's log says, as far as Prefect has it by now."""
        body = {"logs": {"flow_run_id": {"any_": [str(run_id)]}}, "sort": "TIMESTAMP_ASC", "limit": 200}
        found = self.http.post("/logs/filter", json=body).raise_for_status().json()
        return [each["message"] for each in found]

    def inputs(self, run_id: object) -> set[str]:
        """The names of everything that lies beside a run: forms, briefs, answers."""
        body = {"prefix": "suspended-", "limit": 200}
        found = self.http.post(f"/flow_runs/{run_id}/input/filter", json=body).raise_for_status().json()
        return {each["key"] for each in found}

    def events(self, resource: str) -> list[dict[str, Any]]:
        """The events of a resource that Prefect has stored, the oldest first; none stands twice."""
        only = {"resource": {"id": [resource]}, "order": "ASC"}
        page = self.http.post("/events/filter", json={"filter": only, "limit": 50}).raise_for_status().json()
        assert page["next_page"] is None, "there are more"
        numbers = [event["id"] for event in page["events"]]
        assert len(set(numbers)) == len(numbers)
        return list(page["events"])

    def artifact(self, key: str) -> str:
        """What the newest artifact of that key says."""
        only = {"artifacts": {"key": {"any_": [key]}}, "sort": "CREATED_DESC", "limit": 1}
        return str(self.http.post("/artifacts/filter", json=only).raise_for_status().json()[0]["data"])
