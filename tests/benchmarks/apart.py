"""Measures each variant of a workload in a process of its own, so that none pays for another's memory."""

import json
import os
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.figures import Peak, Sample

from tasks.database import engine


def measure_apart(script: str, sample: Sample, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
    """Let a process run the script with these arguments, and add what `tell` says there."""
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
    command = [sys.executable, script, *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=_environment() | dict(environment or {}))
    told = json.loads(done.stdout.splitlines()[-1])
    sample.seconds.append(told["seconds"])
    sample.cpu_seconds.append(told["cpu_seconds"])
    sample.peak_mb = max(sample.peak_mb or 0, told["peak_mb"])


def _environment() -> dict[str, str]:
    here = Path(__file__).parents[1]
    return os.environ | {"PYTHONPATH": os.pathsep.join([str(here), str(here.parent)])}


def tell(work: Callable[[], object]) -> None:
    """In that process: do the work once and print what it took, as `measure_apart` reads it."""
    import psutil

    warnings.simplefilter("ignore")
    with engine().connect():
        pass  # connecting is no part of the work
    with Peak(os.getpid(), family=True) as peak:
        started, worked = time.perf_counter(), _cpu(psutil.Process())
        work()
        seconds, worked = time.perf_counter() - started, _cpu(psutil.Process()) - worked
    print(json.dumps({"seconds": seconds, "cpu_seconds": worked, "peak_mb": peak.mb}))


def _cpu(process: Any) -> float:
    return float(sum(process.cpu_times()[:4]))
