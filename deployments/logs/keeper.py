"""Keeps what a part says in its log: `python -m deployments.logs.keeper LOG`, a process of its own.

It outlives its part by what is still in the pipe, so that a kill -9 loses no line; Ctrl-C and
Ctrl-Z in the terminal do not reach it. Where the disk is full it goes on reading, or the part would
stand still with it, and writes later. It is small: there is one for each part.
"""

import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from models.visible import CONTINUED, visible

BIGGEST = 10 * 1024**2  # bytes of a log; then it is put aside
KEPT = 5  # logs put aside
LONGEST = 64 * 1024  # bytes of a line; what is longer goes on in the next one
MOST_WAITING = 1024**2  # bytes that wait for room on the disk


class Log:
    """A file that never grows beyond `biggest`, and what waits to be written to it."""

    def __init__(self, path: Path, biggest: int = BIGGEST) -> None:
        self.path, self.biggest = path, biggest
        self._file = -1
        self._waiting: deque[bytes] = deque()
        self._size = self._lost = 0

    def add(self, line: str) -> None:
        """Write the line, or keep it until there is room; if too many wait, it is only counted."""
        words = f"{moment()} {line}\n".encode()
        if self._size + len(words) > MOST_WAITING:
            self._lost += 1
        else:
            self._waiting.append(words)
            self._size += len(words)
        self.write()

    def write(self) -> None:
        """Write what waits, as far as the disk lets us."""
        with suppress(OSError):
            while self._waiting:
                self._write(self._waiting[0])
                self._size -= len(self._waiting.popleft())
            if self._lost:
                self._write(f"{moment()} {self._lost} lines were not kept: there was no room\n".encode())
                self._lost = 0

    def _write(self, words: bytes) -> None:
        """All of it or nothing: what a full disk cut short is taken back."""
        file = self._with_room(len(words))
        written = os.write(file, words)
        if written < len(words):
            os.ftruncate(file, os.fstat(file).st_size - written)
            raise OSError

    def _with_room(self, more: int) -> int:
        """The file, open; a new one where it would grow too big, or was taken away."""
        if self._file >= 0:
            status = os.fstat(self._file)
            if status.st_size + more <= self.biggest and status.st_nlink:
                return self._file
            os.close(self._file)
            self._file = -1
        if self.path.exists() and self.path.stat().st_size + more > self.biggest:
            self._put_aside()
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        return self._file

    def _put_aside(self) -> None:
        for number in range(KEPT - 1, 0, -1):
            with suppress(FileNotFoundError):
                self._aside(number).replace(self._aside(number + 1))
        self.path.replace(self._aside(1))

    def _aside(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")


def lines(source: int) -> Iterator[str]:
    """Every line that comes, until nobody can write any more."""
    rest, begins = b"", ""
    while came := os.read(source, LONGEST):
        *whole, rest = (rest + came).split(b"\n")
        for line in whole:
            yield begins + shown(line)
            begins = ""
        if len(rest) >= LONGEST:
            yield begins + shown(rest)
            rest, begins = b"", CONTINUED.lstrip("\n")
    if rest:
        yield begins + shown(rest)


def shown(line: bytes) -> str:
    return visible(line.decode(errors="backslashreplace"))


def moment() -> str:
    """Now, as the machine's clock says it, with its distance from UTC."""
    now = time.time()
    local = time.localtime(now)
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', local)}.{int(now % 1 * 1000):03}{time.strftime('%z', local)}"


def main(path: str, *biggest: str) -> None:
    log = Log(Path(path), *map(int, biggest))
    for line in lines(sys.stdin.fileno()):
        log.add(line)
    log.write()


if __name__ == "__main__":
    main(*sys.argv[1:])
