"""What the doctor says of a server, a desk and channels by what they answer."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import prefect
import pytest
from prefect.settings import (
    PREFECT_API_REQUEST_TIMEOUT,
    PREFECT_API_URL,
    PREFECT_CLIENT_MAX_RETRIES,
    temporary_settings,
)
from sqlalchemy import text

from deployments.doctor import desk, ledger, notices, server
from deployments.doctor.findings import Finding, Level
from models.ledger.organisation import Person, Unit
from models.words import Role
from support.programs.ports import free_port
from support.programs.stranger import answering
from tasks.database import engine, transaction
from tasks.notices.webhook import DeliveryDelayed, DeliveryRefused, LuodiWebhook

pytestmark = pytest.mark.usefixtures("in_english")


@contextmanager
def server_at(port: int) -> Iterator[list[Finding]]:
    address = f"http://127.0.0.1:{port}/api"
    with temporary_settings(
        {PREFECT_API_URL: address, PREFECT_API_REQUEST_TIMEOUT: 0.5, PREFECT_CLIENT_MAX_RETRIES: 0}
    ):
        yield list(server.server())


def test_a_server_that_is_down_is_named_with_the_command_that_starts_it() -> None:
    with server_at(free_port()) as (finding,):
        assert (finding.level, "luodi up" in finding.remedy) == (Level.WRONG, True)


@pytest.mark.parametrize(
    ("status", "content", "words"),
    [
        (200, b"It works!", "Another program answers"),
        (200, b"true", "Another program answers"),
        (404, b"", "Another program answers"),
        (401, b"{}", "refuses our password (401)"),
        (403, b"{}", "refuses to answer at"),
        (500, b"", "is in trouble"),
        (503, b"", "is in trouble"),
    ],
)
def test_what_answers_in_the_servers_place_is_told_by_its_answer(status: int, content: bytes, words: str) -> None:
    with answering(status, content) as port, server_at(port) as (finding,):
        assert (finding.level, words in finding.what) == (Level.WRONG, True), finding
        assert finding.remedy


@pytest.mark.parametrize(("version", "levels"), [("3.9.0", [Level.NOTICE]), ("3.8.9", [Level.WRONG])])
def test_a_server_of_another_version_is_told(
    version: str, levels: list[Level], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefect, "__version__", "3.9.1")
    with answering(content=f'"{version}"'.encode()) as port, server_at(port) as (_answers, *others):
        assert [finding.level for finding in others] == levels
        assert version in others[0].what


def test_a_server_whose_clock_differs_is_told() -> None:
    slow = format_datetime(datetime.now(UTC) - timedelta(minutes=2), usegmt=True)
    with (
        answering(content=f'"{prefect.__version__}"'.encode(), date=slow) as port,
        server_at(port) as (_answers, clock),
    ):
        assert (clock.level, "the Prefect server differ by 12" in clock.what) == (Level.WRONG, True)


def test_another_program_on_the_desks_port_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering() as port:
        monkeypatch.setenv("PORT", str(port - 1))
        (finding,) = desk.desk()
    assert (finding.level, "Another program" in finding.what) == (Level.WRONG, True)


@pytest.fixture
def open_desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A desk that listens to every network."""
    with answering(content=b"luodi desk") as port:
        monkeypatch.setenv("PORT", str(port - 1))
        monkeypatch.setenv("LUODI_DESK_HOST", "0.0.0.0")  # noqa: S104
        monkeypatch.setenv("LUODI_DESK_URL", "http://127.0.0.1:4201")
        yield


@pytest.mark.usefixtures("open_desk")
def test_a_desk_without_a_password_and_links_to_this_machine_only_are_told() -> None:
    _answers, is_open, links = desk.desk()
    assert (is_open.level, "PREFECT_SERVER_API_AUTH_STRING" in is_open.remedy) == (Level.WRONG, True)
    assert (links.level, "LUODI_DESK_URL" in links.remedy) == (Level.NOTICE, True)


@pytest.mark.parametrize(
    ("user", "database", "remedy"),
    [("luodi", "nowhere", "Create what LUODI_DATABASE_URL names"), ("nobody", "postgres", "Create what LUODI")],
)
@pytest.mark.usefixtures("ledger")
def test_a_ledger_that_refuses_us_is_told_by_its_reason(
    user: str, database: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = engine().url.set(username=user, database=database)
    monkeypatch.setenv("LUODI_DATABASE_URL", there.render_as_string(hide_password=False))
    (finding,) = ledger.database()
    assert (finding.level, remedy in finding.remedy) == (Level.WRONG, True), finding


@pytest.mark.usefixtures("ledger")
def test_a_database_with_few_connections_left_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(ledger.connections()) == []
    monkeypatch.setattr(ledger, "FEW_CONNECTIONS", 1000)
    (finding,) = ledger.connections()
    assert (finding.level, "max_connections" in finding.remedy) == (Level.WRONG, True)


@pytest.mark.usefixtures("ledger")
def test_a_database_whose_clock_differs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(ledger.clock()) == []
    monkeypatch.setattr(ledger, "CLOCKS_APART", timedelta(0))
    (finding,) = ledger.clock()
    assert (finding.level, "the database differ by 0 seconds" in finding.what) == (Level.WRONG, True)


@pytest.mark.usefixtures("ledger")
def test_the_doctor_can_change_nothing_in_the_ledger() -> None:
    with ledger.reading() as session, pytest.raises(Exception, match="read-only"):
        session.execute(text("DELETE FROM workday"))


@pytest.mark.usefixtures("ledger")
def test_channels_are_asked_at_once_and_one_that_hangs_holds_up_none(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("delayed", "fine", "hanging", "refused")
    with transaction() as session:
        unit = Unit(name="清丰县")
        session.add_all(Person(name=name, role=Role.LEADER, unit=unit, channels=[name]) for name in names)
    ends, together = threading.Event(), threading.Barrier(len(names))

    class Channel:
        def __init__(self, name: str) -> None:
            self.name = name

        def reach(self) -> None:
            together.wait(20)
            if self.name == "delayed":
                raise DeliveryDelayed("answered 500")
            if self.name == "refused":
                raise DeliveryRefused("gopher")
            if self.name == "hanging":
                ends.wait(60)

    monkeypatch.setattr(notices, "channel", Channel)
    monkeypatch.setattr(notices, "ANSWERED_WITHIN", 1.0)
    delayed, reached, hanging, refused = notices.channels()
    ends.set()
    levels = [finding.level for finding in (delayed, reached, hanging, refused)]
    assert levels == [Level.WRONG, Level.FINE, Level.WRONG, Level.WRONG]
    assert ("500" in delayed.what, "gopher" in refused.what) == (True, True)
    assert hanging.what == "Channel “hanging”: The receiver does not answer."


def test_an_address_of_another_scheme_is_refused() -> None:
    with pytest.raises(DeliveryRefused):
        LuodiWebhook(url="gopher://127.0.0.1/").reach()


@pytest.fixture
def silent() -> Iterator[int]:
    """A port at which connections are taken, and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_parts_that_hang_are_told_apart_from_those_that_are_down(silent: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", str(silent - 1))
    monkeypatch.setattr(desk, "PATIENCE", 0.3)
    monkeypatch.setenv("LUODI_DATABASE_URL", f"postgresql+psycopg://luodi@127.0.0.1:{silent}/luodi")
    with server_at(silent) as (of_server,):
        (of_desk,), (of_ledger,) = desk.desk(), ledger.database()
    for finding in (of_server, of_desk, of_ledger):
        assert (finding.level, finding.remedy.startswith("It hangs")) == (Level.WRONG, True), finding
