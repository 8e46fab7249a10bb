"""W1, runs opened in bulk, and W2, steps advanced: Luodi, the bare calls it needs and stock
Prefect, in turns.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from sqlalchemy import delete, select, text

from benchmarks.clock import Clock
from benchmarks.figures import Row, Sample, compared
from benchmarks.floor import Floor
from benchmarks.stock import AT_ONCE, Stock
from models.escalation.question import Ask
from models.events.outbox import OutboxEvent
from support.office import Office
from tasks.database import transaction
from tasks.ledger.questions import LIFECYCLE

RUNS = int(os.environ.get("BENCH_RUNS") or 100)
"""Runs opened by one call."""
STEPS = min(int(os.environ.get("BENCH_STEPS") or 60), RUNS)
"""Forms answered all at once; one after another, half as many."""
STOCK = int(os.environ.get("BENCH_STOCK") or 20)
"""Runs of stock Prefect, which starts a process for every step."""
REPEATS = int(os.environ.get("BENCH_REPEATS") or 3)
"""How often Luodi and the floor take turns; stock Prefect is measured once."""


class Luodi:
    """Projects in the ledger, their runs served by the real worker."""

    def __init__(self, office: Office, clock: Clock) -> None:
        self.office, self.clock = office, clock

    def waiting(self, count: int) -> list[Ask]:
        """The open questions of so many projects."""
        asks = select(Ask).where(Ask.flow == LIFECYCLE, Ask.verdict.is_(None)).order_by(Ask.subject_id)
        with transaction() as session:
            return list(session.scalars(asks.limit(count)))

    def steps(self, asks: Sequence[Ask]) -> None:
        """Answer the questions at the same moment; return when the last of the next ones waits."""
        runs = [str(ask.flow_run_id) for ask in asks]
        before = self.clock.look(runs)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._answer, asks))
        self.clock.wait(runs, before)

    def _answer(self, ask: Ask) -> None:
        reply = self.office.visit(ask)
        if not reply.is_accepted:
            raise RuntimeError(f"{ask.form_no}: {reply}")


def measure(office: Office) -> list[Row]:
    """Both workloads, on the same runs."""
    with ExitStack() as stack:
        clock = Clock(office.postgres.url(office.prefect, "psycopg"))
        stack.callback(clock.close)
        luodi = Luodi(office, clock)
        office.new_project()
        (like,) = luodi.waiting(1)
        floor = Floor(office.http, like)
        stock = Stock(office.http, clock, office.environment(), office.folder / "stock.log")
        stack.callback(stock.stop)
        database = f"PostgreSQL {server_version()}"
        return [
            *compared("W1 runs opened in bulk", database, *opened(luodi, floor, stock)),
            *compared("W2 step, one at a time", database, *stepped(luodi, floor, stock)),
            *compared("W2 steps, all at once", database, *stepped_together(luodi, floor, stock)),
        ]


def opened(luodi: Luodi, floor: Floor, stock: Stock) -> list[Sample]:
    """From projects without runs to suspended runs with their forms."""
    ours, bare, usual = Sample(RUNS), Sample(RUNS), Sample(STOCK)
    for _turn in range(REPEATS):
        luodi.office.sign(RUNS)
        forget_events()
        with ours.measured(os.getpid()):
            luodi.office.open_runs()
        asks = floor.prepare(RUNS)
        with bare.measured():
            floor.open(asks)
    with usual.measured(stock.process.pid, family=True):
        stock.open(STOCK)
    return [ours, bare, usual]


def stepped(luodi: Luodi, floor: Floor, stock: Stock) -> list[Sample]:
    """From one answer to the next form, nothing else under way."""
    ours, bare, usual = Sample(1), Sample(1), Sample(1)
    (worker,) = luodi.office.workers
    for ask, run in zip(luodi.waiting(half(STEPS)), floor.runs, strict=False):
        with ours.measured(worker.pid):
            luodi.steps([ask])
        with bare.measured():
            floor.step(run)
    for run in stock.runs[: half(half(STOCK))]:
        with usual.measured(stock.process.pid, family=True):
            stock.steps([run])
    return [ours, bare, usual]


def stepped_together(luodi: Luodi, floor: Floor, stock: Stock) -> list[Sample]:
    """From answers that come at the same moment to the last next form."""
    ours, bare, usual = Sample(STEPS), Sample(STEPS), Sample(STOCK)
    (worker,) = luodi.office.workers
    for _turn in range(REPEATS):
        asks = luodi.waiting(STEPS)
        with ours.measured(worker.pid):
            luodi.steps(asks)
        with bare.measured():
            floor.steps(floor.runs[:STEPS])
    with usual.measured(stock.process.pid, family=True):
        stock.steps(stock.runs)
    return [ours, bare, usual]


def forget_events() -> None:
    """A file that brings so many projects tells Prefect one thing only."""
    with transaction() as session:
        session.execute(delete(OutboxEvent))


def half(count: int) -> int:
    """Half of it, but not nothing."""
    return max(1, count // 2)


def server_version() -> str:
    """Of the PostgreSQL both databases are in."""
    with transaction() as session:
        return str(session.scalar(text("SHOW server_version"))).split(" ")[0]
