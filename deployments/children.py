"""Child processes that end when we do, also when we are killed with -9, and whose logs are kept."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
# Becomes the command. Not a `preexec_fn`: that can deadlock, and warns, in a program with threads.
# The kernel forgets the death signal when the user changes, so it comes last; a parent that is dead
# by then sends none.
LAUNCHER = """
import ctypes, os, sys
parent, number, uid, gid, *command = sys.argv[1:]
if os.geteuid() == 0 and int(uid):
    os.setgroups([])
    os.setgid(int(gid))
    os.setuid(int(uid))
if sys.platform == "linux":
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number))
    if os.getppid() != int(parent):
        sys.exit("the program that started this one has died")
os.execv(command[0], command)
"""
# Keeps a log; it needs no package of the virtual environment, and without them starts at once
KEEPER = (sys.executable, "-P", "-S", "-m", "deployments.logs.keeper")
LOG_PATIENCE = 2.0  # seconds until what a child said last is in its log

_KEEPERS: list[subprocess.Popen[bytes]] = []  # of all logs: one ends when nobody writes to it any more


class Child(subprocess.Popen[bytes]):
    """A process, and the one that keeps its log."""

    keeper: subprocess.Popen[bytes]


def dying_with_us(command: Sequence[str], number: signal.Signals, owner: tuple[int, int] = (0, 0)) -> list[str]:
    """The command, sent `number` when we die; root may name another `owner`: user and group.

    To the kernel the *thread* is the parent: start it from one that outlives the child.
    """
    words = map(str, (os.getpid(), int(number), *owner))
    return [sys.executable, "-I", "-S", "-c", LAUNCHER, *words, *command]


def start(
    command: Sequence[str],
    log: Path,
    environment: Mapping[str, str],
    *,
    number: signal.Signals = signal.SIGKILL,
    owner: tuple[int, int] = (0, 0),
    cwd: str | None = None,
    pass_fds: Sequence[int] = (),
) -> Child:
    """Start a child that has a log; on Linux it is sent `number` when the calling thread dies."""
    with suppress(OSError):  # a full disk keeps no log, and no part from its work
        log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    reading, writing = os.pipe()
    try:
        keeper = _keeper(log, reading)
        child = Child(
            dying_with_us(command, number, owner),
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            env=dict(environment),
            cwd=cwd,
            pass_fds=pass_fds,
            start_new_session=True,  # Ctrl-C in the terminal is for us; we stop our children in order
        )
    finally:
        os.close(reading)
        os.close(writing)
    child.keeper = keeper
    return child


def _keeper(log: Path, source: int) -> subprocess.Popen[bytes]:
    _KEEPERS[:] = [keeper for keeper in _KEEPERS if keeper.poll() is None]
    keeper = subprocess.Popen(
        [*KEEPER, str(log.absolute())],
        stdin=source,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd="/",
        start_new_session=True,
    )
    _KEEPERS.append(keeper)
    return keeper


def stop(child: Child, patience: float) -> None:
    """Ask a child to end, and make it end after `patience` seconds."""
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
    wait_for_log(child)


def wait_for_log(child: Child) -> None:
    """Wait until what a child that has ended said last is in its log."""
    with suppress(subprocess.TimeoutExpired):  # a child of its own writes on
        child.keeper.wait(LOG_PATIENCE)
