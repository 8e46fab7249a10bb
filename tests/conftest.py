"""What tests share: one PostgreSQL for the whole suite, a fresh ledger for each test that wants one."""

import os
import sys
import tempfile
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from audit import wrong_clocks
from sqlalchemy import create_engine, text

from deployments import postgres as embedded
from deployments.database import prepare
from models.i18n import use_locale
from tasks import database

TEMPLATE = "ledger_template"
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@pytest.fixture(scope="session", autouse=True)
def in_chinese() -> None:
    """Tests read what the office reads, unless they choose another locale themselves."""
    os.environ["LUODI_LOCALE"] = "zh_CN"
    os.environ.pop("LUODI_TIMEZONE", None)


@pytest.fixture
def in_english() -> Iterator[None]:
    """For tests that read messages as they stand in the code."""
    with use_locale("en"):
        yield


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked `only_for` another kind of user or system, and say what runs in one process.

    Tests of one file share what they made; flow tests share an office, and those of `luodi up` its ports and processes.
    """
    here = {"root" if os.geteuid() == 0 else "ordinary user", sys.platform}
    others = [item for item in items if any(mark.args[0] not in here for mark in item.iter_markers("only_for"))]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]
    for item in items:
        folder = item.path.parent.name
        item.add_marker(pytest.mark.xdist_group(folder if folder in ("flows", "deployments") else item.path.name))


@pytest.fixture(scope="session")
def postgres() -> Iterator[embedded.EmbeddedPostgres]:
    """The suite's own PostgreSQL in a scratch folder."""
    with (
        tempfile.TemporaryDirectory(prefix="luodi-tests-") as folder,
        embedded.running(Path(folder), QUICK, keep=False) as server,
    ):
        yield server


@pytest.fixture(scope="session")
def template(postgres: embedded.EmbeddedPostgres) -> str:
    """A migrated ledger database without anything in it, to make others from."""
    postgres.ensure_databases(TEMPLATE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUODI_DATABASE_URL", postgres.url(TEMPLATE, "psycopg"))
        prepare()
        database.engine().dispose()
    return TEMPLATE


def make_ledger(postgres: embedded.EmbeddedPostgres, name: str, template: str) -> str:
    """The URL of a new ledger database made from the template."""
    administer(postgres, f"CREATE DATABASE {name} TEMPLATE {template}")
    return postgres.url(name, "psycopg")


def administer(postgres: embedded.EmbeddedPostgres, statement: str) -> None:
    """Run one statement outside any transaction."""
    engine = create_engine(postgres.url("postgres", "psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.fixture(scope="session")
def ledgers(postgres: embedded.EmbeddedPostgres, template: str) -> Iterator[Callable[[], tuple[str, str]]]:
    """Gives out new ledgers, each by name and URL; the next one is made while the test works on the last."""

    def make() -> tuple[str, str]:
        name = f"ledger_{uuid.uuid4().hex[:12]}"
        return name, make_ledger(postgres, name, template)

    with ThreadPoolExecutor(1) as ahead:
        ready = deque([ahead.submit(make)])

        def take() -> tuple[str, str]:
            ready.append(ahead.submit(make))
            return ready.popleft().result()

        yield take


@pytest.fixture
def ledger(
    postgres: embedded.EmbeddedPostgres,
    ledgers: Callable[[], tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[str]:
    """A fresh, empty, migrated ledger; `LUODI_DATABASE_URL` names it."""
    name, url = ledgers()
    monkeypatch.setenv("LUODI_DATABASE_URL", url)
    yield url
    assert wrong_clocks() == 0, "a write moved an item's clock and did not set its next step"
    database.engine().dispose()
    administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")
