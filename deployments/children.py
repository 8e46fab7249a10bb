"""Child processes that end when we do, also when we are killed with -9."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

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


def dying_with_us(command: Sequence[str], number: signal.Signals, owner: tuple[int, int] = (0, 0)) -> list[str]:
    """The command, sent `number` when we die; root may name another `owner`: user and group.

    To the kernel the *thread* is the parent: start it from one that outlives the child.
    """
    words = map(str, (os.getpid(), int(number), *owner))
    return [sys.executable, "-I", "-S", "-c", LAUNCHER, *words, *command]


def start(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a child that writes to `log`; on Linux it is killed when the calling thread dies."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            dying_with_us(command, signal.SIGKILL),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(environment),
            start_new_session=True,  # Ctrl-C in the terminal is for us; we stop our children in order
        )


def stop(child: subprocess.Popen[bytes], patience: float) -> None:
    """Ask a child to end, and make it end after `patience` seconds."""
    if child.poll() is None:
        child.terminate()
    try:
        child.wait(patience)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
