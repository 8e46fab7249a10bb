"""Run a command on another day: `python tests/on_day.py 2027-02-08 .venv/bin/pytest tests/flows`.

Every process it starts, PostgreSQL and Chromium among them, takes it to be nine o'clock of that day
at first. Instead of a date, `spring-festival`, `31-december` or `1-january` names the next one.

libfaketime would do, were `time.sleep` not broken under it: `clock_nanosleep` fails there since
Python 3.11.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays

OFFICE = ZoneInfo("Asia/Shanghai")
BEGINS = time(9, tzinfo=OFFICE)
SOURCE = Path(__file__).with_name("moved_clock.c")
NO_COMPILER = (
    "Running tests on another day needs a C compiler, on Linux.\n"
    "Install one (Debian, Ubuntu: apt-get install gcc libc6-dev; Fedora: dnf install gcc)"
)


def day_named(name: str, today: date) -> date:
    """The day an ISO date names, or the next one after today that is called so."""
    china = holidays.country_holidays("CN", language="en_US", years=[today.year, today.year + 1])
    called = {
        "spring-festival": lambda day: "Chinese New Year (Spring Festival)" in china.get_list(day),
        "31-december": lambda day: (day.month, day.day) == (12, 31),
        "1-january": lambda day: (day.month, day.day) == (1, 1),
    }
    if name in called:
        return next(day for day in (today + timedelta(each) for each in range(1, 400)) if called[name](day))
    try:
        return date.fromisoformat(name)
    except ValueError:
        sys.exit(f"{name} is no day: write it like 2027-02-08, or name one of {', '.join(called)}.")


def moved_clock(folder: Path) -> Path:
    """The library that moves the clock of whatever process loads it first."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        sys.exit(NO_COMPILER)
    library = folder / "moved_clock.so"
    built = subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", library, SOURCE, "-ldl"], check=False)
    if built.returncode:
        sys.exit(NO_COMPILER)
    folder.chmod(0o755)  # PostgreSQL loads it, too, as a user of its own
    library.chmod(0o755)
    return library


def check(day: date, environment: Mapping[str, str]) -> None:
    """Make sure that a process started with the environment takes it to be that day."""
    ask = [sys.executable, "-c", "import time; print(time.time())"]
    told = subprocess.run(ask, env=environment, capture_output=True, text=True, check=True).stdout
    if datetime.fromtimestamp(float(told), OFFICE).date() != day:
        sys.exit(f"The clock of {sys.executable} cannot be moved.")


def run(day: date, command: Sequence[str]) -> int:
    """The command's exit code, run as if the day had just begun for the office."""
    ahead = datetime.combine(day, BEGINS) - datetime.now(OFFICE)
    with tempfile.TemporaryDirectory(prefix="luodi-clock-") as folder:
        loaded_first = f"{moved_clock(Path(folder))} {os.environ.get('LD_PRELOAD', '')}".strip()
        moved = {"LD_PRELOAD": loaded_first, "CLOCK_AHEAD": f"{ahead.total_seconds():.0f}"}
        environment = {**os.environ, **moved}
        check(day, environment)
        process = subprocess.Popen(command, env=environment)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _frame: process.send_signal(number))
        return process.wait()


if __name__ == "__main__":
    chosen = day_named(sys.argv[1], datetime.now(OFFICE).date())
    print(f"Running on {chosen:%A}, {chosen}", flush=True)
    sys.exit(run(chosen, sys.argv[2:]))
