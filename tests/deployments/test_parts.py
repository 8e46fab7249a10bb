"""`luodi up` looks after its parts: what died or hangs is started again, whatever goes wrong in
doing so.
"""

import errno
import http.server
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from prefect.exceptions import ObjectAlreadyExists
from sqlalchemy.exc import OperationalError

from deployments import children, pulse, up
from deployments.children import Child
from deployments.pulse import Answers, Beat, Pulse, web_answers
from deployments.up import Part
from support.waiting import wait_for

BEATS = """
import os, sys, time
while True:
    os.utime(sys.argv[1])
    time.sleep(0.05)
"""
QUIET = "import time; time.sleep(600)"

Make = Callable[..., Part]


@pytest.fixture
def make(tmp_path: Path, in_english: None) -> Iterator[Make]:
    """Makes parts that run a program in Python; they are ended with the test."""
    parts: list[Part] = []

    def make_part(program: str, beat: Pulse | None = None) -> Part:
        command = [sys.executable, "-c", program, str(tmp_path / "run" / "beat")]
        parts.append(Part("The part", lambda: children.start(command, tmp_path / "part.log", os.environ), beat))
        return parts[-1]

    yield make_part
    for part in parts:
        part.process.kill()
        children.stop(part.process, 10)


@pytest.fixture
def beat(tmp_path: Path) -> Beat:
    return Beat(tmp_path / "run" / "beat", patience=1.0, warm_up=2.0)


def looked_after_until(part: Part, condition: Callable[[], object]) -> None:
    def look() -> bool:
        part.look_after()
        return bool(condition())

    wait_for(look, "the part")


def restarted(part: Part, former: Child) -> Callable[[], bool]:
    return lambda: part.process is not former and part.process.poll() is None


def looked_after_for(part: Part, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        part.look_after()
        time.sleep(0.05)


def let_pass(part: Part, seconds: float) -> None:
    """Let the part have begun so much earlier."""
    part.started_at -= seconds


def test_a_part_that_hangs_is_killed_and_started_again(
    make: Make, beat: Beat, capsys: pytest.CaptureFixture[str]
) -> None:
    part = make(BEATS, beat)
    former = part.process
    looked_after_for(part, 2.0)
    assert part.process is former
    former.send_signal(signal.SIGSTOP)
    looked_after_until(part, restarted(part, former))
    assert former.returncode == -signal.SIGKILL
    assert capsys.readouterr().out == "The part hangs; it is ended and started again.\n"
    looked_after_for(part, 2.0)
    assert psutil.pid_exists(part.process.pid)


def test_a_part_that_never_gives_a_sign_has_time_to_start(make: Make, beat: Beat) -> None:
    part = make(QUIET, beat)
    former, begun = part.process, time.monotonic()
    looked_after_until(part, restarted(part, former))
    assert time.monotonic() - begun > beat.warm_up + beat.patience


def test_time_in_which_we_slept_ourselves_does_not_count(make: Make, beat: Beat) -> None:
    part = make(QUIET, beat)
    looked_after_for(part, 0.1)
    beat._silent = 0.0  # it has begun
    time.sleep(3)  # Ctrl-Z, say
    former = part.process
    part.look_after()
    assert part.process is former


def test_a_clock_that_is_set_kills_nobody(make: Make, beat: Beat) -> None:
    part = make(BEATS, beat)
    former = part.process
    looked_after_for(part, 0.5)
    for moment in (0, 2**33):
        os.utime(beat.path, (moment, moment))
        looked_after_for(part, 0.3)
    assert part.process is former


def test_where_the_beat_cannot_be_kept_nobody_is_killed(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = Beat(tmp_path / "no" / "folder" / "beat", patience=0.2, warm_up=0.0)
    part = make(QUIET, lost)
    former = part.process
    looked_after_for(part, 1.0)
    full = Beat(tmp_path / "beat", patience=0.2, warm_up=0.0)
    monkeypatch.setattr(pulse.os, "utime", failing(OSError(errno.EROFS, "read-only")))
    other = make(QUIET, full)
    looked_after_for(other, 1.0)
    assert part.process is former
    assert other.process.poll() is None
    assert other.failures == 0


def failing(problem: Exception) -> Callable[..., None]:
    def fail(*_arguments: object, **_keywords: object) -> None:
        raise problem

    return fail


@pytest.mark.parametrize(
    "problem",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"),
        PermissionError(errno.EACCES, "Permission denied"),
        MemoryError(),
        RuntimeError("can't start new thread"),
    ],
    ids=repr,
)
def test_a_start_that_fails_is_tried_again(
    make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], problem: Exception
) -> None:
    part = make(QUIET)
    former = part.process
    let_pass(part, 1)  # a part that lived so long is started again at once
    former.kill()
    former.wait()
    with monkeypatch.context() as patch:
        patch.setattr(children, "start", failing(problem))
        part.look_after()
    assert "The part could not be started" in capsys.readouterr().out
    let_pass(part, 2)
    looked_after_until(part, restarted(part, former))


def test_a_part_that_dies_is_started_again_at_once(make: Make) -> None:
    part = make(QUIET)
    former = part.process
    let_pass(part, 1)
    former.kill()
    former.wait()
    part.look_after()
    assert restarted(part, former)()


@pytest.mark.parametrize(
    "problem",
    [
        httpx.ConnectError("refused"),
        httpx.HTTPStatusError("", request=httpx.Request("GET", "http://x"), response=httpx.Response(500)),
        OperationalError("SELECT", {}, Exception("the database system is starting up")),
        ObjectAlreadyExists(Exception("the worker was quicker")),
    ],
    ids=repr,
)
def test_a_part_that_dies_while_deployments_are_registered_is_started_again(
    make: Make, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    part = make(QUIET)
    former = part.process
    let_pass(part, 1)
    former.kill()
    former.wait()

    def deploy() -> None:
        if part.process is former:
            raise problem

    monkeypatch.setattr(up, "deploy", deploy)
    up.register([part])
    assert restarted(part, former)()


def test_what_no_waiting_mends_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = httpx.HTTPStatusError("", request=httpx.Request("GET", "http://x"), response=httpx.Response(401))
    calls: list[None] = []

    def deploy() -> None:
        calls.append(None)
        raise refused

    monkeypatch.setattr(up, "deploy", deploy)
    with pytest.raises(httpx.HTTPStatusError):
        up.register([])
    assert len(calls) == 1


@pytest.mark.usefixtures("in_english")
def test_what_waiting_does_not_mend_either_is_said_in_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "START_PATIENCE", 0.3)
    monkeypatch.setattr(up, "deploy", failing(httpx.ReadTimeout("silence")))
    with pytest.raises(up.NotStarted, match="could not be registered: silence"):
        up.register([])


def test_words_that_cannot_be_printed_end_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    part = make(QUIET)
    former = part.process
    let_pass(part, 1)
    former.kill()
    former.wait()
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        part.look_after()
        monkeypatch.undo()
        with pytest.raises(OSError, match="No space"):
            full.close()
    assert restarted(part, former)()


class Busy(http.server.BaseHTTPRequestHandler):
    """Says that it has no time."""

    def do_GET(self) -> None:
        self.send_error(503)

    def log_message(self, *_words: object) -> None:
        pass


def test_a_server_that_says_it_is_busy_does_not_hang_and_one_that_is_stopped_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pulse, "ASKS_FOR", 0.2)
    monkeypatch.setattr(pulse, "ASKS_EVERY", 0.05)
    with http.server.HTTPServer(("127.0.0.1", 0), Busy) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        answers = Answers(web_answers(f"http://127.0.0.1:{server.server_port}/health"), patience=1.0, warm_up=0.0)
        end = time.monotonic() + 2
        while time.monotonic() < end:
            assert not answers.has_stopped()
            time.sleep(0.05)
        server.shutdown()  # connections are still taken by the system, and nobody answers
        serving.join()
        wait_for(answers.has_stopped, "the silence to be noticed")
