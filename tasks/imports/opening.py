"""Opens offices' files: below the allowed folders, through no link, and only what is a file."""

import hashlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

from models.i18n import enumerated
from models.i18n import gettext as _
from models.settings import settings
from tasks.files import FileMissing, LedgerFileError, home, import_folders, shown_name
from tasks.imports.errors import FileChanging, FileClosed, NoRoom, NotFollowed, OutsideFolders
from tasks.imports.workbook.read import check_size

READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
ENTER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
AT_ONCE = 2**20  # bytes
LOOKS_AGAIN = 0.2  # seconds


class Copy(NamedTuple):
    """A file as it was at one moment, where nobody else can change it."""

    path: Path
    sha256: str


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """The descriptor of a file or folder below an allowed folder.

    Raises:
        LedgerFileError: `OutsideFolders`, `FileMissing`, `FileClosed` or `NotFollowed`.
    """
    folder, names = _allowed(path)
    with refusing(path):
        found = _descend(folder, names)
    with closing(found) as descriptor:
        yield descriptor


@contextmanager
def closing(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _descend(folder: Path, names: Sequence[str]) -> int:
    descriptor = os.open(folder, ENTER & ~os.O_NOFOLLOW)  # the office named it, link or not
    for number, name in enumerate(names or ["."], 1):
        with closing(descriptor):
            descriptor = open_entry(name, descriptor, ENTER if number < len(names) else READ)
    return descriptor


def open_entry(name: str, folder: int, flags: int = READ) -> int:
    """Open a file or folder of an open folder; `NotFollowed` if it is anything else."""
    mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # before it is opened: some devices act on that
        raise NotFollowed(_not_followed() % {"file": shown_name(name)})
    return os.open(name, flags, dir_fd=folder)


@contextmanager
def refusing(path: Path) -> Iterator[None]:
    """Say in the office's words why a file cannot be opened or read."""
    shown = shown_name(str(path))
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as problem:
        reason = _("There is no file %(path)s: check the path; the worker must see it.")
        raise FileMissing(reason % {"path": shown}) from problem
    except LedgerFileError:
        raise
    except (OSError, ValueError) as problem:  # ValueError: no file can have such a name
        reason = _("%(file)s cannot be read (%(problem)s): let the user Luodi runs as read it.")
        why = problem.strerror if isinstance(problem, OSError) else problem
        raise FileClosed(reason % {"file": shown, "problem": why}) from problem


def checked(descriptor: int, name: str) -> BufferedReader:
    """The open file, if it is one, has no second name, and is not too large.

    Raises:
        LedgerFileError: `NotFollowed` or `FileTooLarge`.
    """
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise NotFollowed(_not_followed() % {"file": shown_name(name)})
    if status.st_nlink > 1:  # made by somebody who may not read it, perhaps, of a file that we may read
        reason = _("%(file)s has a second name elsewhere (a hard link): put a copy of it here instead.")
        raise NotFollowed(reason % {"file": shown_name(name)})
    check_size(shown_name(name), status.st_size)
    return os.fdopen(descriptor, "rb", closefd=False)


@contextmanager
def alone() -> Iterator[Path]:
    """A folder for copies, while no other import of this home goes on in any process.

    Each takes up to a gigabyte; those that wait take none. No answer ever waits here.
    """
    folder = home() / "files" / ".importing"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        while not _locked(lock):
            time.sleep(LOOKS_AGAIN)
        for left in folder.glob("*/"):  # by a worker that was killed
            shutil.rmtree(left)
        yield folder
    finally:
        os.close(lock)


def _locked(lock: int) -> bool:
    try:
        flock(lock, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def copied(path: Path, folder: Path) -> Iterator[Copy]:
    """A copy of the file in a folder of ours: what is checked, read and marked is the same.

    Raises:
        LedgerFileError: as `opened` and `checked`; `FileChanging` if it was changed meanwhile;
            `NoRoom` if the disk is full.
    """
    own = folder / secrets.token_hex(8)
    try:
        own.mkdir(mode=0o700)
        copy = own / shown_name(path.name)
        with opened(path) as descriptor, checked(descriptor, path.name) as source, copy.open("xb") as target:
            before, hashed = os.fstat(descriptor), hashlib.sha256()
            for part in _parts(source, path):
                hashed.update(part)
                target.write(part)
                check_size(copy.name, target.tell())
            after = os.fstat(descriptor)
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise still_written(path)
    except OSError as problem:
        shutil.rmtree(own, ignore_errors=True)
        reason = _("%(file)s cannot be copied to Luodi's home to be read (%(problem)s): make room on its disk.")
        raise NoRoom(reason % {"file": shown_name(path.name), "problem": problem.strerror}) from problem
    except BaseException:
        shutil.rmtree(own, ignore_errors=True)
        raise
    try:
        yield Copy(copy, hashed.hexdigest())
    finally:
        shutil.rmtree(own)


def _parts(source: BufferedReader, path: Path) -> Iterator[bytes]:
    with refusing(path):
        while part := source.read(AT_ONCE):
            yield part


def still_written(path: Path) -> FileChanging:
    reason = _("%(file)s was changed while it was read: import it once it is written to its end.")
    return FileChanging(reason % {"file": shown_name(path.name)})


def _allowed(path: Path) -> tuple[Path, Sequence[str]]:
    """The allowed folder a path is below, and the names that lead from there to the file."""
    wanted, ours = path.absolute(), import_folders()[:2]
    for folder in import_folders() if ".." not in wanted.parts else ():
        real = folder.resolve()
        for form in (folder, real):
            if wanted.is_relative_to(form):
                names = wanted.relative_to(form).parts
                if folder in ours or not real.joinpath(*names).is_relative_to(home()):  # its keys are no ledgers
                    return real, names
    reason = _(
        "%(path)s is in no folder that imports may read (these are %(folders)s): hand the file in at the desk, or set "
        "LUODI_IMPORT_FOLDERS=%(setting)s and start Luodi again."
    )
    folders = list(map(str, import_folders()))
    setting = os.pathsep.join([*map(str, settings().import_folders), str(wanted.parent)])
    words = {"path": path, "folders": enumerated(folders), "setting": setting}
    raise OutsideFolders(reason % {name: shown_name(str(word)) for name, word in words.items()})


def _not_followed() -> str:
    return _("%(file)s is a link or no file: Luodi reads through none of them. Put the file itself here.")
