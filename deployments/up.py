"""`luodi up`: database, server and worker under one process that restarts what died and stops them all."""

import argparse
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

import httpx

from deployments import children, environment
from deployments.database import prepare
from deployments.deploy import deploy
from deployments.load_sample import load
from deployments.postgres import EmbeddedPostgres, PostgresFailed
from models.i18n import gettext as _

START_PATIENCE = 120.0
STOP_PATIENCE = 20.0
STEADY = 60.0
"""Seconds after which a part that was started again counts as steady."""
LONGEST_PAUSE = 30.0


class PortTaken(RuntimeError):
    """Another program listens on the port: stop it, or choose another port with `PORT=`."""


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
        """Start it again if it died; the more often it dies at once, the longer the pause before."""
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

    def stop(self) -> None:
        """End it, by force after a while."""
        children.stop(self.process, STOP_PATIENCE)


def main(arguments: argparse.Namespace) -> int:
    """Run until Ctrl-C or TERM."""
    home, port = environment.home(), environment.known_port()
    home.mkdir(parents=True, exist_ok=True)
    with only_one(home) as ours:
        if not ours:
            say(_("Luodi runs here already: %(address)s") % {"address": environment.told_address()})
            return 0
        try:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, _stop)
            with ExitStack() as stack:
                parts = start_all(stack, home, port)
                if arguments.sample:
                    say(load(home))
                say(_("Luodi is ready: %(address)s (Ctrl-C stops it)") % {"address": environment.address(port)})
                look_after(parts)
        except Stopped:
            say(_("Luodi has stopped."))
    return 0


def start_all(stack: ExitStack, home: Path, port: int) -> list[Part]:
    """Start database, server and worker in that order; the stack stops them in the opposite one."""
    refuse_taken(port)
    parts: list[Part] = []
    if postgres := environment.embedded():
        postgres.ensure_initialised()
        stack.callback(postgres.stop)
        parts.append(Part(_("The database"), lambda: started(postgres)))
        postgres.ensure_databases(environment.LEDGER, environment.PREFECT)
    prepare()
    parts.append(start(stack, home, _("The server"), "server", server_command(port)))
    wait_for_server(parts[-1], port, home / "logs" / "server.log")
    (home / "port").write_text(str(port))
    deploy()
    parts.append(start(stack, home, _("The worker"), "worker", [sys.executable, "-m", "deployments.cli", "worker"]))
    return parts


def look_after(parts: list[Part]) -> None:
    """Start again what dies, for ever."""
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
    stack.callback(part.stop)
    return part


def server_command(port: int) -> list[str]:
    """Prefect's server as one process: its own command would start a second one that outlives a kill -9."""
    app = ["--factory", "prefect.server.api.server:create_app"]
    return [
        sys.executable,
        "-m",
        "uvicorn",
        *app,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--log-level",
        "warning",
    ]


def wait_for_server(part: Part, port: int, log: Path) -> None:
    """Return once the server answers.

    Raises:
        NotStarted: when it ends or takes too long.
    """
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline and part.process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(f"{environment.address(port)}/api/health", timeout=5, trust_env=False).is_success:
                return
        time.sleep(0.2)
    raise NotStarted(_("The server did not start: see %(log)s") % {"log": log})


def refuse_taken(port: int) -> None:
    """Say at once that the port is another program's.

    Raises:
        PortTaken: when something listens there.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as problem:
            hint = _("Port %(port)s is in use by another program: stop it, or choose another one, like PORT=%(other)s.")
            raise PortTaken(hint % {"port": port, "other": port + 100}) from problem


@contextmanager
def only_one(home: Path) -> Iterator[bool]:
    """Whether this process is the only `luodi up` of its home, for as long as the block lasts."""
    with (home / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def say(text: str) -> None:
    """Tell whoever watches the terminal."""
    print(text, flush=True)


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # stopping has begun; nothing hurries it but a kill
    raise Stopped
