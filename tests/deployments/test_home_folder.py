"""A home is its owner's alone, and nothing else on the machine changes with it."""

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments import environment
from deployments.home_folder import NoHome, close_to_others, put_right
from support.repository import REPOSITORY

NOBODY = 65534


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUODI_LOCALE", "en")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home that an earlier Luodi left readable, in a folder that everybody may enter."""
    folder = Path(f"/tmp/luodi-home-{os.getpid()}")  # noqa: S108 - pytest's own folders are private
    home = folder / "home"
    (home / "files" / "incoming" / "x").mkdir(parents=True)
    (home / "prefect").mkdir()
    (home / "logs").mkdir()
    for path in ("up.lock", "port", "files/incoming/x/台账.xlsx", "prefect/memo_store.toml", "logs/worker.log"):
        (home / path).touch(mode=0o644)
    yield home
    shutil.rmtree(folder)


def modes(folder: Path) -> dict[str, int]:
    return {str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode) for path in folder.rglob("*")}


def test_what_an_earlier_luodi_left_readable_is_closed(home: Path) -> None:
    home.chmod(0o755)
    close_to_others(home)
    put_right(home, os.geteuid(), os.getegid())
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert {mode & 0o077 for mode in modes(home).values()} == {0}


def test_a_folder_that_holds_more_than_ours_keeps_its_mode(home: Path) -> None:
    (home / "notes.txt").touch(mode=0o644)
    home.chmod(0o755)
    close_to_others(home)
    put_right(home, os.geteuid(), os.getegid())
    assert stat.S_IMODE(home.stat().st_mode) == 0o755
    assert modes(home).pop("notes.txt") == 0o644
    assert stat.S_IMODE((home / "files").stat().st_mode) == 0o700


def test_a_folder_that_others_write_in_is_no_home(home: Path) -> None:
    (home / "notes.txt").touch()
    home.chmod(0o1777)
    with pytest.raises(NoHome, match="others may write in it"):
        close_to_others(home)


@pytest.mark.only_for("root")
def test_what_root_left_goes_over_and_no_link_leads_it_astray(home: Path, tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "folder"
    outside.touch(mode=0o644)
    folder.mkdir(mode=0o755)
    (folder / "inner").touch(mode=0o644)
    (home / "files" / "link").symlink_to(outside)
    (home / "files" / "folder").symlink_to(folder)
    linked = home.parent / "linked"
    linked.touch(mode=0o644)
    os.link(linked, home / "files" / "hard")
    os.mkfifo(home / "files" / "pipe")
    deep = home / "files" / "deep"
    for _level in range(3):
        deep = deep / "x"
    deep.mkdir(parents=True)
    shutil.rmtree(home / "logs")
    (home / "logs").symlink_to(folder)
    put_right(home, NOBODY, NOBODY, former=frozenset({0}))
    for path in (outside, folder, folder / "inner", linked):
        assert path.stat().st_uid == 0
        assert path.stat().st_mode & 0o044
    for path in (home, home / "files", deep, home / "files/incoming/x/台账.xlsx", home / "up.lock"):
        assert path.stat().st_uid == NOBODY


@pytest.mark.only_for("root")
def test_what_third_parties_own_stays_theirs(home: Path) -> None:
    os.chown(home / "port", 1234, 1234)
    put_right(home, NOBODY, NOBODY, former=frozenset({0}))
    assert (home / "port").stat().st_uid == 1234


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_a_lock_that_is_not_our_own_file_is_named(home: Path, kind: str) -> None:
    (home / "up.lock").unlink()
    if kind == "link":
        (home / "up.lock").symlink_to(home / "port")
    else:
        (home / "up.lock").mkdir()
    with pytest.raises(NoHome, match=r"up\.lock"), environment.only_one(home):
        pass


@pytest.mark.only_for("root")
def test_a_lock_that_another_user_made_is_named(home: Path) -> None:
    os.chown(home / "up.lock", NOBODY, NOBODY)
    with pytest.raises(NoHome, match=r"up\.lock is not ours"), environment.only_one(home):
        pass


@pytest.mark.only_for("root")
def test_another_user_of_the_machine_can_neither_hold_the_lock_nor_look_into_the_home(home: Path) -> None:
    home.chmod(0o755)
    variables = {**os.environ, "LUODI_HOME": str(home), "PYTHONPATH": str(REPOSITORY)}
    enter = "from deployments import environment; environment.enter(serves=True)"
    subprocess.run([sys.executable, "-c", enter], env=variables, check=True, umask=0o022)
    attack = "import fcntl, os, sys\nfcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    for path in ("up.lock", "port", "files/incoming/x/台账.xlsx"):
        done = subprocess.run(
            ["/usr/bin/python3", "-I", "-c", attack, home / path],
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        assert "PermissionError" in done.stderr
