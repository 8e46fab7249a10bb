"""A person's next form comes soon, also while a large file is taken in."""

import statistics
import time
from collections.abc import Iterator

import pytest

from benchmarks.ledger_files import write_workbook
from deployments.embedded_postgres.server import EmbeddedPostgres
from models.escalation.question import Ask
from support.office import Office
from support.waiting import wait_for
from tasks import database

ROWS, ANSWERS, PEOPLE = 100_000, 7, 30
MOST = 3.0  # times as long as on a quiet machine


@pytest.fixture
def own_office(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Office]:
    """An office of its own: its ledger is full afterwards, and its server busy."""
    office = Office(tmp_path_factory.mktemp("large"), postgres, "large")
    monkeypatch.setenv("LUODI_DATABASE_URL", office.ledger_url)
    try:
        office.open(template)
        yield office
    finally:
        office.kill_worker()
        office.stop()
        database.engine().dispose()


def seconds_to_next_form(office: Office, form: Ask) -> tuple[float, Ask]:
    began = time.monotonic()
    assert office.visit(form).is_accepted
    following = wait_for(lambda: next_after(office, form), "the next form", patience=120)
    return time.monotonic() - began, following


def next_after(office: Office, form: Ask) -> Ask | None:
    """As `visit_asked` finds it, looked for without pauses that would blur what is measured."""
    waiting = office.waiting(form.flow, form.subject_id)
    return waiting if waiting and waiting.id != form.id and office.has_form(waiting) else None


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_while_a_large_file_is_taken_in_the_next_form_comes_within_three_times_as_long(own_office: Office) -> None:
    office = own_office
    forms = [office.visit_asked(office.new_project()) for _person in range(PEOPLE)]
    quiet = [seconds_to_next_form(office, form)[0] for form in forms[:ANSWERS]]
    path = office.folder.parent / "large.xlsx"
    write_workbook(path, ROWS)
    run = office.start("ledger-import", path=str(path))
    wait_for(lambda: office.run(run)["state_type"] == "RUNNING", "the import to begin")
    busy = []
    for form in forms[ANSWERS:]:
        took, _following = seconds_to_next_form(office, form)
        busy.append(took)
        print(f"{time.monotonic():.0f} {took:.2f} s, import {office.run(run)['state_type']}")
        time.sleep(4)
    print(f"quiet {statistics.median(quiet):.2f} s ({min(quiet):.2f}-{max(quiet):.2f})")
    print(f"import under way {statistics.median(busy):.2f} s ({min(busy):.2f}-{max(busy):.2f})")
    assert office.run(run)["state_type"] == "RUNNING"
    assert statistics.median(busy) <= MOST * statistics.median(quiet)
