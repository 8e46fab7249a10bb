"""How much of the disk handed in files may take."""

import shutil
import time
from contextlib import suppress
from pathlib import Path

from deployments.desk.trouble import Trouble
from models.i18n import gettext as _
from tasks.files import Folder, folder
from tasks.workbook import LARGEST_FILE

MOST_KEPT = 5 * 2**30
"""Bytes that all files handed in may take."""
SPARE = 2**30
"""Bytes of the disk that stay free for the databases."""
UNFINISHED = ".unfinished-"
"""How files begin that are still on their way; nothing finds names with a dot."""
FORGOTTEN = 3600.0
"""Seconds after which nobody writes on at a file that was on its way."""


def check_space() -> None:
    """Take nothing more in when the disk, or what Luodi keeps of it for files, is full.

    Raises:
        Trouble: 507.
    """
    incoming = folder(Folder.INCOMING)
    kept = sum(_size(each) for each in incoming.rglob("*"))
    if kept + LARGEST_FILE > MOST_KEPT or shutil.disk_usage(incoming).free < LARGEST_FILE + SPARE:
        raise no_space()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # it has just been finished, or deleted
        return 0


def no_space() -> Trouble:
    """There is no room for more files."""
    return Trouble(
        507,
        _("There is no room for more files on the server."),
        _("Tell whoever runs the server: old files in files/incoming can be deleted (at most %(gb)s GB are kept).")
        % {"gb": MOST_KEPT // 2**30},
    )


def sweep() -> None:
    """Delete what a desk that was killed left half taken in."""
    for path in folder(Folder.INCOMING).glob(f"{UNFINISHED}*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > FORGOTTEN:
                path.unlink()
