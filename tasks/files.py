"""Where files are: `LUODI_HOME/files`, a folder per kind, served by the desk."""

import glob
import os
import re
import secrets
import stat
import tomllib
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

import platformdirs

from models.i18n import gettext as _
from models.settings import settings
from tasks.ledger.office_time import office_zone

CHECKOUT = Path(__file__).parents[1]  # or the folder that our packages are installed in
MAX_NAME_LENGTH = 180  # bytes, 60 Chinese characters: with its moment a name fits any file system
NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*#%\u2028-\u202e\u2066-\u2069\ud800-\udfff]+')
NOT_SHOWN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")


class StrangeHome(RuntimeError):
    """The current folder has a `.luodi` that another user put there."""


class Folder(StrEnum):
    """What files are for; the value is the folder's name, and part of its address at the desk."""

    INCOMING = "incoming"  # workbooks handed in
    INBOX = "inbox"  # workbooks an office puts here itself, to be imported on a schedule
    REJECTS = "rejects"  # workbooks with the cells marked that were not imported
    EXPORTS = "exports"  # ledgers, dossiers and bulletins written for somebody


def home() -> Path:
    return (settings().home or _usual_home()).resolve()


def _usual_home() -> Path:
    """`.luodi` of the current folder, if it is there or that is our checkout; else the user's."""
    here = Path(".luodi")
    if not here.is_dir():
        return here if _is_checkout(Path()) else platformdirs.user_data_path("luodi")
    if here.lstat().st_uid != os.geteuid() and not _is_trusted(Path()):
        why = _("%(folder)s belongs to another user. If it is Luodi's home all the same, set LUODI_HOME to it.")
        raise StrangeHome(why % {"folder": here.absolute()})
    return here


def _is_trusted(folder: Path) -> bool:
    """Whether we run its code anyway, or nobody but root and us can put anything there."""
    status = folder.stat()
    is_closed = status.st_uid in (0, os.geteuid()) and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return is_closed or folder.samefile(CHECKOUT)


def _is_checkout(folder: Path) -> bool:
    path = folder / "pyproject.toml"
    try:
        named = tomllib.loads(path.read_text("utf-8"))["project"]["name"]
        is_ours = path.lstat().st_uid == os.geteuid() or _is_trusted(folder)
    except (OSError, ValueError, KeyError, TypeError):  # none, broken, or of something else
        return False
    return bool(named == "luodi") and is_ours


def folder(kind: Folder) -> Path:
    """The folder of a kind of files; nobody else on the machine may look into it."""
    path = home() / "files" / kind
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def import_folders() -> tuple[Path, ...]:
    """The folders below which imports may read; ours first, then those of the settings."""
    ours = (settings().home or _usual_home()).absolute()
    return (ours / "files", ours / "sample", *settings().import_folders)


def shown_name(name: str) -> str:
    """The name as a line can show it and a database take it, whatever a file is called."""
    return NOT_SHOWN.sub("_", name)


def new_path(kind: Folder, name: str) -> Path:
    """Where a new file goes: its moment in the office's time zone, then its name, cleaned.

    A workbook handed in keeps its name, by which reports and history call it, in a folder of its
    own.
    """
    moment = datetime.now(office_zone()).strftime("%Y%m%d-%H%M%S")
    mark = f"{moment}-{secrets.token_hex(2)}"
    if kind is not Folder.INCOMING:
        return folder(kind) / f"{mark}-{_plain(name)}"
    own = folder(kind) / mark
    own.mkdir(mode=0o700)
    return own / _plain(name)


def _plain(name: str) -> str:
    plain = NOT_IN_NAMES.sub("_", name).strip(" .") or "file"
    match = SUFFIX.search(plain)
    suffix = match[0] if match else ""
    return plain.removesuffix(suffix).encode()[:MAX_NAME_LENGTH].decode(errors="ignore") + suffix


def rejects_path(run_id: str, name: str) -> Path:
    """Where the rejects of a run's file go; the same place if the run is repeated."""
    return folder(Folder.REJECTS) / f"{run_id}-{_plain(name)}"


def rejects_of(run_id: str) -> list[Path]:
    """The workbooks with what a run could not import, by name."""
    return sorted(folder(Folder.REJECTS).glob(f"{glob.escape(run_id)}-*"))


def find(kind: Folder, name: str) -> Path:
    """The file of that name; `FileMissing` if there is none, and for names that lead elsewhere."""
    path = folder(kind) / name
    is_plain = name == path.name and not name.startswith(".") and len(name.encode()) < 256
    if not is_plain or NOT_SHOWN.search(name) or path.is_symlink() or not path.is_file():
        raise FileMissing(_("There is no file %(path)s here.") % {"path": name})
    return path


def address(kind: Folder, path: Path) -> str:
    return f"{desk()}/files/{kind}/{quote(path.name)}"


def link(kind: Folder, path: Path) -> str:
    """A link to the file at the desk, Markdown; its path where no desk is open."""
    return f"[{path.name}]({address(kind, path)})" if desk() else f"`{path}`"


def desk() -> str:
    """The desk's address as browsers reach it; empty where no desk is open."""
    return settings().desk_url


def write_secret(path: Path, content: str) -> None:
    """Write a file that its owner alone can read, whole or not at all; one that is there stays.

    Its owner is the folder's: what root makes there, Luodi's own user must be able to read.
    """
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "w", encoding="ascii") as writer:
            if os.geteuid() == 0:
                owner = path.parent.stat()
                os.fchown(file, owner.st_uid, owner.st_gid)
            writer.write(content)
            writer.flush()
            os.fsync(file)
        with suppress(FileExistsError):  # of two at once, one wins
            path.hardlink_to(unfinished)
    finally:
        unfinished.unlink(missing_ok=True)


class LedgerFileError(ValueError):
    """A file that cannot be read at all; the message says why and what to do."""


class FileMissing(LedgerFileError):
    """There is no file at that path."""
