"""What the doctor says of the home, its disk and what runs in it; it leaves no trace there."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from prefect.client.schemas.objects import Worker

from deployments.doctor import home, pool
from deployments.doctor.findings import Level

pytestmark = pytest.mark.usefixtures("in_english")
ENV = ("/usr/bin/env",)  # finds `mount` where the system has it


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LUODI_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    """A home on a disk of its own, with room for ten files and a megabyte."""
    subprocess.run([*ENV, "mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=10", "none", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run([*ENV, "umount", folder], check=True)


def test_a_home_with_room_is_fine(folder: Path) -> None:
    assert list(home.disk()) == []


def test_a_home_that_is_not_there_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUODI_HOME", str(folder / "none"))
    (finding,) = home.disk()
    assert (finding.level, "is not there" in finding.what) == (Level.WRONG, True)


@pytest.mark.only_for("root")
def test_a_full_disk_and_one_that_takes_no_files_are_told(small_disk: Path) -> None:
    room, files = home.disk()
    assert (room.level, "0.0 GB are free" in room.what) == (Level.WRONG, True)
    assert (files.level, "takes only 9 more files" in files.what) == (Level.WRONG, True)


@pytest.mark.only_for("root")
def test_a_disk_that_is_read_only_is_told(small_disk: Path) -> None:
    subprocess.run([*ENV, "mount", "-o", "remount,ro", small_disk], check=True)
    assert "is read-only" in list(home.disk())[-1].what


def test_a_folder_that_the_parts_may_not_write_in_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "logs").mkdir(mode=0o700)
    folder.chmod(0o777)
    assert list(home.writable()) == []
    another = os.geteuid() + 4321
    monkeypatch.setattr(home, "users_of_parts", lambda: {(another, frozenset({another}))})
    (finding,) = home.writable()
    assert (finding.level, finding.what.endswith(f"may not write in {folder}/logs.")) == (Level.WRONG, True)
    assert f"chown -R {another} {folder}" in finding.remedy


def test_workbooks_that_came_back_are_told_without_making_a_folder(folder: Path) -> None:
    assert (list(home.rejects()), list(home.room()), list(folder.iterdir())) == ([], [], [])
    (folder / "files" / "rejects").mkdir(parents=True)
    (folder / "files" / "rejects" / "x.xlsx").touch()
    os.utime(folder / "files" / "rejects" / "x.xlsx", (time.time(), time.time()))  # also on another day
    (finding,) = home.rejects()
    assert (finding.level, finding.what.startswith("1 workbooks")) == (Level.NOTICE, True)


def test_a_worker_older_than_the_code_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker(
        name=f"{socket.gethostname()}-{os.getpid()}", work_pool_id=uuid4(), last_heartbeat_time=datetime.now(UTC)
    )
    elsewhere = worker.model_copy(update={"name": f"elsewhere-{os.getpid()}"})
    (folder / "flows").mkdir()
    (folder / "flows" / "new.py").touch()
    monkeypatch.setattr(pool, "CODE", folder)
    (finding,) = pool.older_than_code([worker, elsewhere])
    assert (finding.level, worker.name in finding.what) == (Level.NOTICE, True)
    os.utime(folder / "flows" / "new.py", (0, 0))
    assert list(pool.older_than_code([worker])) == []
