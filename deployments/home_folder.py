"""The folder of one installation: whose it is, and that nobody else looks into it."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from models.i18n import gettext as _

# What Luodi itself puts into its home
OURS = {
    *("bench.json", "files", "logs", "port", "postgres", "prefect", "replay", "run", "sample", "secret.key"),
    *("templates", "up.lock"),
}
NOBODYS = {"lost+found", ".DS_Store"}  # what systems put into any folder
DATABASE = ("postgres", "data")  # PostgreSQL keeps owner and modes of its files itself
OTHERS = 0o077
OTHERS_WRITE = 0o022


class NoHome(RuntimeError):
    """The folder Luodi is to live in cannot be made or used: the message says why."""


def no_home(home: Path, why: str) -> NoHome:
    refused = _("%(home)s cannot be Luodi's home: %(why)s. Set LUODI_HOME to a folder Luodi may write in.")
    return NoHome(refused % {"home": home, "why": why})


def strangers(home: Path) -> list[str]:
    """What else is in the folder: with any, it is not ours alone."""
    return sorted({path.name for path in home.iterdir()} - OURS - NOBODYS)


def close_to_others(home: Path) -> None:
    """Let nobody else look into the home, unless other things are in it, too.

    Raises:
        NoHome: when others may write in it, and it is not ours to close.
    """
    mode = home.stat().st_mode
    if mode & OTHERS and _is_ours(home):
        home.chmod(stat.S_IMODE(mode) & ~OTHERS)
    refuse_open(home)


def refuse_open(home: Path) -> None:
    """Raise NoHome when others may write in the home, and it is not ours to close."""
    if home.stat().st_mode & OTHERS_WRITE and not _is_ours(home):
        raise no_home(home, _("others may write in it, and it holds more than Luodi's files"))


def _is_ours(home: Path) -> bool:
    return os.geteuid() in (0, home.stat().st_uid) and not strangers(home)


def put_right(home: Path, owner: int, group: int, former: frozenset[int] = frozenset()) -> None:
    """Close what is ours in the home to others, and give the owner what `former` users left there.

    Root does it in a folder that another user may change meanwhile. So each file is opened without
    following a link, and what was opened is changed, unless it has another name elsewhere.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
    with suppress(FileNotFoundError), opened(home, flags) as folder:
        for name in sorted(OURS & set(os.listdir(folder))):  # noqa: PTH208 - by descriptor
            _put_right(folder, name, (owner, group), former)
        if os.fstat(folder).st_uid in former:
            os.fchown(folder, owner, group)


def _put_right(parent: int, name: str, owner: tuple[int, int], former: frozenset[int]) -> None:
    with suppress(OSError, RecursionError):  # it is gone, say, or nested out of spite
        kind = stat.S_IFMT(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
        if kind in (stat.S_IFDIR, stat.S_IFREG):
            with opened(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, parent) as file:
                _put_right_opened(file, name, owner, former)


def _put_right_opened(file: int, name: str, owner: tuple[int, int], former: frozenset[int]) -> None:
    status = os.fstat(file)
    is_folder = stat.S_ISDIR(status.st_mode)
    if not is_folder and (status.st_nlink > 1 or not stat.S_ISREG(status.st_mode)):
        return
    if status.st_uid in former:
        os.fchown(file, *owner)
    if status.st_mode & OTHERS and os.geteuid() in (0, status.st_uid):
        os.fchmod(file, stat.S_IMODE(status.st_mode) & ~OTHERS)
    if is_folder:
        for inner in os.listdir(file):
            if (name, inner) != DATABASE:
                _put_right(file, inner, owner, former)


@contextmanager
def opened(path: str | Path, flags: int, parent: int | None = None) -> Iterator[int]:
    file = os.open(path, flags, mode=0o600, dir_fd=parent)
    try:
        yield file
    finally:
        os.close(file)
