"""Child processes that end when we do, also when we are killed with -9."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

# Becomes the command. Not a `preexec_fn`: that can deadlock, and warns, in a program with threads. A parent that is
# dead by the time the kernel is told sends no signal any more, hence the look at it afterwards.
LAUNCHER = """
import ctypes, os, sys
parent, number, *command = sys.argv[1:]
if sys.platform == "linux":
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(number))
    if os.getppid() != int(parent):
        sys.exit("the program that started this one has died")
os.execv(command[0], command)
"""


def start(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a child in its own session, writing to `log`; on Linux it is killed when the calling thread dies."""
    launch = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        LAUNCHER,
        str(os.getpid()),
        str(int(signal.SIGKILL)),
        *command,
    ]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            launch,
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
