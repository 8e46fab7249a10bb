"""The key by which processes of an installation know each other is whole, and stays among them."""

import errno
import json
import os
import secrets
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deployments import environment
from deployments.environment import CLIENT_HEADERS, PROCESS_HEADER, process_key


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one the key lies in."""
    monkeypatch.setenv("LUODI_HOME", str(tmp_path))
    return tmp_path / "run"


def test_of_keys_made_at_once_one_wins(folder: Path) -> None:
    for _round in range(20):
        with ThreadPoolExecutor(8) as threads:
            keys = set(threads.map(lambda _number: process_key(), range(8)))
        assert (len(keys), len(keys.pop())) == (1, 43)
        (folder / "process.key").unlink()


def test_what_cannot_be_written_whole_leaves_no_key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_bytes: int) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(secrets, "token_urlsafe", full)
        assert environment.with_process_key("{}") == "{}"
    assert list(folder.iterdir()) == []
    assert len(process_key()) == 43


def test_the_server_which_shows_its_settings_is_not_given_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "office:secret")
    monkeypatch.setenv(CLIENT_HEADERS, '{"X-Office": "1"}')
    variables = environment.process_environment(4200, serves=True)
    assert json.loads(variables[CLIENT_HEADERS]) == {"X-Office": "1", PROCESS_HEADER: process_key()}
    monkeypatch.setenv(CLIENT_HEADERS, variables[CLIENT_HEADERS])
    assert process_key() not in str(environment.of_server())
    assert json.loads(environment.of_server()[CLIENT_HEADERS]) == {"X-Office": "1"}


@pytest.mark.parametrize("headers", ["", "[1]", "no JSON"])
def test_headers_that_prefect_refuses_are_left_to_it(monkeypatch: pytest.MonkeyPatch, headers: str) -> None:
    monkeypatch.setenv(CLIENT_HEADERS, headers)
    assert environment.of_server()[CLIENT_HEADERS] == headers
