"""A running installation: every broken state is told truly, and the command only looks."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import NullPool, create_engine, select, text

from deployments.doctor.command import CHECKS
from deployments.doctor.examination import Check, examine
from deployments.doctor.findings import Finding, Level
from deployments.up import own_command
from models.events.outbox import OutboxEvent
from support.programs.broken import Break, ask, both, stopped
from support.programs.broken_states import SOUND_SCHEDULES, STATES, Broken
from support.programs.luodi import Installation
from tasks import database

pytestmark = [pytest.mark.usefixtures("in_english"), pytest.mark.timeout(300)]
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
HELD = """SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM "%s" t"""
MOVES_BY_ITSELF = {"updated", "last_polled", "status"}  # as the worker asks for work
OUTBOX = OutboxEvent.__tablename__  # the worker empties it


@pytest.fixture(scope="module")
def running_installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="luodi-doctor-") as folder:
        installation = Installation(Path(folder))
        up = installation.start()
        try:
            yield installation
        finally:
            up.terminate()
            up.wait(60)
            installation.postgres.delete()


@pytest.fixture
def installation(running_installation: Installation, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """The installation, named to this process as `luodi doctor` would find it."""
    monkeypatch.setenv("LUODI_HOME", str(running_installation.home))
    monkeypatch.setenv("PORT", str(running_installation.port))
    monkeypatch.setenv("LUODI_DESK_URL", running_installation.desk)
    monkeypatch.setenv("LUODI_DATABASE_URL", running_installation.postgres.url("luodi", "psycopg"))
    with temporary_settings({PREFECT_API_URL: f"{running_installation.address}/api"}):
        yield running_installation
    database.engine().dispose()


def with_needs(subject: str) -> Sequence[Check]:
    """The check of that subject, after those it needs."""
    (wanted,) = [check for check in CHECKS if check.subject == subject]
    return [*wanted.needs, wanted]


def look(subject: str) -> list[Finding]:
    return list(examine(with_needs(subject), patience=60))  # the machine may be busy; the bound is tested apart


look_before = cache(look)  # anything is broken: once a subject


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_a_broken_state_is_told_with_its_remedy(installation: Installation, state: Broken) -> None:
    before = look_before(state.subject)
    with state.breaks(installation):
        findings = look(state.subject)
    news = [finding for finding in findings if finding not in before and finding.level is not Level.FINE]
    assert [state.words in finding.what and bool(finding.remedy) for finding in news] == [True], findings
    assert news[0].level is state.level


@pytest.mark.parametrize("sound", SOUND_SCHEDULES.values(), ids=SOUND_SCHEDULES)
def test_a_schedule_without_a_coming_run_may_be_sound(installation: Installation, sound: Break) -> None:
    with sound(installation):
        findings = look("schedules")
    assert [finding for finding in findings if finding.level is not Level.FINE] == []


def test_once_all_is_mended_nothing_is_wrong(installation: Installation) -> None:
    findings = list(examine(CHECKS, patience=60))
    assert [finding for finding in findings if finding.is_wrong and "make-up days" not in finding.what] == []
    assert any("have no responsible leader" in finding.what for finding in findings)


def doctor(installation: Installation, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        own_command("doctor"),
        env=installation.environment | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def rows(installation: Installation) -> dict[str, Any]:
    """What each table of the ledger holds, in short."""
    engine = create_engine(installation.postgres.url("luodi", "psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        tables = connection.scalars(text(TABLES)).all()
        return {table: connection.scalar(text(HELD % table)) for table in tables if table != OUTBOX}


def outbox(installation: Installation) -> set[int]:
    """The numbers of the events that wait for Prefect."""
    engine = create_engine(installation.postgres.url("luodi", "psycopg"), poolclass=NullPool)
    with engine.connect() as connection:
        return set(connection.scalars(select(OutboxEvent.id)))


def at_server() -> list[dict[str, Any]]:
    """Everything the server has that an operator may set."""
    asked = ("/deployments", "/work_pools", "/work_pools/luodi/queues", "/concurrency_limits", "/block_documents")
    found = [thing for path in asked for thing in ask("POST", f"{path}/filter", {"limit": 200})]
    return [{key: value for key, value in thing.items() if key not in MOVES_BY_ITSELF} for thing in found]


def files(home: Path) -> dict[str, tuple[int, ...]]:
    """Every file and folder of a home, with mode, owner and moment of the last change."""
    return {
        str(path): (status.st_mode, status.st_uid, 0 if path.is_file() else status.st_mtime_ns)
        for path in (home, *home.rglob("*"))
        for status in (path.lstat(),)
        if path.suffix not in (".log", ".beat")
    }


def test_the_sample_ends_with_0_and_the_doctor_changes_nothing(installation: Installation) -> None:
    before, told = (rows(installation), at_server(), files(installation.home)), outbox(installation)
    done = doctor(installation, LUODI_LOCALE="en")
    assert (rows(installation), at_server(), files(installation.home)) == before
    assert outbox(installation) <= told
    wrong = [line for line in done.stdout.splitlines() if line.startswith("✗") and "make-up days" not in line]
    assert (wrong, done.returncode) == ([], int("✗" in done.stdout)), done
    assert "! 5 open projects have no responsible leader" in done.stdout
    assert done.stderr == f"Luodi's home: {installation.home}\n"


def test_it_speaks_the_offices_language(installation: Installation) -> None:
    done = doctor(installation, LUODI_LOCALE="zh_CN")
    assert "✓ Prefect服务器" in done.stdout
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in line) for line in done.stdout.splitlines())


def test_it_ends_though_server_and_desk_hang(installation: Installation) -> None:
    hanging = both(stopped("deployments.server"), stopped("deployments.cli desk"))
    with hanging(installation):
        done = doctor(installation, LUODI_LOCALE="en")
    assert "✓ The ledger database is reached" in done.stdout
    assert "✗ The Prefect server at" in done.stdout
    assert "✗ The desk at" in done.stdout
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


@pytest.mark.only_for("root")
def test_root_leaves_no_trace_in_the_home_of_another_user(tmp_path: Path, installation: Installation) -> None:
    os.chown(tmp_path, 65534, 65534)
    before = files(tmp_path)
    assert (
        doctor(installation, LUODI_HOME=str(tmp_path), LUODI_DATABASE_URL="postgresql+psycopg://x@/x").returncode == 1
    )
    assert files(tmp_path) == before
