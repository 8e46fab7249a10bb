"""Ways to break a running installation, each mended at the end of its block."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import psutil
from sqlalchemy import create_engine, text

from support.programs.luodi import Installation

Break = Callable[[Installation], AbstractContextManager[None]]
Answer = dict[str, Any]


def ask(installation: Installation, method: str, path: str, body: Any = None) -> Any:
    """A call of the server's API."""
    reply = httpx.request(method, f"{installation.address}/api{path}", json=body, timeout=30).raise_for_status()
    return reply.json() if reply.content else None


def deployment(installation: Installation, name: str) -> Answer:
    found: Answer = ask(installation, "GET", f"/deployments/name/{name}/{name}")
    return found


def set_in_deployment(name: str, **values: Any) -> Break:
    """Other values in a deployment, as its page in the UI sets them."""

    @contextmanager
    def broken(installation: Installation) -> Iterator[None]:
        before = deployment(installation, name)
        path = f"/deployments/{before['id']}"
        ask(installation, "PATCH", path, values)
        yield
        ask(installation, "PATCH", path, {key: before.get(key) for key in values})

    return broken


def set_in_schedule(name: str, **values: Any) -> Break:
    """Other values in the schedule of a deployment."""

    @contextmanager
    def broken(installation: Installation) -> Iterator[None]:
        found = deployment(installation, name)
        (schedule,) = found["schedules"]
        path = f"/deployments/{found['id']}/schedules/{schedule['id']}"
        ask(installation, "PATCH", path, values)
        yield
        ask(installation, "PATCH", path, {key: schedule[key] for key in values})

    return broken


def without_schedule(name: str) -> Break:
    @contextmanager
    def broken(installation: Installation) -> Iterator[None]:
        found = deployment(installation, name)
        (schedule,) = found["schedules"]
        path = f"/deployments/{found['id']}/schedules"
        ask(installation, "DELETE", f"{path}/{schedule['id']}")
        yield
        ask(installation, "POST", path, [{"schedule": schedule["schedule"], "active": True}])

    return broken


def called(breaking: str, mending: str, body: Any = None, mended: Any = None) -> Break:
    """One call of the API breaks it, another mends it: `METHOD path`."""

    @contextmanager
    def broken(installation: Installation) -> Iterator[None]:
        method, _blank, path = breaking.partition(" ")
        ask(installation, method, path, body)
        yield
        method, _blank, path = mending.partition(" ")
        ask(installation, method, path, mended)

    return broken


def stated(database: str, breaking: str, mending: str) -> Break:
    """One statement in a database, `luodi` or `prefect`, breaks it, another mends it."""

    @contextmanager
    def broken(installation: Installation) -> Iterator[None]:
        execute(installation, database, breaking)
        try:
            yield
        finally:
            execute(installation, database, mending)

    return broken


def execute(installation: Installation, database: str, statement: str) -> None:
    engine = create_engine(installation.postgres.url(database, "psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for part in filter(None, map(str.strip, statement.split(";"))):
            connection.execute(text(part))
    engine.dispose()


def with_run(flow: str, state: Mapping[str, Any], aged: str = "0 s") -> Break:
    """A run of a deployment that has been in a state for so long."""

    @contextmanager
    def broken(installation: Installation) -> Iterator[None]:
        found = deployment(installation, flow)
        body = {"flow_id": found["flow_id"], "deployment_id": found["id"], "name": "odd-run", "state": state}
        run = ask(installation, "POST", "/flow_runs/", body)["id"]
        older = f"UPDATE flow_run_state SET timestamp = now() - interval '{aged}' WHERE flow_run_id = '{run}'"  # noqa: S608
        execute(installation, "prefect", older)
        yield
        ask(installation, "DELETE", f"/flow_runs/{run}")

    return broken


def stopped(part: str) -> Break:
    """A part that hangs: alive, but doing nothing."""

    @contextmanager
    def broken(installation: Installation) -> Iterator[None]:
        process = process_of(installation, part)
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    return broken


def process_of(installation: Installation, part: str) -> psutil.Process:
    """The process of the installation whose command line holds these words."""
    port = str(installation.port)
    (found,) = [
        process
        for process in psutil.process_iter(["cmdline", "environ"])
        if part in " ".join(process.info["cmdline"] or []) and (process.info["environ"] or {}).get("PORT") == port
    ]
    return found


def both(*breaks: Break) -> Break:
    """Several faults at once, mended in the opposite order."""

    @contextmanager
    def broken(installation: Installation) -> Iterator[None]:
        if not breaks:
            yield
            return
        with breaks[0](installation), both(*breaks[1:])(installation):
            yield

    return broken
