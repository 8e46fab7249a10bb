"""The command as an operator runs it: on a sound installation, on hanging parts; it only looks."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from deployments.up import own_command
from support.programs.broken import ask, both, stopped
from support.programs.luodi import Installation

pytestmark = pytest.mark.timeout(300)
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
HELD = """SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM "%s" t"""
MOVES_BY_ITSELF = {"updated", "last_polled", "status"}  # as the worker asks for work


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
    engine = create_engine(installation.postgres.url("luodi", "psycopg"))
    with engine.connect() as connection:
        tables = connection.scalars(text(TABLES)).all()
        held = {table: connection.scalar(text(HELD % table)) for table in tables}
    engine.dispose()
    return held


def at_server(installation: Installation) -> list[dict[str, Any]]:
    """Everything the server has that an operator may set."""
    asked = ("/deployments", "/work_pools", "/work_pools/luodi/queues", "/concurrency_limits", "/block_documents")
    found = [thing for path in asked for thing in ask(installation, "POST", f"{path}/filter", {"limit": 200})]
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
    before = rows(installation), at_server(installation), files(installation.home)
    done = doctor(installation, LUODI_LOCALE="en")
    assert (rows(installation), at_server(installation), files(installation.home)) == before
    wrong = [line for line in done.stdout.splitlines() if line.startswith("✗") and "make-up days" not in line]
    assert (wrong, done.returncode) == ([], int("✗" in done.stdout)), done
    assert "! 5 open projects have no responsible leader" in done.stdout
    assert done.stderr == f"Luodi's home: {installation.home}\n"


def test_it_speaks_the_offices_language(installation: Installation) -> None:
    done = doctor(installation, LUODI_LOCALE="zh_CN")
    assert "✓ Prefect服务器" in done.stdout
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in line) for line in done.stdout.splitlines())


def test_it_ends_though_server_and_desk_hang(installation: Installation) -> None:
    hanging = both(stopped("uvicorn"), stopped("deployments.cli desk"))
    with hanging(installation):
        done = doctor(installation, LUODI_LOCALE="en")
    assert "✓ The ledger database is reached" in done.stdout
    assert "✗ The Prefect server at" in done.stdout
    assert "✗ The desk cannot be reached" in done.stdout
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)


@pytest.mark.only_for("root")
def test_root_leaves_no_trace_in_the_home_of_another_user(tmp_path: Path, installation: Installation) -> None:
    os.chown(tmp_path, 65534, 65534)
    before = files(tmp_path)
    assert (
        doctor(installation, LUODI_HOME=str(tmp_path), LUODI_DATABASE_URL="postgresql+psycopg://x@/x").returncode == 1
    )
    assert files(tmp_path) == before
