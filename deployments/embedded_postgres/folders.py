"""Private folders, their locks, and the system user that owns them if we are root."""

import fcntl
import os
import pwd
import shutil
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from deployments.embedded_postgres.errors import NoServerUser, PostgresBusy, UnsafeFolder
from models.i18n import gettext as _

SERVER_USER = "luodi"  # the system user that runs the server if we are root
SHARED = Path("/var/lib/luodi")  # binaries and data if we are root
LOCK_PATIENCE = 30.0  # seconds: an earlier life of the home finishes, another start initialises or copies


def server_user() -> pwd.struct_passwd:
    """The unprivileged system user that runs the server if we are root; created at first use."""
    with suppress(KeyError):
        return pwd.getpwnam(SERVER_USER)
    problem = create_server_user()
    with suppress(KeyError):  # created by us, or just now by another start
        return pwd.getpwnam(SERVER_USER)
    message = _(
        "PostgreSQL does not run as root, and the system user %(user)s could not be created (%(problem)s). "
        "Run `useradd --system %(user)s`, or start Luodi as an ordinary user, or set LUODI_DATABASE_URL."
    )
    raise NoServerUser(message % {"user": SERVER_USER, "problem": problem})


def create_server_user() -> str:
    """Create the system user; returns the system's error message."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"  # `su` without a dash leaves these out
    useradd = shutil.which("useradd", path=path)
    if useradd is None:
        return "useradd: not found"
    options = ["--system", "--no-create-home", "--home-dir", str(SHARED), "--shell", "/usr/sbin/nologin"]
    result = subprocess.run([useradd, *options, SERVER_USER], capture_output=True, text=True, check=False)
    return result.stderr.strip()


def wait_until(condition: Callable[[], bool], patience: float) -> bool:
    """Whether `condition` came true within `patience` seconds."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def try_lock(lock: int) -> bool:
    """Take the lock of an open file; False if another process has it."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the lock file `path`; a child that gets the descriptor holds it until it ends."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        if not wait_until(lambda: try_lock(lock), LOCK_PATIENCE):
            message = _("Another Luodi runs here (it holds %(lock)s). Stop it, or choose another LUODI_HOME.")
            raise PostgresBusy(message % {"lock": path})
        yield lock
    finally:
        os.close(lock)  # never LOCK_UN, which would take it from the child too


def open_folder(path: Path, mode: int) -> None:
    """Make a folder with this mode, whatever the umask."""
    path.mkdir(exist_ok=True)
    if stat.S_IMODE(path.stat().st_mode) != mode:
        path.chmod(mode)


def private_folder(path: Path, owner: int) -> None:
    """Make a folder that only `owner` can enter; refuse one that others can enter already."""
    path.mkdir(mode=0o700, exist_ok=True)
    status = path.lstat()
    if stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() == 0 != owner:
        os.chown(path, owner, -1, follow_symlinks=False)  # just made by us, or by a start that died here
        status = path.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != owner or status.st_mode & 0o077:
        raise unsafe(path, owner)


def unsafe(path: Path, owner: int) -> UnsafeFolder:
    message = _("%(path)s must be a folder of mode 0700 that belongs to the user with number %(owner)s.")
    return UnsafeFolder(message % {"path": path, "owner": owner})
