"""A running installation, sound until a test breaks it, that all these tests share."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from support.programs.luodi import Installation
from tasks import database


@pytest.fixture(scope="session")
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
