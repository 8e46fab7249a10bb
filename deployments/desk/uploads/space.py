"""How much of the disk handed in files may take."""

import shutil
import time
from contextlib import suppress
from pathlib import Path

from deployments.desk.errors import RequestRefused
from models.i18n import gettext as _
from tasks.files import Folder, folder
from tasks.imports.workbook.read import LARGEST_FILE

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
        RequestRefused: 507.
    """
    if kept() + LARGEST_FILE > MOST_KEPT:
        raise _too_many()
    if shutil.disk_usage(folder(Folder.INCOMING)).free < LARGEST_FILE + SPARE:
        raise no_space()


def kept() -> int:
    """Bytes that the files handed in take."""
    return sum(_size(each) for each in folder(Folder.INCOMING).rglob("*"))


def what_to_delete() -> str:
    """What whoever runs the server can do when the files handed in take too much room."""
    return _(
        "Delete the older folders in LUODI_HOME/files/incoming, or move them elsewhere: a file whose import has "
        "ended is not needed any more."
    )


def _too_many() -> RequestRefused:
    what = _("The files handed in fill the %(gb)s GB that are kept for them: no more can be taken in.")
    remedy = _("Tell whoever runs the server: %(remedy)s") % {"remedy": what_to_delete()}
    return RequestRefused(507, what % {"gb": MOST_KEPT // 2**30}, remedy)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # it has just been finished, or deleted
        return 0


def no_space() -> RequestRefused:
    """The disk is too full, whatever fills it."""
    return RequestRefused(
        507,
        _("The server's disk is too full: no more files can be taken in."),
        _(
            "Tell whoever runs the server: make room on the disk. Old files in LUODI_HOME/files may be deleted: those "
            "handed in (incoming), those to be corrected (rejects) and those written for somebody (exports)."
        ),
    )


def sweep() -> None:
    """Delete what a desk that was killed left half taken in."""
    for path in folder(Folder.INCOMING).glob(f"{UNFINISHED}*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > FORGOTTEN:
                path.unlink()
