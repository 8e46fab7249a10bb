"""What a reader sends arrives as it was, to the type and the last bit."""

import os
import threading
import tomllib
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from models.office_files.sheets.sheet import Broken, Cell, PartlyStruck, Shown, Struck
from support.repository import DATA
from tasks.imports.workbook import sending
from tasks.imports.workbook.child import pieces
from tasks.imports.workbook.pieces import BLOCK, Block, Piece, SheetOpened
from tasks.imports.workbook.read import SUFFIXES, read_workbook
from tasks.imports.workbook.receiving import Receiver
from tasks.imports.workbook.sending import Sender

MIDNIGHT = datetime(2013, 3, 1)  # noqa: DTZ001 - as workbooks have them
ODD: Sequence[Cell] = [
    *(0.0, -0.0, float("nan"), float("inf"), 1e-310, 0.1, 5e300, 1.0, 1, True, "1", Broken("1"), False, 0, "", "0"),
    *(2**63 - 1, -(2**63), date(2013, 3, 1), MIDNIGHT, MIDNIGHT.replace(microsecond=7), time(8, 30, 0, 1), time()),
    *(timedelta(-1, 5, 7), timedelta(), Broken("=A1"), "\\ud800", "\0\n\u2028", "𠀀", "x" * 10**5, "县" * 64),
    *(Struck("1"), PartlyStruck("1"), Shown(1, '0"万元"'), Shown(1, '0"亿元"'), Shown(-0.0, "0%"), Shown(0.1, "0%")),
]


def arrived(sent: Sequence[Piece]) -> list[Piece]:
    """What becomes of pieces that go through a pipe."""
    reading, writing = os.pipe()

    def send() -> None:
        with os.fdopen(writing, "wb") as stream:
            sender = Sender(stream)
            for piece in sent:
                sender.send(piece)
            sender.close()

    thread = threading.Thread(target=send)
    thread.start()
    with os.fdopen(reading, "rb") as pipe:
        received = list(Receiver(pipe.fileno(), 60).pieces())
    thread.join()
    return received


def exactly(cells: Sequence[Sequence[Cell]]) -> list[list[tuple[type, str, str]]]:
    return [[(type(cell), repr(cell), getattr(cell, "number_format", "")) for cell in row] for row in cells]


@pytest.mark.parametrize("known", [0, 1, 10**6], ids=["nothing", "one", "all"])
def test_odd_values_arrive_as_they_were_however_many_are_remembered(
    monkeypatch: pytest.MonkeyPatch, known: int
) -> None:
    monkeypatch.setattr(sending, "MOST_KNOWN", known)
    rows = [list(ODD), ["a"], list(reversed(ODD)), *([cell] for cell in ODD for _twice in range(2))]
    about = SheetOpened("台账", True, [(0, 1, 2, 3)], is_1904=True, has_looks=False)
    opened, block = arrived([about, Block(list(range(5, len(rows) + 5)), rows)])
    assert opened == about
    assert isinstance(block, Block)
    assert (block.numbers, exactly(block.rows)) == (list(range(5, len(rows) + 5)), exactly(rows))


def test_long_rows_are_sent_in_several_frames_and_nothing_is_lost() -> None:
    rows: list[list[Cell]] = [[f"{number}" + "县" * 40_000, float(number)] for number in range(100)]
    _opened, *blocks = arrived([SheetOpened("台账", False, []), Block(list(range(0, 200, 2)), rows)])
    assert len(blocks) > 1
    assert [row for block in blocks if isinstance(block, Block) for row in block.rows] == rows
    assert [number for block in blocks if isinstance(block, Block) for number in block.numbers] == [*range(0, 200, 2)]


def test_a_row_that_nobody_would_take_is_not_sent() -> None:
    with pytest.raises(MemoryError), Path(os.devnull).open("wb") as stream:
        Sender(stream).send(Block([0], [["x" * 20 * 2**20]]))


def files() -> list[Path]:
    """The files that are read; bombs among the others would go off here."""
    read = (path for path in DATA.glob("*.toml") if "refused" not in tomllib.loads(path.read_text()))
    stems = {path.name.split(".")[0] for path in read}
    return [path for path in sorted(DATA.iterdir()) if path.suffix in SUFFIXES and path.stem in stems]


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_file_arrives_as_it_was_read(path: Path) -> None:
    with path.open("rb") as file:
        read = list(pieces(file, path.name))
    rows: dict[str, list[list[Cell]]] = {}
    for piece in read:
        if isinstance(piece, SheetOpened):
            rows[piece.name] = []
        elif isinstance(piece, Block):
            rows[next(reversed(rows))] += piece.rows
    sheets = read_workbook(path)
    assert {name: exactly(sheet.rows) for name, sheet in sheets.items()} == {
        name: exactly(cells) for name, cells in rows.items()
    }


def test_a_block_is_as_large_as_the_numbers_of_a_frame_allow() -> None:
    rows: list[list[Cell]] = [["a"]] * BLOCK
    _opened, block = arrived([SheetOpened("台账", False, []), Block(list(range(BLOCK)), rows)])
    assert isinstance(block, Block)
    assert len(block.rows) == BLOCK
