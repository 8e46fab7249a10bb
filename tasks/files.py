"""Where files come and go: `LUODI_HOME/files`, one folder a kind. The desk shows them, artifacts link there."""

import os
import re
import secrets
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from urllib.parse import quote

from models.i18n import gettext as _
from tasks.ledger import office_zone
from tasks.ledger_errors import FileMissing

LONGEST_NAME = 180
"""Bytes kept of a file's name, 60 Chinese characters: with its moment it fits any file system."""
NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*#%\u2028-\u202e\u2066-\u2069]+')
SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")


class Folder(StrEnum):
    """What files are there for; the value is the folder's name, and part of its address at the desk."""

    INCOMING = "incoming"
    """Workbooks handed in."""
    REJECTS = "rejects"
    """Workbooks with what could not be taken of them marked."""
    EXPORTS = "exports"
    """Ledgers and dossiers written for somebody."""


def home() -> Path:
    """The folder everything of this installation lives in, `LUODI_HOME`."""
    return Path(os.environ.get("LUODI_HOME") or ".luodi").resolve()


def folder(kind: Folder) -> Path:
    """The folder of a kind of files; nobody else on the machine may look into it."""
    found = home() / "files" / kind
    found.mkdir(parents=True, exist_ok=True, mode=0o700)
    return found


def new_path(kind: Folder, name: str) -> Path:
    """Where a new file of that name goes: its own folder's, no other's, and no former file's path.

    The name begins with the moment in the office's time zone; what no file system takes is left out.
    """
    plain = NOT_IN_NAMES.sub("_", name).strip(" .") or "file"
    suffix = found[0] if (found := SUFFIX.search(plain)) else ""
    stem = plain.removesuffix(suffix).encode()[:LONGEST_NAME].decode(errors="ignore")
    moment = datetime.now(office_zone()).strftime("%Y%m%d-%H%M%S")
    return folder(kind) / f"{moment}-{secrets.token_hex(2)}-{stem}{suffix}"


def find(kind: Folder, name: str) -> Path:
    """The file of that name in the folder of its kind.

    Raises:
        FileMissing: when there is none, also for names that would lead elsewhere.
    """
    path = folder(kind) / name
    is_plain = name == path.name and not name.startswith(".") and len(name.encode()) < 256
    if not is_plain or path.is_symlink() or not path.is_file():
        raise FileMissing(_("There is no file %(path)s here.") % {"path": name})
    return path


def address(kind: Folder, path: Path) -> str:
    """Where the desk gives the file out, for artifacts and pages."""
    return f"{desk()}/files/{kind}/{quote(path.name)}"


def desk() -> str:
    """The desk's address as browsers reach it, `LUODI_DESK_URL`."""
    return os.environ.get("LUODI_DESK_URL", "").rstrip("/")
