"""The office's Prefect server and its two databases."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import Connection, NullPool, create_engine, text

from deployments import children
from deployments.deploy import deploy
from deployments.embedded_postgres.server import EmbeddedPostgres
from deployments.environment import QUIET
from deployments.up import server_command
from support.programs.api import api_client
from support.programs.ports import free_port
from support.repository import REPOSITORY
from support.waiting import wait_for


class Installation:
    """Prefect's server on a database of its own beside the ledger; without a worker as yet."""

    def __init__(self, folder: Path, postgres: EmbeddedPostgres, name: str) -> None:
        self.folder, self.postgres = folder, postgres
        self.more: dict[str, str] = {}  # variables of the environment, for every process of the office
        self.ledger, self.prefect = f"office_{name}", f"prefect_{name}"
        self.ledger_url = postgres.url(self.ledger, "psycopg")
        self.prefect_url = postgres.url(self.prefect, "psycopg")
        self.port = free_port()
        self.api = f"http://127.0.0.1:{self.port}/api"
        self.http = api_client(self.api)
        self.server: children.Child | None = None

    def environment(self) -> dict[str, str]:
        """What every process of the office is started with; nothing of ours but what is named
        here.
        """
        ours = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "LUODI_"))}
        return ours | {
            **QUIET,
            "PYTHONPATH": str(REPOSITORY),
            "PORT": str(self.port),
            "LUODI_HOME": str(self.folder),
            "LUODI_IMPORT_FOLDERS": str(self.folder.parent),  # where tests keep their files
            "LUODI_LOCALE": "zh_CN",
            "LUODI_DATABASE_URL": self.ledger_url,
            "PREFECT_HOME": str(self.folder / "prefect"),
            "PREFECT_API_DATABASE_CONNECTION_URL": self.postgres.url(self.prefect, "asyncpg"),
            "PREFECT_API_URL": self.api,
            "PREFECT_UI_API_URL": self.api,
            **self.more,
        }

    def start_server(self) -> None:
        """Start Prefect's server on its database, made when it is not there, and register the
        deployments.
        """
        self.postgres.ensure_databases(self.prefect)
        log = self.folder / "server.log"
        self.server = children.start(server_command(self.port), log, self.environment())
        wait_for(self.is_served, f"the server; see {log}", patience=120)
        self.deploy()

    def is_served(self) -> bool:
        if self.server is None or self.server.poll() is not None:
            pytest.fail(f"the server ended:\n{tail(self.folder / 'server.log')}")
        with suppress(httpx.TransportError):
            return self.http.get("/health").is_success
        return False

    def deploy(self) -> None:
        """Register the deployments; scheduled ones then run when a test says so, not by the
        clock.
        """
        with self.client():
            deploy()
        for name in ("reconciliation", "escalation-sweep", "notice-delivery"):
            schedules = f"/deployments/{self.deployment(name)}/schedules"
            for schedule in self.http.get(schedules).raise_for_status().json():
                self.http.delete(f"{schedules}/{schedule['id']}").raise_for_status()

    def deployment(self, name: str) -> str:
        """The id of a deployment, asked anew: tests delete deployments, and Luodi restores them."""
        found = self.http.get(f"/deployments/name/{name}/{name}").raise_for_status()
        return str(found.json()["id"])

    @contextmanager
    def without_limit(self, name: str) -> Iterator[None]:
        """Inside the block several runs of the deployment may be under way, as offices may set."""
        path = f"/deployments/{self.deployment(name)}"
        self.http.patch(path, json={"concurrency_limit": 10}).raise_for_status()
        try:
            yield
        finally:
            self.http.patch(path, json={"concurrency_limit": 1}).raise_for_status()

    @contextmanager
    def client(self) -> Iterator[SyncPrefectClient]:
        """Prefect's own client for this office; inside the block Luodi's code uses this office,
        too.
        """
        with temporary_settings({PREFECT_API_URL: self.api}), get_client(sync_client=True) as client:
            yield client

    def stop_server(self) -> None:
        """Ask the server to end."""
        if self.server:
            children.stop(self.server, patience=20)
            self.server = None

    @contextmanager
    def connect(self, url: str = "") -> Iterator[Connection]:
        """A connection of the test's own, to the ledger unless told otherwise; every statement
        commits.
        """
        engine = create_engine(url or self.ledger_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            yield connection

    def administer(self, statement: str) -> None:
        """Run a statement that makes or drops a database."""
        with self.connect(self.postgres.url("postgres", "psycopg")) as connection:
            connection.execute(text(statement))


def tail(log: Path, lines: int = 30) -> str:
    """The end of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else f"no {log}"
