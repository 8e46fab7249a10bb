"""Started as root where every user may read the code, Luodi runs without root's rights; elsewhere
it says so.
"""

import os
import pwd
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from deployments.embedded_postgres.folders import SERVER_USER, server_user
from deployments.home_folder import put_right
from deployments.unprivileged import User, environment_of, stay_root
from support.programs.luodi import Installation, family, part, stopped
from support.repository import REPOSITORY
from support.waiting import wait_for

OPENED = [sys.executable, str(REPOSITORY / "tests/support/programs/opened.py")]
SECRET = "of root"

pytestmark = [pytest.mark.only_for("root"), pytest.mark.only_for("linux")]


@pytest.fixture
def installation() -> Iterator[Installation]:
    """A home that root's Luodi left, on a small disk of its own."""
    if subprocess.run([*OPENED, "/bin/true"], capture_output=True, check=False).returncode:
        pytest.skip("no view of the file system can be made here in which everybody may read the code")
    with tempfile.TemporaryDirectory(prefix="luodi-root-") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder) / "home"
        home.mkdir()
        subprocess.run(["/bin/mount", "-t", "tmpfs", "-o", "size=64m,mode=755", "tmpfs", home], check=True)
        try:
            installation = Installation(home)
            installation.environment["SECRET"] = SECRET
            yield installation
            installation.postgres.delete()
        finally:
            subprocess.run(["/bin/umount", "--lazy", home], check=True)


def left_by_root(home: Path) -> None:
    """What a Luodi that ran as root had made there."""
    for name in ("files/incoming/20260101-000000-abcd/台账.xlsx", "logs/worker.log", "up.lock", "port"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).touch(mode=0o644)


def strangers(home: Path) -> list[str]:
    """What in the home is not the unprivileged user's, or may be read by others."""
    owner = pwd.getpwnam(SERVER_USER).pw_uid
    found = [(path, path.lstat()) for path in [home, *home.rglob("*")] if not path.is_symlink()]
    return [str(path) for path, status in found if status.st_uid != owner or status.st_mode & 0o077]


def as_root(installation: Installation, *command: str) -> str:
    """What a command of root's prints."""
    variables = {**installation.environment, "PREFECT_HOME": str(installation.home / "prefect")}
    variables["PREFECT_API_URL"] = f"{installation.address}/api"
    done = subprocess.run(
        [*OPENED, *command], env=variables, capture_output=True, text=True, check=False, timeout=120, umask=0o022
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(600)
def test_root_serves_a_home_without_roots_rights_and_a_full_disk_stops_no_worker(installation: Installation) -> None:
    home, user = installation.home, pwd.getpwnam(SERVER_USER)
    left_by_root(home)
    up = installation.start(through=OPENED)
    try:
        for process in family(up):
            assert process.uids() == (user.pw_uid,) * 3, process
            assert process.gids() == (user.pw_gid,) * 3
        worker = part(up, "deployments.cli worker")
        assert worker is not None
        assert "NoNewPrivs:\t1" in Path(f"/proc/{worker.pid}/status").read_text()
        variables = worker.environ()
        assert SECRET not in variables.values()
        assert (variables["HOME"], variables["USER"]) == (str(home), SERVER_USER)
        assert strangers(home) == []

        names = as_root(installation, sys.executable, "-P", "-m", "deployments.cli", "deploy")
        assert "project-lifecycle" in names
        prefect = str(Path(sys.executable).with_name("prefect"))
        as_root(installation, prefect, "config", "set", "PREFECT_CLIENT_MAX_RETRIES=5")
        assert strangers(home) == []

        with pytest.raises(OSError, match="No space"):
            (home / "files" / "filler").write_bytes(b"x" * 64 * 2**20)
        done = reconciliations(installation)
        worker.kill()
        wait_for(lambda: part(up, "deployments.cli worker") not in (None, worker), "another worker")
        wait_for(lambda: reconciliations(installation) - done, "the new worker's first run", patience=90)
        (home / "files" / "filler").unlink(missing_ok=True)

        with stopped(up, signal.SIGKILL):
            pass
    finally:
        up.kill()
        up.wait()


def reconciliations(installation: Installation) -> set[str]:
    body = {"flows": {"name": {"any_": ["reconciliation"]}}, "flow_runs": {"state": {"type": {"any_": ["COMPLETED"]}}}}
    return {run["id"] for run in installation.ask_for("flow_runs", body)}


def test_where_the_home_holds_other_things_it_stays_roots_and_this_is_said(installation: Installation) -> None:
    (installation.home / "letters").mkdir()
    up = installation.start(ready=False, through=OPENED)
    try:
        wait_for(lambda: "WARNING: Luodi runs as root" in installation.said(), "the warning")
        assert "holds more than Luodi's files (letters)" in installation.said()
        assert psutil.Process(up.pid).uids().real == 0
        assert (installation.home / "letters").stat().st_uid == 0
    finally:
        with suppress(psutil.NoSuchProcess), stopped(up, signal.SIGTERM):
            pass


def test_root_takes_back_what_the_unprivileged_user_had_where_it_must_stay_root(tmp_path: Path) -> None:
    user = server_user()
    left_by_root(tmp_path)
    put_right(tmp_path, user.pw_uid, user.pw_gid, former=frozenset({0}))
    assert strangers(tmp_path) == []
    stay_root(tmp_path)
    assert {path.stat().st_uid for path in [tmp_path, *tmp_path.rglob("*")]} == {0}


def test_nothing_of_roots_environment_goes_along_but_what_is_needed(tmp_path: Path) -> None:
    ours = {
        "LUODI_LOCALE": "en",
        "PREFECT_API_URL": "x",
        "AWS_SECRET_ACCESS_KEY": "y",
        "HOME": "/root",
        "XDG_RUNTIME_DIR": "z",
    }
    theirs = environment_of(User(1234, 1234, name="office"), tmp_path, ours)
    assert theirs == {
        "LUODI_LOCALE": "en",
        "PREFECT_API_URL": "x",
        "LUODI_HOME": str(tmp_path),
        "HOME": str(tmp_path),
        "USER": "office",
        "LOGNAME": "office",
    }


def test_a_user_without_a_name_has_the_group_of_the_home_alone() -> None:
    assert User.of(54321, 4321) == User(54321, 4321)
    assert User.of(os.geteuid(), 0).name == "root"
