"""The bare REST calls that opening a run and taking a step need: same bodies, no ledger, no worker,
no engine.
"""

import json
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from deployments.lanes import ANSWERS
from models.escalation.question import Ask
from support.office.days import today
from support.office.person import WHO, defaults
from tasks.runs.opening import AT_ONCE
from tasks.runs.prefect_api import Label, suspended_run

NAME = "bench-floor"
BULK_CREATE_LIMIT = 100  # runs a request: the most Prefect takes
VISIT = {"visited_on": str(today()), "progress": "主体工程施工中", "filled_in_by": WHO}
LABEL = Label("PY-2026-000 家具产业园", ("清丰县", "家具", "已签约"))


class Floor:
    """Runs of a deployment that no worker serves, moved on by hand."""

    def __init__(self, http: httpx.Client, like: Ask, name: str = NAME) -> None:
        self.http, self.like, self.name = http, like, name
        self.answer = {**defaults(like.schema_sent), **VISIT}
        self.runs: list[str] = []
        self._asks: dict[str, Ask] = {}
        http.post("/work_pools/", json={"name": name, "type": "in-process"}).raise_for_status()
        flow = http.post("/flows/", json={"name": name}).raise_for_status().json()["id"]
        deployment = {"name": name, "flow_id": flow, "work_pool_name": name}
        self._deployment = http.post("/deployments/", json=deployment).raise_for_status().json()["id"]

    def prepare(self, count: int) -> list[Ask]:
        """Questions like a real one, under ids of their own."""
        return [
            Ask(id=uuid.uuid4(), schema_sent=self.like.schema_sent, brief=self.like.brief) for _each in range(count)
        ]

    def open(self, asks: Sequence[Ask]) -> None:
        """Create suspended runs in bulk, then lay form and brief beside each."""
        path = f"/deployments/{self._deployment}/create_flow_run/bulk"
        created: list[str] = []
        for start in range(0, len(asks), BULK_CREATE_LIMIT):
            batch = asks[start : start + BULK_CREATE_LIMIT]
            bodies = [suspended_run(ask, LABEL, f"{self.name}:{ask.id}", {"project_id": 1}) for ask in batch]
            results = self.http.post(path, json=bodies).raise_for_status().json()["results"]
            created += [result["flow_run_id"] for result in results]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._write_form, created, asks))
        self.runs += created
        self._asks |= dict(zip(created, asks, strict=True))

    def step(self, run: str) -> None:
        """Everything the server must be told and asked between an answer and the next form."""
        ask = self._asks[run]
        self._accepted(f"/flow_runs/{run}/resume", {"run_input": self.answer})
        self.http.post(f"/work_pools/{self.name}/get_scheduled_flow_runs", json={"limit": 1}).raise_for_status()
        self._set_state(run, {"type": "PENDING", "name": "Pending"})
        self._set_state(run, {"type": "RUNNING", "name": "Running"})
        response = {"prefix": ask.keyset["response"], "limit": 1, "exclude_keys": []}
        (found,) = self.http.post(f"/flow_runs/{run}/input/filter", json=response).raise_for_status().json()
        assert json.loads(found["value"]) == self.answer
        (following,) = self.prepare(1)
        self._set_state(run, suspended_run(following, LABEL, "", {})["state"])
        self._write_form(run, following)
        self._asks[run] = following

    def steps(self, runs: Sequence[str]) -> None:
        """A step of each run, as many at once as the worker takes."""
        with ThreadPoolExecutor(ANSWERS.threads) as pool:
            list(pool.map(self.step, runs))

    def _write_form(self, run: str, ask: Ask) -> None:
        for part, value in (("description", ask.brief), ("schema", ask.schema_sent)):
            body = {"key": ask.keyset[part], "value": json.dumps(value, ensure_ascii=False), "sender": None}
            self.http.post(f"/flow_runs/{run}/input", json=body).raise_for_status()

    def _set_state(self, run: str, state: dict[str, Any]) -> None:
        self._accepted(f"/flow_runs/{run}/set_state", {"state": state, "force": False})

    def _accepted(self, path: str, body: dict[str, Any]) -> None:
        said = self.http.post(path, json=body).raise_for_status().json()
        if said["status"] != "ACCEPT":
            raise RuntimeError(f"{path}: {said}")
