"""The workers that serve the office."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from deployments import children
from deployments.embedded_postgres.server import EmbeddedPostgres
from deployments.up import own_command
from support.office.installation import tail
from support.office.runs import FINAL, Runs
from support.waiting import wait_for


class Workers(Runs):
    """Starts and ends workers, and waits for the end of what they run."""

    def __init__(self, folder: Path, postgres: EmbeddedPostgres, name: str) -> None:
        super().__init__(folder, postgres, name)
        self.workers: list[children.Child] = []

    def start_worker(self, command: Sequence[str] = (), **more: str) -> children.Child:
        """Start a worker, by its own command unless another is given, with `more`
        variables of its own; returns once it serves, its first reconciliation done.
        """
        log = self.folder / f"worker-{len(self.workers)}.log"
        before = {run["id"] for run in self.runs("reconciliation")}
        worker = children.start(command or own_command("worker"), log, {**self.environment(), **more})
        self.workers.append(worker)
        name = f"-{worker.pid}"

        def reconciled() -> bool:
            if worker.poll() is not None:
                pytest.fail(f"the worker ended:\n{tail(log)}")
            new = [run for run in self.runs("reconciliation") if run["id"] not in before]
            return bool(new) and all(run["state_type"] in FINAL for run in new)

        wait_for(reconciled, f"the worker {name} to reconcile; see {log}", patience=60)
        return worker

    def kill_worker(self) -> None:
        """Kill every worker with -9, as the kernel does when memory is short."""
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.workers.clear()

    def stop_worker(self, worker: children.Child) -> None:
        """Ask a worker to end."""
        self.workers.remove(worker)
        children.stop(worker, patience=20)

    def worker_log(self) -> str:
        """The end of what the newest worker wrote."""
        return tail(self.folder / f"worker-{len(self.workers) - 1}.log")

    def finished(self, run_id: object) -> dict[str, Any]:
        """A run once it is over."""

        def over() -> dict[str, Any] | None:
            run = self.run(run_id)
            return run if run["state_type"] in FINAL else None

        return wait_for(over, lambda: f"the end of run {run_id}\n{self.worker_log()}")

    def done(self, deployment: str, **parameters: Any) -> dict[str, Any]:
        """A run from its start to its end."""
        return self.finished(self.start(deployment, **parameters))

    def reconcile(self) -> dict[str, Any]:
        """One reconciliation from start to end, in which nothing failed."""
        run = self.done("reconciliation")
        assert run["state_type"] == "COMPLETED", run["state"]["message"]
        return run
