"""Whatever is in a file, reading it costs bounded memory and ends; the process that reads it pays for it alone."""

import functools
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import xlsxwriter

from tasks import workbook, workbook_child
from tasks.ledger_errors import FileTooLarge, LedgerFileError
from tasks.workbook import REPOSITORY, read_workbook
from tasks.workbook_child import MEMORY, MOST_BYTES, MOST_COLUMNS, Failure

pytestmark = pytest.mark.usefixtures("in_english")

DATA = Path(__file__).parents[1] / "data"
ROOM = 500 * 2**20
"""Bytes of memory the worker may hold after it read a file, its own modules included."""
PEAKS = """
import resource, sys
from pathlib import Path
from tasks.ledger_errors import LedgerFileError
from tasks.workbook import read_workbook
try:
    read_workbook(Path(sys.argv[1]))
    print("read")
except LedgerFileError as problem:
    print(type(problem).__name__)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def outcome_and_peaks(path: Path) -> tuple[str, int, int]:
    """What becomes of a file, and the most memory in bytes that a worker and its reader took for it."""
    command = [sys.executable, "-c", PEAKS, str(path)]
    said = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout.split()
    return said[0], int(said[1]), int(said[2])


@pytest.mark.only_for("linux")
@pytest.mark.parametrize(
    ("name", "outcome"),
    [
        ("38-zip-bomb.xlsx", "FileTooLarge"),
        ("39-entity-bomb.xlsx", "NotAWorkbook"),
        ("40-far-cell.xlsx", "FileTooLarge"),
        ("55-stray-cells.xlsx", "read"),
        ("56-huge-blanks.ods", "read"),
    ],
)
def test_a_hostile_file_takes_no_more_memory_than_it_may(name, outcome):
    found, worker, reader = outcome_and_peaks(DATA / name)
    assert found == outcome
    assert worker < ROOM
    assert reader <= MEMORY


@pytest.mark.only_for("linux")
def test_a_long_text_named_by_many_cells_does_not_fill_the_worker(tmp_path):
    path = tmp_path / "台账.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for row in range(MOST_BYTES // 30_000 + 100):
            sheet.write_string(row, 0, "9" * 30_000)
    found, worker, reader = outcome_and_peaks(path)
    assert path.stat().st_size < 2**20
    assert found == "FileTooLarge"
    assert worker < ROOM + MOST_BYTES
    assert reader <= MEMORY


@pytest.mark.only_for("linux")
def test_one_wide_row_does_not_make_all_others_as_wide(tmp_path):
    path = tmp_path / "台账.csv"
    path.write_text("," * (MOST_COLUMNS - 2) + "x\n" + "x\n" * 100_000)
    found, worker, _reader = outcome_and_peaks(path)
    assert found == "FileTooLarge"
    assert worker < ROOM


@pytest.mark.parametrize("content", ["," * MOST_COLUMNS, "x," * MOST_COLUMNS + "\nx"], ids=["blanks", "cells"])
def test_more_columns_than_a_workbook_can_have_are_too_many(tmp_path, content):
    path = tmp_path / "台账.csv"
    path.write_text(content + "x\n")
    with pytest.raises(FileTooLarge):
        read_workbook(path)


@pytest.mark.parametrize(
    "death",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import os, signal; os.kill(os.getpid(), signal.SIGXCPU)",
        "import pickle, sys; sys.stdout.buffer.write(pickle.dumps(list(range(9999)))[:-99])",
        "import sys; sys.stderr.write('x' * 10**6); sys.exit(1)",
    ],
    ids=["killed", "out of time", "in the middle of a piece", "talking"],
)
def test_a_reader_that_dies_leaves_a_clear_refusal(monkeypatch, death):
    command = [sys.executable, "-c", death]
    started = subprocess.Popen
    monkeypatch.setattr(workbook.subprocess, "Popen", lambda _command, **more: started(command, **more))
    with pytest.raises(FileTooLarge, match=r"01-plain\.xlsx is too large to take in"):
        read_workbook(DATA / "01-plain.xlsx")


class Panic(BaseException):
    """What calamine raises where it thought nothing could go wrong: no `Exception`."""


def fall(problem: BaseException, _path: Path) -> None:
    raise problem


@pytest.mark.parametrize(
    ("problem", "told"),
    [(MemoryError(), Failure("too large")), (Panic("index"), Failure("not a workbook", "Panic('index')"))],
    ids=repr,
)
def test_whatever_befalls_the_reader_it_says_why(monkeypatch, problem, told):
    monkeypatch.setattr(workbook_child, "pieces", functools.partial(fall, problem))
    assert list(workbook_child.told(DATA / "01-plain.xlsx")) == [told]


@pytest.mark.parametrize("damage", [(0, 200), (1000, 1100), (2000, 2400)], ids=str)
@pytest.mark.parametrize("name", ["01-plain.xlsx", "21-excel-97.xls", "22-libreoffice.ods", "35-password.xlsx"])
def test_a_damaged_file_is_read_or_refused(tmp_path, name, damage):
    content = bytearray((DATA / name).read_bytes())
    start, end = damage
    content[start + 8 : end] = bytes(255 - byte for byte in content[start + 8 : end])
    path = tmp_path / name
    path.write_bytes(content)
    with suppress(LedgerFileError):
        read_workbook(path)
