"""A step is interrupted at its deadline, and at no other moment."""

import gc
import threading
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import SimpleNamespace

import pytest
from prefect.client.schemas.objects import FlowRun
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from deployments import steps
from deployments.steps import Step, Underway
from flows.change_assignment import change_assignment
from support.waiting import wait_for
from tasks.database import engine, transaction
from tasks.runs.overdue import Overdue

RUN = uuid.uuid4()
OVER, PATIENT = 0.0, 60.0  # seconds


def in_a_thread(underway: Underway, seconds: float, work: Callable[[Step], None]) -> tuple[threading.Thread, list[str]]:
    """A step that does `work`, and what came of it."""
    outcome: list[str] = []

    def execute() -> None:
        with underway.begun(RUN, seconds) as step:
            try:
                work(step)
                outcome.append("done")
            except Overdue:
                outcome.append("overdue")

    thread = threading.Thread(target=execute, daemon=True)
    thread.start()
    wait_for(lambda: underway._steps or outcome, "the step to begin")
    return thread, outcome


def spin(step: Step) -> None:
    with step.interruptible():
        for _each in range(1000):
            time.sleep(0.01)


def test_a_step_past_its_deadline_is_interrupted() -> None:
    underway = Underway()
    thread, outcome = in_a_thread(underway, OVER, spin)
    wait_for(lambda: underway._steps[RUN].is_flow, "our code")
    underway.interrupt_overdue()
    thread.join(5)
    assert outcome == ["overdue"]
    assert underway.stuck() == []


def test_a_step_within_its_deadline_and_one_outside_of_our_code_are_not() -> None:
    def outside(step: Step) -> None:
        with step.interruptible():
            pass
        time.sleep(0.5)

    for seconds, work in ((PATIENT, outside), (OVER, outside)):
        underway = Underway()
        thread, outcome = in_a_thread(underway, seconds, work)
        time.sleep(0.1)
        underway.interrupt_overdue()
        thread.join(5)
        assert outcome == ["done"]


def test_a_step_that_waits_in_a_system_call_is_stuck(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "PATIENCE", 0.2)
    underway, gate = Underway(), threading.Lock()
    gate.acquire()

    def wait(step: Step) -> None:
        with step.interruptible():
            gate.acquire()

    thread, outcome = in_a_thread(underway, OVER, wait)
    underway.interrupt_overdue()
    wait_for(lambda: underway.stuck() == [RUN], "it to be stuck")
    underway.close(0.1)
    assert underway.is_closed
    gate.release()
    thread.join(5)
    assert outcome == ["overdue"]


def test_ten_thousand_steps_interrupted_as_they_end_are_each_told_once() -> None:
    """The interruption reaches our code or nobody: never what comes after."""
    underway = Underway()
    stray: list[BaseException] = []

    def quick() -> None:
        try:
            for _each in range(10_000):
                with underway.begun(RUN, OVER) as step:
                    try:
                        with step.interruptible():
                            pass
                    except Overdue:
                        pass
        except BaseException as problem:
            stray.append(problem)

    thread = threading.Thread(target=quick)
    thread.start()
    while thread.is_alive():
        underway.interrupt_overdue()
    assert stray == []


def test_a_step_that_comes_to_our_code_only_after_its_deadline_is_interrupted_there() -> None:
    begins = threading.Event()

    def late(step: Step) -> None:
        begins.wait(5)
        spin(step)

    underway = Underway()
    thread, outcome = in_a_thread(underway, OVER, late)
    underway.interrupt_overdue()
    begins.set()
    wait_for(lambda: underway._steps[RUN].is_flow, "our code")
    underway.interrupt_overdue()
    thread.join(5)
    assert outcome == ["overdue"]


@pytest.mark.filterwarnings("ignore:.* was deleted while still open:ResourceWarning")
# One that comes while something is collected is lost there: the step ends by itself, or is stuck
@pytest.mark.filterwarnings("ignore:Exception ignored in.*:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("ledger")
def test_wherever_it_is_interrupted_a_transaction_is_whole_or_not_at_all() -> None:
    with engine().begin() as connection:
        connection.execute(text("CREATE TABLE pair (number int)"))

    def enter(step: Step, number: int) -> None:
        with suppress(DBAPIError), step.interruptible():  # in place of `Overdue`, where a connection is looked at
            for _time in range(20):
                with transaction() as session:
                    for _half in range(2):
                        session.execute(text("INSERT INTO pair VALUES (:number)"), {"number": number})

    outcomes = []
    for number in range(100):
        underway = Underway()
        thread, outcome = in_a_thread(underway, OVER, partial(enter, number=number))
        time.sleep(number / 5000)
        underway.interrupt_overdue()
        thread.join(10)
        outcomes += outcome
    gc.collect()  # closes connections whose opening was interrupted: here, not in a later test
    pairs = "SELECT count(*) FROM (SELECT FROM pair GROUP BY number HAVING count(*) % 2 = 1) AS odd"
    held = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
    with engine().connect() as connection:
        assert (connection.scalar(text(pairs)), connection.scalar(text(held))) == (0, 0)
    assert "overdue" in outcomes
    assert len(outcomes) == 100


@pytest.mark.parametrize(
    ("former", "named"),
    [
        ("chocolate-peacock", ["调整分包责任 · PY-1"]),
        ("Awesome-Saola", ["调整分包责任 · PY-1"]),
        ("Olive-Sand Tiger Shark", ["调整分包责任 · PY-1"]),
        ("PY-2026-001 木门项目 · 调整分包责任", []),
        ("我自己取的名", []),
    ],
)
def test_a_run_is_named_before_it_begins_and_one_with_a_name_costs_no_call(
    former: str, named: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    client = SimpleNamespace(set_flow_run_name=lambda _run_id, name: calls.append(name))
    monkeypatch.setattr(steps, "get_client", lambda **_options: client)
    run = FlowRun(id=RUN, flow_id=RUN, name=former, parameters={"project": "PY-1"})

    steps.name_run(change_assignment, run)

    assert calls == named
    assert run.name == (named or [former])[0]


def test_a_flow_that_cannot_say_what_the_run_is_lends_its_own_name() -> None:
    run = FlowRun(id=RUN, flow_id=RUN, name="chocolate-peacock", parameters={})
    assert steps.own_name(change_assignment, run) == "change-assignment"
