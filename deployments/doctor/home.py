"""The home: is there room on its disk, and may the parts write in it."""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import psutil

from deployments import environment
from deployments.desk.uploads import space
from deployments.doctor.findings import Finding, notice, some, wrong
from models.i18n import gettext as _
from tasks.files import Folder
from tasks.imports.workbook.read import LARGEST_FILE

NEARLY_FULL = 0.8  # part of the room for files that may be taken without a notice
MIN_FREE = space.MIN_FREE + LARGEST_FILE  # bytes; with less the desk takes no file
MIN_INODES = 10_000  # files that can yet be made
WRITTEN_IN = ("", "logs", "prefect", "files", *(f"files/{folder}" for folder in Folder))
PARTS = {"worker", "desk"}
RECENT = timedelta(days=14)


def disk() -> Iterator[Finding]:
    """Is there room where the home and the embedded databases are?"""
    home = environment.home()
    if not home.is_dir():
        yield wrong(
            _("The home %(home)s is not there.") % {"home": home}, _("Start Luodi with `luodi up`, or set LUODI_HOME.")
        )
        return
    places = {path.stat().st_dev: path for path in (home / "postgres" / "data", home) if path.exists()}
    for path in places.values():
        yield from _room_on_disk(path.resolve())


def _room_on_disk(path: Path) -> Iterator[Finding]:
    status = os.statvfs(path)
    values = {"path": path, "free": f"{status.f_bavail * status.f_frsize / 2**30:.1f}", "files": status.f_favail}
    remedy = _("Make room on the disk: databases, server and logs stop when it is full.")
    if status.f_bavail * status.f_frsize < MIN_FREE:
        yield wrong(_("The disk of %(path)s is nearly full: %(free)s GB are free.") % values, remedy)
    if status.f_files and status.f_favail < MIN_INODES:  # some file systems count none
        what = _("The disk of %(path)s takes only %(files)s more files, however small.")
        yield wrong(what % values, remedy)
    if status.f_flag & os.ST_RDONLY:
        yield wrong(_("The disk of %(path)s is read-only.") % values, _("Mount it so that it can be written."))


def writable() -> Iterator[Finding]:
    """May the users whom the parts run as write where they must? Nothing is written to find out."""
    home = environment.home()
    for user, groups in users_of_parts():
        refused = [str(home / name) for name in WRITTEN_IN if not _may_write(home / name, user, groups)]
        if refused:
            what = _("The user with number %(user)s, whom Luodi runs as, may not write in %(paths)s.")
            remedy = _("Make them that user's: `chown -R %(user)s %(home)s`, then start `luodi up` again.")
            values = {"user": user, "paths": some(refused), "home": home}
            yield wrong(what % values, remedy % values)


def users_of_parts() -> set[tuple[int, frozenset[int]]]:
    """Users, with their groups, whom this home's worker and desk run as; else ourselves."""
    found = set()
    for process in psutil.process_iter(["cmdline"]):
        words = process.info["cmdline"] or []
        if "deployments.cli" in words and not PARTS.isdisjoint(words):
            with suppress(psutil.Error):  # it has ended, or is somebody else's
                if process.environ().get("LUODI_HOME") == str(environment.home()):
                    found.add((process.uids().effective, frozenset({process.gids().effective})))
    return found or {(os.geteuid(), frozenset({os.getegid(), *os.getgroups()}))}


def _may_write(path: Path, user: int, groups: frozenset[int]) -> bool:
    try:
        status = path.stat()
    except FileNotFoundError:
        return True  # made where its parent may be written in
    if user == 0:
        return True
    if status.st_uid == user:
        return status.st_mode & stat.S_IRWXU == stat.S_IRWXU
    if status.st_gid in groups:
        return status.st_mode & stat.S_IRWXG == stat.S_IRWXG
    return status.st_mode & stat.S_IRWXO == stat.S_IRWXO


def room() -> Iterator[Finding]:
    """Is there room for the files that will yet be handed in?"""
    share = space.kept() / space.MOST_KEPT
    if share > NEARLY_FULL:
        what = _(
            "The files handed in take %(share)s of the %(gb)s GB there are for them; the desk takes no more than that."
        )
        what %= {"share": f"{share:.0%}", "gb": space.MOST_KEPT // 2**30}
        yield notice(what, space.what_to_delete())


def rejects() -> Iterator[Finding]:
    """Do workbooks with marked cells wait for somebody to correct them?"""
    since = time.time() - RECENT.total_seconds()
    folder = environment.home() / "files" / Folder.REJECTS
    names = sorted(path.name for path in folder.glob("*") if path.stat().st_mtime > since) if folder.is_dir() else []
    if names:
        what = _("%(count)s workbooks of the last two weeks came back with cells that were not entered.")
        remedy = _("Correct and import them again, or delete them: %(folder)s") % {"folder": folder}
        yield notice(what % {"count": len(names)}, remedy)
