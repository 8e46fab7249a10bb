"""Starts the processes that open offices' files: they inherit nothing they can do without."""

import os
import sys

# Without these a Python in an unusual place finds neither its libraries nor our code
KEPT = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def command(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-P", "-m", module, *arguments]


def environment() -> dict[str, str]:
    """No address of a database and no password is among it."""
    return {name: os.environ[name] for name in KEPT if name in os.environ}
