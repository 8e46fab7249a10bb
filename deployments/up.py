"""`luodi up`: database, server, worker and desk under one process that restarts what died."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import FrameType

import httpx
from prefect.exceptions import ObjectAlreadyExists
from sqlalchemy.exc import OperationalError

from deployments import children, environment, unprivileged
from deployments.children import Child
from deployments.database import prepare
from deployments.deploy import deploy
from deployments.desk.security.login import refuse_open
from deployments.doors.ports import hold
from deployments.embedded_postgres.server import EmbeddedPostgres
from deployments.home_folder import put_right
from deployments.pulse import Answers, Beat, Pulse, web_answers
from deployments.sample.load import load
from deployments.schema import other_shape
from models.i18n import gettext as _
from models.visible import one_record
from tasks.files import desk
from tasks.runs.prefect_api import is_passing

PYTHON = (sys.executable, "-P")  # imports nothing from the current folder: its `flows/` would hide ours
# Seconds
START_PATIENCE, STOP_PATIENCE = 120.0, 20.0
PATIENCE = 60.0  # with a part that does not answer
BEAT_PATIENCE, BEAT_WARM_UP = 30.0, 60.0  # the worker touches its file every two seconds while it is well
LOOKS_EVERY = 0.1
STEADY = 10.0  # after which a part counts as steady: it is started again at once when it dies
LONGEST_PAUSE = 30.0


class NotStarted(RuntimeError):
    """A part of Luodi did not start: the log named in the message says why."""


class Stopped(BaseException):
    """Ctrl-C or TERM arrived."""


class Part:
    """One supervised process: how it is started, again if need be, and stopped."""

    def __init__(self, name: str, start: Callable[[], Child], pulse: Pulse | None = None) -> None:
        self.name, self._start, self.pulse = name, start, pulse
        self.failures = 0
        self._begin()

    def _begin(self) -> None:
        self.process, self.started_at, self.is_ended = self._start(), time.monotonic(), False
        if self.pulse is not None:
            self.pulse.begin()

    def look_after(self) -> None:
        """Start it again if it died or hangs; the oftener it dies at once, the longer is the pause.

        Nothing that goes wrong here ends `luodi up`: the other parts are still to be looked after,
        and this one is tried again.
        """
        try:
            self._look_after()
        except Exception as problem:
            self.started_at = time.monotonic()
            say(_("%(part)s could not be started: %(why)s") % {"part": self.name, "why": problem})

    def _look_after(self) -> None:
        lived = time.monotonic() - self.started_at
        if self.process.poll() is None:
            self.failures = 0 if lived > STEADY else self.failures
            if not self.is_ended and self.pulse is not None and self.pulse.has_stopped():
                say(_("%(part)s hangs; it is ended and started again.") % {"part": self.name})
                self.is_ended = True
                self.process.kill()
        elif lived >= min(2 ** min(self.failures, 10), LONGEST_PAUSE):
            self.failures += 1
            if not self.is_ended:
                say(_("%(part)s ended unexpectedly; it is started again.") % {"part": self.name})
                self.is_ended = True
            self._begin()


def main(arguments: argparse.Namespace) -> int:
    home, port = environment.home(), environment.known_port()
    refuse_open(environment.desk_host())
    with environment.only_one(home) as ours:
        if not ours:
            address = environment.address(environment.served_port())
            say(_("Luodi runs here already: %(address)s") % {"address": address})
            return 0
        keep_to_itself(home)
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


def keep_to_itself(home: Path) -> None:
    """Go on without root's rights, and let nobody else look into the home or at us."""
    if why := unprivileged.go_on_unprivileged(home):
        unprivileged.stay_root(home)
        warning = _(
            "WARNING: Luodi runs as root, because %(why)s. Whoever takes over a part of it then has the whole machine. "
            "Better: put Luodi and its Python where every user may read them, like /opt/luodi, and LUODI_HOME into a "
            "folder of its own, like /srv/luodi; or start Luodi as an ordinary user."
        )
        say(warning % {"why": why})
    put_right(home, os.geteuid(), os.getegid())
    own_what_prefect_writes(home / "prefect")
    unprivileged.hide_from_equals()


def own_what_prefect_writes(folder: Path) -> None:
    """Make it now: what root's `prefect` command made there would keep our parts out."""
    with suppress(OSError):  # a full disk: there is nothing yet that they could not read
        (folder / "storage").mkdir(parents=True, exist_ok=True)
        for name in ("profiles.toml", "memo_store.toml"):
            (folder / name).touch()


def start_all(stack: ExitStack, home: Path, port: int) -> list[Part]:
    """Start database, server, worker and desk; the stack stops them in the opposite order."""
    hold(stack, environment.SERVER_HOST, port)
    hold(stack, environment.desk_host(), environment.desk_port(port))
    parts: list[Part] = []
    if postgres := environment.embedded():
        postgres.ensure_initialised()
        stack.callback(postgres.stop)
        pulse = Answers(postgres.answers_at_all, PATIENCE, START_PATIENCE)
        parts.append(Part(_("The database"), lambda: started(postgres), pulse))
        postgres.ensure_databases(environment.LEDGER, environment.PREFECT)
    if told := prepare().told:
        print(told)
    health = f"{environment.address(port)}/api/health"
    parts.append(
        start(
            stack,
            home,
            _("The server"),
            "server",
            server_command(port),
            Answers(web_answers(health), PATIENCE, START_PATIENCE),
            environment.of_server(),
        )
    )
    server = parts[-1]
    if problem := other_shape():
        say(problem)
    beat = Beat(home / "run" / "worker.beat", BEAT_PATIENCE, BEAT_WARM_UP)
    worker = [*own_command("worker"), "--beat", str(beat.path)]
    parts.append(start(stack, home, _("The worker"), "worker", worker, beat))  # it loads while the server does
    wait_for_answer(server, health, home / "logs" / "server.log")
    put_right(home, os.geteuid(), os.getegid())  # the server has copied its pages, with the modes they came with
    (home / "port").write_text(str(port))
    register(parts)
    health = f"{environment.desk_address(port)}/health"
    pulse = Answers(web_answers(health), PATIENCE, START_PATIENCE)
    parts.append(start(stack, home, _("The desk"), "desk", own_command("desk"), pulse))
    wait_for_answer(parts[-1], health, home / "logs" / "desk.log")
    return parts


def register(parts: list[Part]) -> None:
    """Register the deployments, though a part dies meanwhile, or the worker registers them, too.

    Raises:
        NotStarted: when the time is over.
        httpx.HTTPStatusError: when the server refuses it for good.
    """
    deadline = time.monotonic() + START_PATIENCE
    while True:
        try:
            deploy()
        except (httpx.HTTPError, OperationalError, ObjectAlreadyExists) as problem:
            if isinstance(problem, httpx.HTTPError) and not is_passing(problem):
                raise
            if time.monotonic() > deadline:
                why = _("The deployments could not be registered: %(why)s") % {"why": problem}
                raise NotStarted(why) from problem
        else:
            return
        look_at(parts)


def look_after(parts: list[Part]) -> None:
    while True:
        look_at(parts)


def look_at(parts: list[Part]) -> None:
    for part in parts:
        part.look_after()
    time.sleep(LOOKS_EVERY)


def started(postgres: EmbeddedPostgres) -> Child:
    """The database's process, once it answers."""
    process = postgres.popen()
    postgres.wait_ready()
    return process


def start(
    stack: ExitStack,
    home: Path,
    name: str,
    log: str,
    command: list[str],
    pulse: Pulse,
    variables: Mapping[str, str] = os.environ,
) -> Part:
    """Start a part that ends with us and has its own log."""
    path = home / "logs" / f"{log}.log"
    part = Part(name, lambda: children.start(command, path, variables), pulse)
    stack.callback(lambda: children.stop(part.process, STOP_PATIENCE))
    return part


def own_command(name: str) -> list[str]:
    """One of Luodi's commands as a process that is itself what serves."""
    return [*PYTHON, "-m", "deployments.cli", name]


def server_command(port: int) -> list[str]:
    """Prefect's server as one process: its own command starts another that outlives a kill -9."""
    return [*PYTHON, "-m", "deployments.logs.records", "deployments.server", str(port)]


def wait_for_answer(part: Part, address: str, log: Path) -> None:
    """Return once the part answers there; NotStarted when it ends or takes too long."""
    deadline = time.monotonic() + START_PATIENCE
    while time.monotonic() < deadline and part.process.poll() is None:
        with suppress(httpx.TransportError):
            if httpx.get(address, timeout=5, trust_env=False).is_success:
                return
        time.sleep(0.2)
    raise not_started(part, log)


def not_started(part: Part, log: Path) -> NotStarted:
    return NotStarted(_("%(part)s did not start: see %(log)s") % {"part": part.name, "log": log})


def say(text: str) -> None:
    with suppress(OSError, ValueError):  # the terminal is gone, or the disk with our log is full
        print(one_record(text), flush=True)


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # stopping has begun; nothing hurries it but a kill
    raise Stopped
