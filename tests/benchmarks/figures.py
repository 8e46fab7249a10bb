"""What is measured, how it is compared and shown."""

import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import psutil

LOOKS_EVERY = 0.25


@dataclass
class Sample:
    """How long `n` items took, each time it was measured, and the most memory their process
    took.
    """

    n: int
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    peak_mb: float | None = None

    @contextmanager
    def measured(self, pid: int | None = None, *, family: bool = False) -> Iterator[None]:
        """Add the time the block takes, and watch the memory of the process (or family) that does
        the work.
        """
        with Peak(pid, family) if pid else nullcontext() as peak:
            worked = cpu_seconds()
            started = time.perf_counter()
            yield
            self.seconds.append(time.perf_counter() - started)
            self.cpu_seconds.append(cpu_seconds() - worked)
        if peak:
            self.peak_mb = max(self.peak_mb or 0, peak.mb)

    @property
    def median(self) -> float:
        """Seconds for `n` items."""
        return statistics.median(self.seconds)

    def scaled(self, n: int) -> float:
        """Seconds for another number of items at the same speed."""
        return self.median / self.n * n


@dataclass(frozen=True)
class Row:
    """One line of `bench.json`. `seconds` is the median over `repeats` of what `n` items took."""

    workload: str
    variant: str
    database: str
    n: int
    repeats: int
    seconds: float
    floor_seconds: float
    """What the bare calls take for `n` items, measured in turns with this."""
    ratio: float
    """`seconds` / `floor_seconds`."""
    cpu_seconds: float
    """Of all processes together, databases and server included; a busy machine spoils it less than
    `seconds`.
    """
    stock_ratio: float | None
    """How many times faster an item is than the usual way; none where there is no usual way."""
    peak_mb: float | None
    """Of the process that does the work, stock Prefect's with its children; none for the floor,
    which has none.
    """

    def as_json(self) -> dict[str, Any]:
        """With figures a person can read."""
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}


def compared(workload: str, database: str, luodi: Sample, floor: Sample, stock: Sample | None = None) -> list[Row]:
    """The measurements of one workload, side by side; not every workload has a usual way."""
    variants = {"luodi": luodi, "floor": floor} | ({"stock": stock} if stock else {})
    return [
        Row(
            workload=workload,
            variant=variant,
            database=database,
            n=sample.n,
            repeats=len(sample.seconds),
            seconds=sample.median,
            floor_seconds=floor.scaled(sample.n),
            ratio=sample.median / floor.scaled(sample.n),
            cpu_seconds=statistics.median(sample.cpu_seconds),
            stock_ratio=stock.scaled(sample.n) / sample.median if stock else None,
            peak_mb=sample.peak_mb,
        )
        for variant, sample in variants.items()
    ]


HEADS = ("workload", "variant", "n", "seconds", "ms each", "CPU ms each", "× floor", "faster than stock", "peak MB")
WORDS = 2
"""So many columns hold words; the others hold figures."""


def table(rows: Sequence[Row]) -> str:
    """The rows in aligned columns; Markdown shows it as a table, too."""
    lines = [HEADS, *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * width if at < WORDS else "-" * (width - 1) + ":" for at, width in enumerate(widths)]
    shown = [
        [text.ljust(width) if at < WORDS else text.rjust(width) for at, (text, width) in enumerate(pairs)]
        for pairs in (zip(line, widths, strict=True) for line in lines)
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in [shown[0], rule, *shown[1:]])


def cells(row: Row) -> tuple[str, ...]:
    """A row as people read it."""
    return (
        row.workload,
        row.variant,
        str(row.n),
        figure(row.seconds),
        figure(row.seconds / row.n * 1000),
        figure(row.cpu_seconds / row.n * 1000),
        f"{row.ratio:.2f}",
        f"{row.stock_ratio:.1f} ×" if row.stock_ratio else "–",
        f"{row.peak_mb:.0f}" if row.peak_mb else "–",
    )


def figure(value: float) -> str:
    """With as many decimals as a small figure needs: 140, 14, 1.4, 0.14, 0.014."""
    decimals = next((places for places, least in ((0, 10), (1, 1), (2, 0.1)) if value >= least), 3)
    return f"{value:.{decimals}f}"


def cpu_seconds() -> float:
    """What this process and all it has started have computed so far."""
    seconds = 0.0
    ours = psutil.Process()
    for process in [ours, *ours.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            seconds += sum(process.cpu_times()[:4])  # user and system, its own and its ended children's
    return seconds


class Peak:
    """Watches the memory of a process, with or without its children, for as long as the block
    lasts.
    """

    def __init__(self, pid: int, family: bool) -> None:
        self.process, self.family = psutil.Process(pid), family
        self.mb = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        self._look()
        while not self._over.wait(LOOKS_EVERY):
            self._look()

    def _look(self) -> None:
        with suppress(psutil.NoSuchProcess):
            processes = [self.process, *(self.process.children(recursive=True) if self.family else ())]
            self.mb = max(self.mb, sum(each.memory_info().rss for each in processes) / 2**20)
