"""What tests share: one PostgreSQL for the whole suite, a fresh ledger for each test that wants
one.
"""

import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from deployments.database import prepare
from deployments.embedded_postgres import server as embedded
from models.i18n import use_locale
from support.ledgers.spare import SpareLedgers
from tasks import database

TEMPLATE = "ledger_template"
SHARED = ("deaths", "flows", "desk", "deployments")  # folders whose tests share a process
APART = ("operators_week", "behind_a_proxy", "former_home", "replay", "schema")  # what these need they make themselves
QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


settings.register_profile("long", max_examples=4 * settings().max_examples)  # `make test-long`


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
    """Leave out what is marked `only_for` another kind of user or system."""
    here = {"root" if os.geteuid() == 0 else "ordinary user", sys.platform}
    others = [item for item in items if any(mark.args[0] not in here for mark in item.iter_markers("only_for"))]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: no search for garbage goes through it once more."""
    gc.collect()
    gc.freeze()


class Neighbours(LoadScopeScheduling):
    """Says which tests run in one process, one after the other.

    Those of one file share what they made; flow tests share an office, except for those of deaths,
    which have their own, and for files apart; those of `luodi up` share its ports and processes.
    pytest-xdist's own groups do nothing under pytest 9.2, which reads test ids from elsewhere.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = PurePath(nodeid.partition("::")[0])
        if file.stem.removeprefix("test_") in APART:
            return str(file)
        return next((folder for folder in reversed(file.parts) if folder in SHARED), str(file))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Neighbours:
    """However tests are spread over processes, neighbours stay together."""
    return Neighbours(config, log)


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


@pytest.fixture(scope="session")
def ledgers(postgres: embedded.EmbeddedPostgres, template: str) -> SpareLedgers:
    """Where a test has a ledger of its own from."""
    return SpareLedgers(postgres, template)


@pytest.fixture
def ledger(ledgers: SpareLedgers) -> Iterator[str]:
    """A fresh, empty, migrated ledger; `LUODI_DATABASE_URL` names it."""
    with ledgers.empty() as url:
        yield url
