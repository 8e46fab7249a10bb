"""`luodi up`: database, server, worker and desk under one process that restarts what died."""

import argparse
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType

import httpx

from deployments import children, environment
from deployments.database import prepare
from deployments.deploy import deploy
from deployments.desk.security.login import refuse_open
from deployments.embedded_postgres.errors import PostgresFailed
from deployments.embedded_postgres.server import EmbeddedPostgres
from deployments.sample.load import load
from models.i18n import gettext as _
from tasks.files import desk

PYTHON = (sys.executable, "-P")  # imports nothing from the current folder: its `flows/` would hide ours
ROOT = Path(__file__).parents[1]
# Seconds
START_PATIENCE, STOP_PATIENCE = 120.0, 20.0
STEADY = 60.0  # after which a part that was started again counts as steady
LONGEST_PAUSE = 30.0


class PortTaken(RuntimeError):
    """Nothing can be served there: another program has the port, or the address is not ours."""


class NotStarted(RuntimeError):
    """A part of Luodi did not start: the log named in the message says why."""


class Stopped(BaseException):
    """Ctrl-C or TERM arrived."""


class Part:
    """One supervised process: how it is started, again if need be, and stopped."""

    def __init__(self, name: str, start: Callable[[], subprocess.Popen[bytes]]) -> None:
        self.name, self._start = name, start
        self.failures = 0
        self._begin()

    def _begin(self) -> None:
        self.process, self.started_at = self._start(), time.monotonic()

    def look_after(self) -> None:
        """Start it again if it died; the more often it dies at once, the longer is the pause."""
        lived = time.monotonic() - self.started_at
        if self.process.poll() is None:
            self.failures = 0 if lived > STEADY else self.failures
        elif lived >= min(2 ** min(self.failures, 10), LONGEST_PAUSE):
            self.failures += 1
            say(_("%(part)s ended unexpectedly; it is started again.") % {"part": self.name})
            try:
                self._begin()
            except PostgresFailed as problem:  # the others are still looked after
                self.started_at = time.monotonic()
                say(str(problem))


def main(arguments: argparse.Namespace) -> int:
    home, port = environment.home(), environment.known_port()
    refuse_open(environment.desk_host())
    with environment.only_one(home) as ours:
        if not ours:
            address = environment.address(environment.served_port())
            say(_("Luodi runs here already: %(address)s") % {"address": address})
            return 0
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, _stop)
            with ExitStack() as stack:
                parts = start_all(stack, home, port)
                if arguments.sample:
                    say(load(home))
                say(_("Luodi is ready: %(address)s (Ctrl-C stops it)") % {"address": environment.address(port)})
                say(_("The desk, where files are handed in and fetched: %(address)s") % {"address": desk()})
                look_after(parts)
        except Stopped:
            say(_("Luodi has stopped."))
    return 0


def start_all(stack: ExitStack, home: Path, port: int) -> list[Part]:
    """Start database, server, worker and desk; the stack stops them in the opposite order."""
    refuse_taken("127.0.0.1", port)
    refuse_taken(environment.desk_host(), environment.desk_port(port))
    parts: list[Part] = []
    if postgres := environment.embedded():
        postgres.ensure_initialised()
        stack.callback(postgres.stop)
        parts.append(Part(_("The database"), lambda: started(postgres)))
        postgres.ensure_databases(environment.LEDGER, environment.PREFECT)
    prepare()
    parts.append(start(stack, home, _("The server"), "server", server_command(port)))
    wait_for_answer(parts[-1], f"{environment.address(port)}/api/health", home / "logs" / "server.log")
    (home / "port").write_text(str(port))
    deploy()
    parts.append(start(stack, home, _("The worker"), "worker", own_command("worker")))
    parts.append(start(stack, home, _("The desk"), "desk", own_command("desk")))
    wait_for_answer(parts[-1], f"{environment.desk_address(port)}/health", home / "logs" / "desk.log")
    return parts


def look_after(parts: list[Part]) -> None:
    while True:
        for part in parts:
            part.look_after()
        time.sleep(0.5)


def started(postgres: EmbeddedPostgres) -> subprocess.Popen[bytes]:
    """The database's process, once it answers."""
    process = postgres.popen()
    postgres.wait_ready()
    return process


def start(stack: ExitStack, home: Path, name: str, log: str, command: list[str]) -> Part:
    """Start a part that ends with us and writes its own log."""
    path = home / "logs" / f"{log}.log"
    part = Part(name, lambda: children.start(command, path, os.environ))
    stack.callback(lambda: children.stop(part.process, STOP_PATIENCE))
    return part


def own_command(name: str) -> list[str]:
    """One of Luodi's commands as a process that is itself what serves."""
    return [*PYTHON, "-m", "deployments.cli", name]


def server_command(port: int) -> list[str]:
    """Prefect's server as one process: its own command starts another that outlives a kill -9."""
    app = ["--factory", "deployments.server:create_app"]
    served = ["--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"]
    served += ["--http", "deployments.doors.connections:PatientConnection", "--no-access-log", "--no-server-header"]
    return [*PYTHON, "-m", "uvicorn", "--app-dir", str(ROOT), *app, *served]  # else it looks into the current folder


def wait_for_answer(part: Part, address: str, log: Path) -> None:
    """Return once the part answers there; NotStarted when it ends or takes too long."""
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline and part.process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(address, timeout=5, trust_env=False).is_success:
                return
        time.sleep(0.2)
    raise NotStarted(_("%(part)s did not start: see %(log)s") % {"part": part.name, "log": log})


def refuse_taken(host: str, port: int) -> None:
    """Raise PortTaken at once when something listens there, or nothing of this machine can."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            hint = _("Nothing can listen on %(host)s, port %(port)s: %(why)s. Check LUODI_DESK_HOST and PORT.")
            if problem.errno == errno.EADDRINUSE:
                hint = _(
                    "Port %(port)s is in use by another program: stop it, or choose another one, like PORT=%(other)s."
                )
            other = environment.known_port() + 100
            values = {"host": host, "port": port, "why": problem.strerror, "other": other}
            raise PortTaken(hint % values) from problem


def say(text: str) -> None:
    print(text, flush=True)


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # stopping has begun; nothing hurries it but a kill
    raise Stopped
