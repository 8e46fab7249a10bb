"""Started as root, Luodi goes on as the user whom its home belongs to."""

import compileall
import ctypes
import os
import pwd
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn, Self

from deployments.children import ROOT
from deployments.embedded_postgres.errors import NoServerUser
from deployments.embedded_postgres.folders import SERVER_USER, server_user
from deployments.embedded_postgres.server import EmbeddedPostgres
from deployments.home_folder import put_right, strangers
from models.i18n import enumerated
from models.i18n import gettext as _

CODE = ("deployments", "flows", "models", "tasks")
# What a part needs of root's environment; the rest, passwords among it, stays with root
NEEDED = re.compile(
    r"(LUODI|PREFECT|PG)[A-Z_0-9]+|PORT|PATH|LANG|LC_[A-Z]+|TZ|TERM|COLUMNS|NO_COLOR|CLOCK_AHEAD|DO_NOT_TRACK"
    r"|PYTHON(PATH|UTF8|UNBUFFERED|DONTWRITEBYTECODE)|LD_(PRELOAD|LIBRARY_PATH)"
    r"|((HTTPS?|ALL|NO)_PROXY|(https?|all|no)_proxy)|SSL_CERT_(FILE|DIR)|(REQUESTS|CURL)_CA_BUNDLE|OPENBLAS_[A-Z0-9_]+"
)
# Prints the first path that its user cannot use: the home, each of our modules, each package
PROBE = """
import os, sys
home, root, names, *others = sys.argv[1:]
def usable(path):
    return os.access(path, os.R_OK | os.X_OK if os.path.isdir(path) else os.R_OK)
def first():
    if not os.access(os.path.dirname(home), os.X_OK) or not os.path.isdir(home):
        return home
    for name in names.split():
        for folder, folders, files in os.walk(os.path.join(root, name), onerror=lambda problem: None):
            folders[:] = [each for each in folders if each != "__pycache__"]
            for path in [folder, *(os.path.join(folder, file) for file in files)]:
                if not usable(path):
                    return path
    for folder in others:
        try:
            entries = os.listdir(folder)
        except OSError:
            return folder
        for name in entries:
            path = os.path.join(folder, name)
            is_package = os.path.isdir(path) and not name.startswith((".", "__"))
            if (is_package or path.endswith((".py", ".so"))) and not usable(path):
                return path
    return ""
sys.stdout.write(first())
"""
PROBE_PATIENCE = 60.0  # seconds
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38


@dataclass(frozen=True)
class User:
    """Whom a program runs as, with the groups the system gives them."""

    uid: int
    gid: int
    groups: tuple[int, ...] = ()
    name: str = ""

    @classmethod
    def of(cls, uid: int, gid: int) -> Self:
        """The user with that number; one whom the system does not know has the group alone."""
        try:
            known = pwd.getpwuid(uid)
        except KeyError:
            return cls(uid, gid)
        return cls(uid, known.pw_gid, tuple(os.getgrouplist(known.pw_name, known.pw_gid)), known.pw_name)


def owner_of(home: Path) -> User | None:
    """Who owns the home; None for root, and where there is none yet."""
    if not home.exists() or (status := home.stat()).st_uid == 0:
        return None
    return User.of(status.st_uid, status.st_gid)


def go_on_as_owner(home: Path) -> None:
    """As root in another user's home: become that user, or the files we leave would lock them out.

    Returns where there is nothing to do, or that user cannot read the code.
    """
    if os.geteuid() == 0 and (owner := owner_of(home)) and not _unusable(home, owner):
        become(owner, home)


def go_on_unprivileged(home: Path) -> str:
    """As root about to serve a home: hand it over to an unprivileged user, and become that user.

    Returns why that cannot be done; empty for those who are not root.
    """
    if os.geteuid() != 0:
        return ""
    owner = owner_of(home)
    if owner is None and (others := strangers(home)):
        why = _("%(home)s holds more than Luodi's files (%(names)s), so that it cannot be given to another user")
        return why % {"home": home, "names": enumerated(others[:3])}
    try:
        owner = owner or User.of(server_user().pw_uid, server_user().pw_gid)
    except NoServerUser as problem:
        return str(problem)
    if path := _unusable(home, owner):
        return _("the user %(user)s cannot reach %(path)s") % {"user": owner.name or owner.uid, "path": path}
    _compile()
    if owner.name == SERVER_USER and (postgres := EmbeddedPostgres(home)).is_apart:
        postgres.ensure_initialised()  # it lies where only root makes folders
    put_right(home, owner.uid, owner.gid, former=frozenset({0}))
    return become(owner, home)


def stay_root(home: Path) -> None:
    """Take back what an unprivileged Luodi had of the home."""
    if os.geteuid() == 0:
        put_right(home, 0, 0, former=frozenset(_server_users()))


def become(user: User, home: Path) -> NoReturn:
    """Start this command again as that user, with what it needs of our environment."""
    environment = environment_of(user, home, os.environ)
    if not _may_stay(user):
        os.chdir(home)
    os.closerange(3, 4096)
    os.setgroups(user.groups)
    os.setgid(user.gid)
    os.setuid(user.uid)
    _prctl(PR_SET_NO_NEW_PRIVS, 1)  # no program of theirs, be it `sudo`, gives rights back
    command = [sys.executable, "-P", "-m", "deployments.cli", *sys.argv[1:]]
    os.execve(command[0], command, environment)  # noqa: S606 - the same command


def environment_of(user: User, home: Path, ours: Mapping[str, str]) -> dict[str, str]:
    needed = {name: value for name, value in ours.items() if NEEDED.fullmatch(name)}
    return needed | {"LUODI_HOME": str(home), "HOME": str(home), "USER": user.name, "LOGNAME": user.name}


def hide_from_equals() -> None:
    """Let no process of the same user look into this one: its terminal may be root's."""
    _prctl(PR_SET_DUMPABLE, 0)


def _unusable(home: Path, user: User) -> str:
    """The first path that the user cannot use of those Luodi needs; empty if there is none."""
    code = [sys.executable, "-P", "-c", PROBE, str(home), str(ROOT), " ".join(CODE), *filter(os.path.isdir, sys.path)]
    environment = environment_of(user, home, os.environ)
    try:
        probe = subprocess.run(
            code,
            user=user.uid,
            group=user.gid,
            extra_groups=user.groups,
            cwd="/",
            env=environment,
            capture_output=True,
            text=True,
            timeout=PROBE_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return os.path.realpath(sys.executable)
    return probe.stdout


def _may_stay(user: User) -> bool:
    """Whether the user may be in the current folder."""
    look = [sys.executable, "-I", "-S", "-c", "import os; os.listdir(); os.stat('.')"]
    try:
        there = subprocess.run(look, user=user.uid, group=user.gid, extra_groups=user.groups, check=False)
    except OSError:
        return False
    return there.returncode == 0


def _server_users() -> set[int]:
    try:
        return {pwd.getpwnam(SERVER_USER).pw_uid}
    except KeyError:
        return set()


def _compile() -> None:
    """Compile our modules for a user who cannot keep what Python compiles."""
    mask = os.umask(0o022)
    try:
        for name in CODE:
            compileall.compile_dir(ROOT / name, quiet=2)
    finally:
        os.umask(mask)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
