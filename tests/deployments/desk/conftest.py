"""The desk of an installation that has no Prefect server: what the tests of its pages share."""

from asyncio import Semaphore
from collections.abc import Iterator
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_API_AUTH_STRING, temporary_settings

from deployments.desk.uploads import receive
from deployments.doors import password as guesses
from support.programs.desk_visitor import DESK, Browser


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("LUODI_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LUODI_DESK_URL", DESK)
    monkeypatch.delenv("LUODI_DESK_HOST", raising=False)
    monkeypatch.setattr(receive, "SLOTS", Semaphore(1))  # one that is not given back is seen at once
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):  # nobody is there
        yield


@pytest.fixture
def browser() -> Browser:
    return Browser()


@pytest.fixture
def password() -> Iterator[str]:
    """The password that Prefect's server asks for."""
    guesses.FAILURES.clear()
    with temporary_settings({PREFECT_SERVER_API_AUTH_STRING: "admin:zhaoshang-2013"}):
        yield "admin:zhaoshang-2013"
