"""One office for all flow tests: one Prefect server and one worker; each test signs projects of its
own.
"""

from collections.abc import Iterator

import pytest

from deployments.embedded_postgres.server import EmbeddedPostgres
from support.office import Office
from support.office.ledger import INSPECTOR, LEADER
from support.programs.receiver import KEY, Receiver, receiving
from support.recount.next_steps import check_clocks
from tasks import database
from tasks.notices.webhook import LuodiWebhook


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


@pytest.fixture(scope="module")
def tidy_office(running_office: Office) -> Office:
    """The office, where nothing waits that the tests of other files left."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LUODI_DATABASE_URL", running_office.ledger_url)
        running_office.wind_up()
    return running_office


@pytest.fixture
def office(tidy_office: Office, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """The office, its ledger and home named to this process, with one worker that serves it."""
    monkeypatch.setenv("LUODI_DATABASE_URL", tidy_office.ledger_url)
    monkeypatch.setenv("LUODI_HOME", str(tidy_office.folder))
    if not tidy_office.workers:
        tidy_office.start_worker()
    yield tidy_office
    check_clocks()
    database.engine().dispose()


@pytest.fixture
def receiver(office: Office) -> Iterator[Receiver]:
    """A system that the leader and the inspector are told by, each by a channel of their own."""
    channels = {LEADER: "leader-system", INSPECTOR: "office-system"}
    with receiving() as found:
        for person, name in channels.items():
            with office.client():
                LuodiWebhook(url=found.address, key=KEY).save(name, overwrite=True)
            office.tell(person, name)
        yield found
        for person in channels:
            office.tell(person)
