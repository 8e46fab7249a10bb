"""One office for all flow tests: one Prefect server and one worker; each test signs projects of its own."""

from collections.abc import Iterator

import pytest
from office import Office

from deployments.postgres import EmbeddedPostgres
from tasks import database


@pytest.fixture(scope="session")
def running_office(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """The office, opened for the first test that needs it and closed after the last."""
    office = Office(tmp_path_factory.mktemp("office"), postgres, "flows")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUODI_DATABASE_URL", office.ledger_url)
        try:
            office.open(template)
        except BaseException:
            office.stop()
            raise
    yield office
    office.stop()


@pytest.fixture
def office(running_office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """The office, its ledger named to this process, with one worker that serves it."""
    monkeypatch.setenv("LUODI_DATABASE_URL", running_office.ledger_url)
    if not running_office.workers:
        running_office.start_worker()
    yield running_office
    database.engine().dispose()
