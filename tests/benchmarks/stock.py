"""The usual way: `flow.serve()`, one run after another created by its deployment, a process for
each execution.
"""

import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from benchmarks.clock import Clock
from benchmarks.stock_flow import NAME, VisitForm
from deployments import children
from support.office.days import today
from support.office.person import WHO

START_PATIENCE = 60.0
AT_ONCE = 8
"""Answers sent at the same moment."""
ANSWER = VisitForm(
    visited_on=today(),
    progress="主体工程施工中",
    next_visit_on=today(),
    filled_in_by=WHO,
).model_dump(mode="json")
SCRIPT = Path(__file__).with_name("stock_flow.py")


class Stock:
    """A served deployment in a process of its own. It polls every second like Luodi's worker, not
    every ten.
    """

    def __init__(self, http: httpx.Client, clock: Clock, environment: dict[str, str], log: Path) -> None:
        self.http, self.clock = http, clock
        self.runs: list[str] = []
        environment |= {"PREFECT_RUNNER_POLL_FREQUENCY": "1"}
        self.process = children.start([sys.executable, str(SCRIPT)], log, environment)
        self._deployment = self._registered(log)

    def _registered(self, log: Path) -> str:
        deadline = time.monotonic() + START_PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            found = self.http.get(f"/deployments/name/{NAME}/{NAME}")
            if found.is_success:
                return str(found.json()["id"])
            time.sleep(0.2)
        raise RuntimeError(f"flow.serve() did not start:\n{log.read_text(errors='replace')[-2000:]}")

    def open(self, count: int) -> None:
        """Create runs one by one; return when the last of them waits with its form."""
        created = [self._create(number) for number in range(count)]
        self.clock.wait(created, before={})
        self.runs += created

    def _create(self, number: int) -> str:
        path = f"/deployments/{self._deployment}/create_flow_run"
        return str(self.http.post(path, json={"parameters": {"project_id": number}}).raise_for_status().json()["id"])

    def steps(self, runs: Sequence[str]) -> None:
        """An answer to each run at the same moment; return when the last next form waits."""
        before = self.clock.look(runs)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._resume, runs))
        self.clock.wait(runs, before)

    def _resume(self, run: str) -> None:
        said = self.http.post(f"/flow_runs/{run}/resume", json={"run_input": ANSWER}).raise_for_status().json()
        if said["status"] != "ACCEPT":
            raise RuntimeError(f"{run}: {said}")

    def stop(self) -> None:
        """End it with everything it started."""
        children.stop(self.process, patience=20)
