"""Run a command where every user may reach Python and the checkout, as on an office's machine:

    python opened.py COMMAND …

Only the command's own view of the file system is changed; it needs root. Python may lie below a
folder like /root that is root's alone. There the command sees an empty folder with nothing but what
leads to it.
"""

import ctypes
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

CLONE_NEWNS = 0x00020000
REPOSITORY = Path(__file__).resolve().parents[3]


def closed_above(path: Path) -> Path | None:
    """The first folder on the way to `path` that others may not enter."""
    return next((folder for folder in reversed(path.parents) if not folder.stat().st_mode & stat.S_IXOTH), None)


def open_way(path: Path) -> None:
    """Put an open folder over the closed one, and what lies at `path` where it was."""
    if (closed := closed_above(path)) is None:
        return
    with tempfile.TemporaryDirectory() as aside:
        mount("--bind", path, aside)
        mount("-t", "tmpfs", "-o", "mode=755", "tmpfs", closed)
        path.mkdir(parents=True)
        mount("--move", aside, path)


def mount(*words: object) -> None:
    subprocess.run(["/bin/mount", *map(str, words)], check=True, umask=0o022)


def main(command: list[str]) -> None:
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS):
        raise OSError(ctypes.get_errno(), "no view of its own")
    mount("--make-rprivate", "/")
    for path in (sys.base_prefix, sys.prefix, REPOSITORY):
        open_way(Path(path).resolve())
    os.execv(command[0], command)  # noqa: S606 - the command


if __name__ == "__main__":
    main(sys.argv[1:])
