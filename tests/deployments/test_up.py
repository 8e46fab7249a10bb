"""`luodi up`: one process that starts everything, goes on where it stopped, and leaves nothing
behind.
"""

import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deployments.up import own_command
from models.i18n import use_locale
from models.words import Step
from support.programs.luodi import Installation, family, hostile, part, stopped
from support.waiting import wait_for

RAISED = """
    SELECT count(*) FROM action_item
    WHERE closed_on IS NULL AND (fired_step = 'leader' OR fired_step LIKE 'office%')
"""
READERS = "SELECT count(DISTINCT recipient_id) FROM notice"


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """A fresh home with the sample ledger, served from a folder of others' code when the first test
    begins.
    """
    with tempfile.TemporaryDirectory(prefix="luodi-up-") as folder:
        installation = Installation(Path(folder) / "home", folder=hostile(Path(folder) / "elsewhere"))
        yield installation
        installation.postgres.delete()


def check_sample(installation: Installation, before: dict[str, set[str]]) -> None:
    """Everything that is open in the sample has its run, and everybody who is told has an inbox."""
    projects, blockers = installation.open_subjects()
    assert (len(before["project-lifecycle"]), len(before["blocker-resolution"])) == (projects, blockers)
    assert projects > 40
    assert blockers > 5

    (raised,), (readers,) = installation.read(RAISED), installation.read(READERS)
    assert len(before["escalation"]) == raised > 15
    latest = {each["key"]: each for each in installation.ask_for("artifacts/latest", {"limit": 200})}
    with use_locale("en"):
        first = (Step.REMINDER_BEFORE, Step.REMINDER_AFTER, Step.LEADER, Step.OFFICE)
        assert all(step.label in latest["escalation-sweep"]["data"] for step in first)
    wait_for(lambda: installation.inboxes() == readers > 10, "everybody's inbox")


def check_second_start(installation: Installation) -> None:
    """Started once more it names the one that runs, and nothing of others' code was met."""
    again = subprocess.run(
        own_command("up"),
        cwd=installation.folder,
        env=installation.environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert f"already: http://127.0.0.1:{installation.port}" in again.stdout
    assert again.stderr == f"Luodi's home: {installation.home}\n"
    logs = [path.read_text() for path in (installation.home / "logs").iterdir()]
    assert not any("not of Luodi" in log for log in [installation.said(), *logs])


def check_pages(installation: Installation) -> None:
    told = httpx.get(f"{installation.address}/ui-settings", timeout=30).json()
    assert told["api_url"] == f"{installation.address}/api"  # the UI speaks to its own server on that port too
    assert f"The desk, where files are handed in and fetched: {installation.desk}" in installation.said()
    assert httpx.get(f"{installation.desk}/", timeout=30).is_success


def kill_each_part(installation: Installation, up: subprocess.Popen[str]) -> None:
    """Kill one part after the other; returns once another serves in its place."""
    for name in ("deployments.cli worker", "deployments.cli desk", "deployments.server", "postgres -D"):
        killed = part(up, name)
        assert killed is not None
        killed.kill()
        killed.wait(30)
        wait_for(lambda name=name: part(up, name), f"another {name}")
    wait_for(installation.is_served, "the server")
    wait_for(lambda: installation.is_served(installation.port + 1), "the desk")


@pytest.mark.timeout(600)
def test_it_goes_on_where_it_stopped_whatever_stopped_it(installation: Installation) -> None:
    up = installation.start()
    try:
        before, subjects = installation.suspended(), installation.open_subjects()
        check_sample(installation, before)
        check_second_start(installation)
        check_pages(installation)
        kill_each_part(installation, up)
        wait_for(lambda: _answers(installation) == before, "the same runs", patience=60)

        with stopped(up, signal.SIGKILL):
            pass
        up = installation.start()
        assert installation.suspended() == before
        with stopped(up, signal.SIGINT):
            pass
        assert up.returncode == 0
        assert "Luodi has stopped" in installation.said()
        assert not installation.is_served()
        assert not installation.is_served(installation.port + 1)

        up = installation.start()
        assert installation.suspended() == before
        assert installation.open_subjects() == subjects
        with stopped(up, signal.SIGTERM):
            pass
        assert up.returncode == 0
    finally:
        up.kill()


def _answers(installation: Installation) -> dict[str, set[str]] | None:
    try:
        return installation.suspended()
    except httpx.HTTPError:
        return None


def test_stopped_while_it_starts_it_leaves_nothing_either(installation: Installation) -> None:
    up = installation.start(ready=False)
    wait_for(lambda: len(family(up)) > 1, "its first child")
    with stopped(up, signal.SIGINT):
        pass
    assert not installation.is_served()


def test_stopped_while_server_and_worker_load_it_ends_both(installation: Installation) -> None:
    up = installation.start(ready=False)
    wait_for(lambda: part(up, "deployments.cli worker"), "the worker's process")
    with stopped(up, signal.SIGINT):
        pass
    assert up.returncode == 0
    assert "Luodi has stopped" in installation.said()
    assert not installation.is_served()


@pytest.mark.parametrize("beside", [0, 1], ids=["UI", "desk"])
def test_a_port_in_use_is_named_with_what_to_do(installation: Installation, beside: int) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # closed connections may linger there
        other.bind(("127.0.0.1", installation.port + beside))
        other.listen()
        up = installation.start(ready=False)
        assert up.wait(60) == 1
    assert f"Port {installation.port + beside} is in use" in installation.said()
    assert f"PORT={installation.port + 100}" in installation.said()
