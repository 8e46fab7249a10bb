"""The room on disk for files handed in."""

import shutil
import time
from contextlib import suppress
from pathlib import Path

from deployments.desk.errors import RequestRefused
from models.i18n import gettext as _
from tasks.files import Folder, folder
from tasks.imports.workbook.read import LARGEST_FILE

MOST_KEPT = 5 * 2**30  # bytes of all files handed in
MIN_FREE = 2**30  # bytes of the disk that stay free for the databases
UNFINISHED = ".unfinished-"  # prefix of files on their way; the importer and the downloads skip names with a dot
ABANDONED_AFTER = 3600.0  # seconds without a write to a file on its way


def check_space() -> None:
    """Refuse (507) another file if the disk, or its share for files handed in, is full."""
    if kept() + LARGEST_FILE > MOST_KEPT:
        what = _("The files handed in fill the %(gb)s GB that are kept for them: no more can be taken in.")
        remedy = _("Tell whoever runs the server: %(remedy)s") % {"remedy": what_to_delete()}
        raise RequestRefused(507, what % {"gb": MOST_KEPT // 2**30}, remedy)
    if shutil.disk_usage(folder(Folder.INCOMING)).free < LARGEST_FILE + MIN_FREE:
        raise disk_full()


def kept() -> int:
    """Bytes of all files handed in."""
    return sum(_size(path) for path in folder(Folder.INCOMING).rglob("*"))


def what_to_delete() -> str:
    """Tells the server's operator how to make room for files handed in."""
    return _(
        "Delete the older folders in LUODI_HOME/files/incoming, or move them elsewhere: a file whose import has "
        "ended is not needed any more."
    )


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except FileNotFoundError:  # it has just been finished, or deleted
        return 0


def disk_full() -> RequestRefused:
    """507: the disk is full, of whatever files."""
    return RequestRefused(
        507,
        _("The server's disk is too full: no more files can be taken in."),
        _(
            "Tell whoever runs the server: make room on the disk. Old files in LUODI_HOME/files may be deleted: those "
            "handed in (incoming), those to be corrected (rejects) and those written for somebody (exports)."
        ),
    )


def delete_abandoned() -> None:
    """Delete the unfinished files of a desk that was killed."""
    for path in folder(Folder.INCOMING).glob(f"{UNFINISHED}*"):
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > ABANDONED_AFTER:
                path.unlink()
