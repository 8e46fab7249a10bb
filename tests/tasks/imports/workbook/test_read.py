"""Whatever is in a file, reading it costs bounded memory and ends; the process that reads it pays
for it alone.
"""

import functools
import io
import resource
import subprocess
import sys
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
import xlsxwriter

from support.repository import DATA, REPOSITORY
from tasks.files import LedgerFileError
from tasks.imports.confinement import MEMORY
from tasks.imports.errors import FileTooLarge
from tasks.imports.reader import read_ledger
from tasks.imports.workbook import child as workbook_child
from tasks.imports.workbook import read as workbook
from tasks.imports.workbook.pieces import MOST_BYTES, MOST_COLUMNS, Failure
from tasks.imports.workbook.read import SUFFIXES, read_workbook

pytestmark = pytest.mark.usefixtures("in_english")

ROOM = 500 * 2**20
"""Bytes of memory the worker may hold after it read a file, its own modules included."""
PEAKS = """
import resource, sys
from pathlib import Path
from tasks.imports.errors import LedgerFileError
from tasks.imports.workbook.read import read_workbook
try:
    read_workbook(Path(sys.argv[1]))
    print("read")
except LedgerFileError as problem:
    print(type(problem).__name__)
status = Path("/proc/self/status").read_text()  # what was used since it began: `ru_maxrss` takes its parent's along
print(next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) * 1024)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


def outcome_and_peaks(path: Path) -> tuple[str, int, int]:
    """What becomes of a file, and the most memory in bytes that a worker and its reader took for
    it.
    """
    command = [sys.executable, "-c", PEAKS, str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
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


def read_by(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on this code reads the workbooks."""
    command, started = [sys.executable, "-c", code], subprocess.Popen
    monkeypatch.setattr(workbook.subprocess, "Popen", lambda _command, **more: started(command, **more))


@pytest.mark.parametrize(
    "death",
    [
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
        "import struct, sys; sys.stdout.buffer.write(struct.pack('=II', 20, 0) + b'[1')",
        "import sys; sys.stderr.write('x' * 10**6); sys.exit(1)",
    ],
    ids=["killed", "in the middle of a piece", "talking"],
)
def test_a_reader_that_dies_leaves_a_clear_refusal(monkeypatch, death):
    read_by(death, monkeypatch)
    with pytest.raises(FileTooLarge, match=r"01-plain\.xlsx is too large to take in"):
        read_workbook(DATA / "01-plain.xlsx")


def test_a_file_that_takes_too_long_to_read_is_said_to(monkeypatch):
    endless = "from tasks.imports import confinement as c; c.CPU_SECONDS = 1; c.confine()\nwhile True: pass"
    read_by(endless, monkeypatch)
    with pytest.raises(FileTooLarge, match=r"01-plain\.xlsx takes too long to read: more than 90 seconds"):
        read_workbook(DATA / "01-plain.xlsx")


def test_every_kind_of_file_that_is_taken_in_is_read(tmp_path):
    kinds = {
        "01-plain.xlsx": (".xlsx", ".xlsm", ".et"),
        "21-excel-97.xls": (".xls", ".et"),
        "22-libreoffice.ods": (".ods",),
        "29-tabs.txt": (".csv", ".tsv", ".txt"),
    }
    assert {suffix for suffixes in kinds.values() for suffix in suffixes} == set(SUFFIXES)
    for name, suffixes in kinds.items():
        for suffix in suffixes:
            path = tmp_path / f"台账{suffix.upper()}"
            path.write_bytes((DATA / name).read_bytes())
            assert len(read_ledger(path).rows) == 2, (name, suffix)


class Panic(BaseException):
    """What calamine raises where it thought nothing could go wrong: no `Exception`."""


def fall(problem: BaseException, *_file: object) -> None:
    raise problem


@pytest.mark.parametrize(
    ("problem", "told"),
    [(MemoryError(), Failure("too large")), (Panic("index"), Failure("not a workbook", "Panic('index')"))],
    ids=repr,
)
def test_whatever_befalls_the_reader_it_says_why(monkeypatch, problem, told):
    monkeypatch.setattr(workbook_child, "of_file", functools.partial(fall, problem))
    assert list(workbook_child.pieces(io.BytesIO(), "台账.xlsx")) == [told]


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


HEADER = ("项目编号", "项目名称", "责任单位", "总投资（万元）", "签约日期")


def with_merges(path: Path, rows: int, area: str, times: int) -> Path:
    """A ledger of so many rows with one merged range named so many times, as no program writes
    it.
    """
    plain = path.with_name("plain.xlsx")
    with xlsxwriter.Workbook(plain) as book:
        sheet = book.add_worksheet("台账")
        for number in range(rows):
            sheet.write_row(number, 0, HEADER if number == 0 else ("PY-1", "龙都家具产业园", "清丰县"))
    merged = f"</sheetData><mergeCells>{f'<mergeCell ref={chr(34)}{area}{chr(34)}/>' * times}</mergeCells>"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"</sheetData>", merged.encode()))
    return path


@pytest.mark.parametrize("area", ["A2:A1048576", "D2:D1048576", "A1:XFD1"])
def test_a_hundred_thousand_merged_ranges_cost_seconds_not_hours(tmp_path, area):
    path = with_merges(tmp_path / "ledger.xlsx", 20_000, area, 100_000)
    start = time.process_time()
    read_ledger(path)
    assert time.process_time() - start < 10


def test_a_thousand_sheets_are_read_as_quickly_as_their_cells(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "ledger.xlsx") as book:
        for number in range(1, 1001):
            sheet = book.add_worksheet(f"县{number}")
            sheet.write_row(0, 0, HEADER)
            sheet.write_row(1, 0, (f"PY-{number}", "龙都家具产业园", "清丰县", 50000, "2013-03-01"))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert len(read_ledger(tmp_path / "ledger.xlsx").rows) == 1000
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime < 2.5


@pytest.mark.parametrize("column", range(len(HEADER)), ids=HEADER)
@pytest.mark.parametrize("sign", ["(", "-", "T", "\ufdfa"], ids=["bracket", "dash", "T", "ligature"])
def test_cells_of_32767_characters_cost_no_more_than_their_reading(tmp_path, column, sign):
    cells = ["PY-1", "龙都家具产业园", "清丰县", 50000, "2013-03-01"]
    with xlsxwriter.Workbook(tmp_path / "ledger.xlsx") as book:
        sheet = book.add_worksheet("台账")
        sheet.write_string(0, 5, sign * 32767)
        sheet.write_row(1, 0, HEADER)
        for number in range(2, 22):
            sheet.write_row(number, 0, [*cells[:column], f"{number}{sign * 32760}", *cells[column + 1 :]])
    start = time.process_time()
    file = read_ledger(tmp_path / "ledger.xlsx")
    assert time.process_time() - start < 3
    assert all(len(problem.value) < 3000 for problem in file.problems)


def test_a_refusal_lists_no_more_columns_than_anybody_reads(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "ledger.xlsx") as book:
        sheet = book.add_worksheet("台账")
        sheet.write_row(0, 0, [*HEADER[3:], *(f"奇怪的列{number}" * 50 for number in range(10_000))])
        sheet.write_row(1, 0, ("50000", "2013-03-01"))
    with pytest.raises(LedgerFileError) as refusal:
        read_ledger(tmp_path / "ledger.xlsx")
    assert len(str(refusal.value)) < 10_000
    assert "…" in str(refusal.value)


def test_the_process_that_reads_a_file_starts_without_the_texts_and_columns_it_does_not_need() -> None:
    ask = "import sys, tasks.imports.workbook.child; print(*sorted(name for name in sys.modules if '_' != name[0]))"
    asked = subprocess.run([sys.executable, "-c", ask], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    loaded = set(asked.stdout.split())
    assert "models.office_files.sheets.sheet" in loaded
    assert not loaded & {"babel", "sqlalchemy", "models.i18n", "models.office_files.columns"}
