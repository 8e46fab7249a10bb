"""A step is interrupted at its deadline, and at no other moment."""

import threading
import time
import uuid
from collections.abc import Callable

import pytest

from deployments import steps
from deployments.lanes import Lane
from deployments.steps import Step, Underway
from support.waiting import wait_for
from tasks.runs.overdue import Overdue

RUN = uuid.uuid4()
OVER = Lane(threads=1, minutes=0)
PATIENT = Lane(threads=1, minutes=1)


def in_a_thread(underway: Underway, lane: Lane, work: Callable[[Step], None]) -> tuple[threading.Thread, list[str]]:
    """A step that does `work`, and what came of it."""
    outcome: list[str] = []

    def execute() -> None:
        with underway.begun(RUN, lane) as step:
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

    for lane, work in ((PATIENT, outside), (OVER, outside)):
        underway = Underway()
        thread, outcome = in_a_thread(underway, lane, work)
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
