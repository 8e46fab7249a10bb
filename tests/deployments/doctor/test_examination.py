"""What hangs or fails is named, and holds up nothing else."""

import threading
from collections.abc import Iterator

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import text

from deployments.doctor import ledger, workdays
from deployments.doctor.command import CHECKS, LEDGER, report
from deployments.doctor.examination import CALL_PATIENCE, LEAST_PATIENCE, WHOLE_PATIENCE, Check, examine
from deployments.doctor.findings import Finding, Level, fine, notice, wrong
from tasks.database import engine

pytestmark = pytest.mark.usefixtures("in_english")


@pytest.fixture(autouse=True)
def no_server() -> Iterator[None]:
    """Nothing listens there; without an address Prefect would start a server of its own."""
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        yield


def test_what_hangs_is_named_once_the_bound_is_over_and_the_rest_is_told() -> None:
    ends = threading.Event()
    checks = (
        Check("the stone", lambda: [fine("never")] if ends.wait(60) else []),
        Check("the river", lambda: [fine("it flows")]),
        Check("the well", lambda: [fine("never")] if ends.wait(60) else []),
    )
    findings = list(examine(checks, patience=0.2))
    ends.set()
    assert findings[0] == fine("it flows")
    assert [finding.level for finding in findings] == [Level.FINE, Level.WRONG]
    assert "0.2 seconds: the stone, the well." in findings[1].what
    assert "luodi up" in findings[1].remedy


def test_the_bounds_end_the_command_within_ten_seconds() -> None:
    assert WHOLE_PATIENCE < 10
    assert CALL_PATIENCE < LEAST_PATIENCE < WHOLE_PATIENCE
    assert ledger.CONNECT_PATIENCE < LEAST_PATIENCE


def test_a_check_that_fails_is_named_and_the_rest_is_told() -> None:
    def fails() -> Iterator[Finding]:
        raise RuntimeError("it broke\nin two")
        yield

    checks = (Check("the stone", fails), Check("the river", lambda: [fine("it flows")]))
    failed, flows = examine(checks, patience=10)
    assert (failed.level, flows) == (Level.WRONG, fine("it flows"))
    assert "the stone (RuntimeError: it broke)" in failed.what


def test_what_needs_a_part_that_is_down_is_left_out() -> None:
    down, up = Check("a", lambda: [wrong("down", "start it")]), Check("b", lambda: [notice("up", "")])
    needing = (Check("c", lambda: [fine("c")], (down, up)), Check("d", lambda: [fine("d")], (up,)))
    assert [finding.what for finding in examine((down, up, *needing), patience=10)] == ["down", "up", "d"]


def test_a_check_stands_after_those_it_needs() -> None:
    assert all(CHECKS.index(needed) < place for place, check in enumerate(CHECKS) for needed in check.needs)


@pytest.mark.usefixtures("ledger")
def test_a_ledger_that_goes_down_while_it_is_examined_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def goes_down() -> Iterator[Finding]:
        monkeypatch.setenv("LUODI_DATABASE_URL", "postgresql+psycopg://luodi@/luodi?host=/nowhere")
        yield from workdays.calendar()

    reached, failed = examine((LEDGER, Check("the working calendar", goes_down, (LEDGER,))), patience=10)
    assert (reached.level, failed.level) == (Level.FINE, Level.WRONG)
    assert "Could not be examined: the working calendar (OperationalError" in failed.what


@pytest.mark.usefixtures("ledger")
def test_a_locked_table_holds_nothing_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "PATIENCE", "100ms")
    with engine().begin() as connection:
        connection.execute(text("LOCK TABLE workday IN ACCESS EXCLUSIVE MODE"))
        _reached, failed = examine((LEDGER, Check("the working calendar", workdays.calendar, (LEDGER,))), patience=10)
    assert "statement timeout" in failed.what


@pytest.mark.parametrize(("finding", "status"), [(notice("late", "hurry"), 0), (wrong("broken", "mend it"), 1)])
def test_the_command_ends_with_one_only_if_something_is_wrong(
    capsys: pytest.CaptureFixture[str], finding: Finding, status: int
) -> None:
    assert report([Check("all", lambda: [fine("it runs"), finding])], patience=10) == status
    assert capsys.readouterr().out == f"✓ it runs\n{finding.level} {finding.what}\n  → {finding.remedy}\n"
