"""A home of its own with the `luodi up` that serves it: what tests and screenshots of the whole
share.
"""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import NullPool, create_engine, text

from deployments.embedded_postgres.server import EmbeddedPostgres
from deployments.up import own_command
from support.programs.api import api_client
from support.programs.ports import free_port
from support.repository import REPOSITORY
from support.waiting import wait_for

OPEN_SUBJECTS = """
    SELECT (SELECT count(*) FROM project WHERE stage IN ('signed', 'follow_up')),
           (SELECT count(*) FROM action_item WHERE kind = 'blocker' AND closed_on IS NULL)
"""


def family(up: subprocess.Popen[str]) -> list[psutil.Process]:
    """The process and all below it."""
    parent = psutil.Process(up.pid)
    return [parent, *parent.children(recursive=True)]


def part(up: subprocess.Popen[str], name: str) -> psutil.Process | None:
    """The living child that serves as `name`."""
    for each in family(up):
        with suppress(psutil.NoSuchProcess):  # it may die while we look; a zombie counts as gone
            if name in " ".join(each.cmdline()):
                return each
    return None


def gone(processes: list[psutil.Process]) -> bool:
    """Whether none of them lives."""
    return not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in processes)


@contextmanager
def stopped(up: subprocess.Popen[str], number: signal.Signals) -> Iterator[list[psutil.Process]]:
    """Send the signal, and see that nothing is left afterwards."""
    processes = family(up)
    os.kill(up.pid, number)
    yield processes
    up.wait(60)
    wait_for(lambda: gone(processes), f"the end of {processes}")


def hostile(folder: Path) -> Path:
    """The folder, with packages in it that are named like ours and like one that ours need."""
    for name in ("deployments", "docx", "flows", "models", "tasks"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text("raise ImportError('this is not of Luodi')")
    return folder


class Installation:
    """A home of its own, and the `luodi up` that serves it, started in a folder."""

    def __init__(self, home: Path, locale: str = "en", folder: Path = REPOSITORY) -> None:
        self.home, self.port, self.folder = home, free_port(), folder
        self.printed = home.with_name(f"{home.name}.printed")
        self.address = f"http://127.0.0.1:{self.port}"
        self.desk = f"http://127.0.0.1:{self.port + 1}"
        self.postgres = EmbeddedPostgres(home)
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "LUODI_"))}
        self.environment = {
            **kept,
            "PYTHONPATH": str(REPOSITORY),
            "LUODI_HOME": str(home),
            "LUODI_LOCALE": locale,
            "PORT": str(self.port),
        }

    def start(self, *, ready: bool = True, through: Sequence[str] = ()) -> subprocess.Popen[str]:
        """Start `luodi up --sample`; returns once it says that it is ready."""
        command = [*through, *own_command("up"), "--sample"]
        with self.printed.open("w") as log:
            up = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.environment,
                stdout=log,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        if ready:
            wait_for(lambda: self._is_ready(up), f"luodi up:\n{self.said()}", patience=240)
        return up

    def _is_ready(self, up: subprocess.Popen[str]) -> bool:
        assert up.poll() is None, self.said()
        return f"{self.address} (" in self.said() or f"）：{self.address}" in self.said()

    def said(self) -> str:
        """What it has printed."""
        return self.printed.read_text()

    def suspended(self) -> dict[str, set[str]]:
        """The suspended runs by flow, as the UI's server names them."""
        body = {"flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}}, "limit": 200}
        found = self.ask_for("flow_runs", body)
        kinds = {"project-lifecycle": "project_id", "blocker-resolution": "blocker_id", "escalation": "item_id"}
        return {flow: {run["id"] for run in found if name in run["parameters"]} for flow, name in kinds.items()}

    def ask_for(self, what: str, body: dict[str, Any]) -> list[dict[str, Any]]:
        """What the server has of a kind of thing, filtered."""
        with api_client(f"{self.address}/api") as http:
            found: list[dict[str, Any]] = http.post(f"/{what}/filter", json=body).raise_for_status().json()
        return found

    def open_subjects(self) -> tuple[int, int]:
        """How many projects and blockers the ledger has open."""
        projects, blockers = self.read(OPEN_SUBJECTS)
        return projects, blockers

    def read(self, statement: str, database: str = "luodi") -> tuple[int, ...]:
        """The row a statement finds in the ledger, or in Prefect's database."""
        engine = create_engine(self.postgres.url(database, "psycopg"), poolclass=NullPool)
        with engine.connect() as connection:
            return tuple(connection.execute(text(statement)).one())

    def inboxes(self) -> int:
        """How many people have a digest in the built-in inbox."""
        return sum(each["key"].startswith("inbox-") for each in self.ask_for("artifacts/latest", {"limit": 200}))

    def is_served(self, port: int = 0) -> bool:
        """Whether anything listens on the port, the UI's unless told otherwise."""
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port or self.port)) == 0
