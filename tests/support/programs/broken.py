"""Ways to break a running installation, each mended at the end of its block."""

import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import psutil
import pytest
from prefect.client.orchestration import get_client
from prefect.client.orchestration.base import HTTP_METHODS
from sqlalchemy import NullPool, create_engine, text

from support.programs.luodi import Installation
from support.waiting import wait_for

HEARD = "SELECT max(last_heartbeat_time) FROM worker"
IS_HEARD = "SELECT max(last_heartbeat_time) > now() - interval '10 s' FROM worker"
Break = Callable[[Installation], AbstractContextManager[None]]
Answer = dict[str, Any]
Call = tuple[HTTP_METHODS, str, Any]


def ask(method: HTTP_METHODS, path: str, body: Any = None) -> Any:
    """A call of the API of the server that this process is set to, by Prefect's own client."""
    with get_client(sync_client=True) as client:
        reply = client.request(method, path, json=body)  # type: ignore[arg-type] # only routes its methods use
    return reply.json() if reply.content else None


def deployment(name: str) -> Answer:
    found: Answer = ask("GET", f"/deployments/name/{name}/{name}")
    return found


def set_in_deployment(name: str, **values: Any) -> Break:
    """Other values in a deployment, as its page in the UI sets them."""

    @contextmanager
    def broken(_installation: Installation) -> Iterator[None]:
        before = deployment(name)
        path = f"/deployments/{before['id']}"
        ask("PATCH", path, values)
        try:
            yield
        finally:
            ask("PATCH", path, {key: before.get(key) for key in values})

    return broken


def set_in_schedule(name: str, **values: Any) -> Break:
    """Other values in the schedule of a deployment."""

    @contextmanager
    def broken(_installation: Installation) -> Iterator[None]:
        found = deployment(name)
        (schedule,) = found["schedules"]
        path = f"/deployments/{found['id']}/schedules/{schedule['id']}"
        ask("PATCH", path, values)
        try:
            yield
        finally:
            ask("PATCH", path, {key: schedule[key] for key in values})

    return broken


def without_schedule(name: str) -> Break:
    @contextmanager
    def broken(_installation: Installation) -> Iterator[None]:
        found = deployment(name)
        (schedule,) = found["schedules"]
        path = f"/deployments/{found['id']}/schedules"
        ask("DELETE", f"{path}/{schedule['id']}")
        try:
            yield
        finally:
            ask("POST", path, [{"schedule": schedule["schedule"], "active": True}])

    return broken


def called(breaking: Call, mending: Call) -> Break:
    """One call of the API breaks it, another mends it: method, path, body."""

    @contextmanager
    def broken(_installation: Installation) -> Iterator[None]:
        ask(*breaking)
        try:
            yield
        finally:
            ask(*mending)

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
    url = installation.postgres.url(database, "psycopg")
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for part in filter(None, map(str.strip, statement.split(";"))):
            connection.execute(text(part))


def with_run(flow: str, state: Mapping[str, Any], aged: str = "0 s") -> Break:
    """A run of a deployment that has been in a state for so long."""

    @contextmanager
    def broken(installation: Installation) -> Iterator[None]:
        found = deployment(flow)
        body = {"flow_id": found["flow_id"], "deployment_id": found["id"], "name": "odd-run", "state": state}
        run = ask("POST", "/flow_runs/", body)["id"]
        try:
            # Each of its states: Prefect adds one to a run that it calls late
            older = f"UPDATE flow_run_state SET timestamp = timestamp - interval '{aged}' WHERE flow_run_id = '{run}'"  # noqa: S608
            execute(installation, "prefect", older)
            yield
        finally:
            ask("DELETE", f"/flow_runs/{run}")

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


@contextmanager
def unheard(installation: Installation) -> Iterator[None]:
    """A worker that hangs for 23 seconds: the server's date may be two seconds old."""

    def is_silent() -> bool:
        before = installation.read(HEARD, "prefect")
        time.sleep(0.5)  # a sign of life may be under way yet
        return installation.read(HEARD, "prefect") == before

    with stopped("deployments.cli worker")(installation):
        wait_for(is_silent, "the worker to be silent")
        execute(installation, "prefect", "UPDATE worker SET last_heartbeat_time = now() - interval '23 s'")
        yield
    wait_for(lambda: installation.read(IS_HEARD, "prefect") == (True,), "the worker to be heard again")


def process_of(installation: Installation, part: str) -> psutil.Process:
    """The process of the installation whose command line holds these words."""
    port = str(installation.port)
    (found,) = [
        process
        for process in psutil.process_iter(["cmdline", "environ"])
        if part in " ".join(process.info["cmdline"] or []) and (process.info["environ"] or {}).get("PORT") == port
    ]
    return found


def patched(target: object, name: str, value: object) -> Break:
    """Another value in a module of ours, where the real thing would be hard to mend."""

    @contextmanager
    def broken(_installation: Installation) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(target, name, value)
            yield

    return broken


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
