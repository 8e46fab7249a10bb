"""Measures each variant of a workload in a process of its own, so that none pays for another's
memory.
"""

import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from benchmarks.figures import Peak, Sample, cpu_seconds
from tasks.database import engine

READY = b"ready\n"


def measure_apart(script: str, sample: Sample, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
    """Let a process run the script with these arguments, and add what `tell` says there."""
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
    command = [sys.executable, script, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=_environment() | dict(environment or {})) as process:
        lines = iter(process.stdout or ())
        _ready(lines)
        worked = cpu_seconds()
        told = json.loads(next(lines, b"null"))
        worked = cpu_seconds() - worked
    if told is None or process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    sample.seconds.append(told["seconds"])
    sample.cpu_seconds.append(worked)
    sample.peak_mb = max(sample.peak_mb or 0, told["peak_mb"])


def _ready(lines: Iterator[bytes]) -> None:
    """Wait until everything is imported and connected; what libraries print before is of no
    interest.
    """
    for line in lines:
        if line == READY:
            return


def _environment() -> dict[str, str]:
    here = Path(__file__).parents[1]
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}


def tell(work: Callable[[], object]) -> None:
    """In that process: do the work once and print what it took, as `measure_apart` reads it."""
    warnings.simplefilter("ignore")
    with engine().connect():
        pass  # connecting is no part of the work
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    with Peak(os.getpid(), family=True) as peak:
        started = time.perf_counter()
        work()
        seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "peak_mb": peak.mb}), flush=True)
