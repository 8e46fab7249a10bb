"""A log is dated, bounded while it is written, and whole: whatever a part says, and however it
ends.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments import children
from deployments.logs.keeper import KEPT, Log
from support.waiting import wait_for

DATED = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d{4} ")


def ran(log: Path, program: str) -> list[str]:
    """What the log has of a program in Python, without the moments."""
    child = children.start([sys.executable, "-c", program], log, os.environ)
    child.wait(30)
    children.wait_for_log(child)
    written = log.read_text().split("\n")
    assert written.pop() == ""
    assert all(DATED.match(line) for line in written), written
    return [DATED.sub("", line) for line in written]


def test_every_line_has_its_moment_and_nothing_that_a_terminal_obeys(tmp_path: Path) -> None:
    program = r"import os; os.write(1, b'one\ntw\x1b[2Jo\r\nthr\xe2\x80\xa8ee \xff\n\nlast')"
    assert ran(tmp_path / "x.log", program) == ["one", r"tw\x1b[2Jo\x0d", r"thr\u2028ee \xff", "", "last"]


def test_a_line_without_end_is_continued_as_such(tmp_path: Path) -> None:
    first, *further = ran(tmp_path / "x.log", "print('x' * 300_000)")
    assert first.startswith("xxx")
    assert all(line.startswith("  | xxx") for line in further)
    assert (first + "".join(further)).count("x") == 300_000


def test_no_line_is_lost_when_a_part_is_killed_and_none_is_readable_by_others(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "x.log"
    program = "import os\nfor n in range(5000): print(n, flush=True)\nos.kill(os.getpid(), 9)"
    assert ran(log, program) == [str(number) for number in range(5000)]
    assert (log.stat().st_mode & 0o777, log.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_log_is_turned_while_it_is_written_and_so_many_are_kept(tmp_path: Path) -> None:
    log = Log(tmp_path / "x.log", 1000)
    for number in range(1000):
        log.add(f"line {number}")
    names = ["x.log", *(f"x.log.{number}" for number in range(1, KEPT + 1))]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert all(path.stat().st_size <= 1000 for path in tmp_path.iterdir())
    kept = "".join((tmp_path / name).read_text() for name in reversed(names)).splitlines()
    assert [DATED.sub("", line) for line in kept] == [f"line {number}" for number in range(1000 - len(kept), 1000)]


def test_a_log_moved_away_is_begun_anew(tmp_path: Path) -> None:
    log = Log(tmp_path / "x.log")
    log.add("before")
    (tmp_path / "x.log").unlink()
    log.add("after")
    assert (tmp_path / "x.log").read_text().endswith(" after\n")


def test_no_log_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "x.log").symlink_to(tmp_path / "other")
    Log(tmp_path / "x.log").add("words")
    assert not (tmp_path / "other").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder with room for 64 kB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=64k", "tmpfs"]
    if subprocess.run(["/bin/mount", *options, folder], capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["/bin/umount", "--lazy", folder], check=True)


@pytest.mark.only_for("root")  # who may mount
@pytest.mark.only_for("linux")
def test_on_a_full_disk_a_part_goes_on_and_its_words_are_written_once_there_is_room(small_disk: Path) -> None:
    filler, log = small_disk / "filler", Log(small_disk / "x.log")
    log.add("before")
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(b"x" * 100_000)
    for number in range(100):
        log.add(f"{number} " + "x" * 100)
    filler.unlink()
    log.add("after")
    lines = [DATED.sub("", line).partition(" ")[0] for line in (small_disk / "x.log").read_text().splitlines()]
    assert lines == ["before", *map(str, range(100)), "after"]


@pytest.mark.only_for("root")
@pytest.mark.only_for("linux")
def test_what_waits_for_room_is_bounded_and_the_rest_counted(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deployments.logs.keeper.MOST_WAITING", 2000)
    filler, log = small_disk / "filler", Log(small_disk / "x.log")
    with pytest.raises(OSError, match="No space"):
        filler.write_bytes(b"x" * 100_000)
    for _number in range(100):
        log.add("x" * 70)
    filler.unlink()
    log.write()
    lines = (small_disk / "x.log").read_text().splitlines()
    assert len(lines) == 21
    assert lines[-1].endswith(" 80 lines were not kept: there was no room")


def test_what_stops_the_terminals_programs_does_not_stop_a_log(tmp_path: Path) -> None:
    child = children.start([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "x.log", os.environ)
    assert os.getsid(child.keeper.pid) == child.keeper.pid != os.getsid(0)
    child.send_signal(signal.SIGKILL)
    child.wait()
    wait_for(lambda: child.keeper.poll() is not None, "the end of the log's keeper")


def test_the_moment_is_the_machines_with_its_distance_from_utc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        Log(tmp_path / "x.log").add("words")
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "+0800 words" in (tmp_path / "x.log").read_text()
