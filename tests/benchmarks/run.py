"""`make bench`: how fast Luodi is, beside the bare calls its work needs and beside the usual way,
here and now.

Nothing is asserted: machines differ, ratios hardly. Everything happens in a scratch folder with a
PostgreSQL of its own at PostgreSQL's own settings; only `bench.json` in `LUODI_HOME` stays. Sizes:
`BENCH_RUNS`, `BENCH_STEPS`, `BENCH_STOCK`, `BENCH_ITEMS`, `BENCH_REPEATS`, `BENCH_ROWS`,
`BENCH_FILE_REPEATS`, `BENCH_PROJECTS`, `BENCH_BULLETIN_REPEATS`, `BENCH_REVISITS`,
`BENCH_REVISIT_REPEATS`; `BENCH_FULL=1` adds the workloads with a million rows.
"""

import json
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tasks.files import home

OUTPUT = home() / "bench.json"
for name in [each for each in os.environ if each == "PORT" or each.startswith(("LUODI_", "PREFECT_"))]:
    del os.environ[name]  # before Prefect is imported, which reads them: the bench has an installation of its own
os.environ |= {"DO_NOT_TRACK": "1", "PREFECT_LOGGING_LEVEL": "ERROR"}

from benchmarks import bulletin, ledger_files, revisits, runs, sweep  # noqa: E402
from benchmarks.figures import Row, table  # noqa: E402
from deployments.database import prepare  # noqa: E402
from deployments.embedded_postgres.server import running  # noqa: E402  # noqa: E402
from support.office import Office  # noqa: E402
from tasks.database import engine  # noqa: E402

TEMPLATE, SWEPT, REPORTED = "bench_template", "bench_swept", "bench_reported"


@contextmanager
def scratch_office() -> Iterator[Office]:
    """An installation for one bench: PostgreSQL, server, worker; nothing of it is left
    afterwards.
    """
    with (
        tempfile.TemporaryDirectory(prefix="luodi-bench-") as name,
        running(Path(name), keep=False) as server,
    ):
        server.ensure_databases(TEMPLATE)
        with ledger(server.url(TEMPLATE, "psycopg")):
            prepare()
        office = Office(Path(name), server, "bench")
        with ledger(office.ledger_url):
            try:
                office.open(TEMPLATE)
                yield office
            finally:
                office.stop()


@contextmanager
def ledger(url: str) -> Iterator[None]:
    """Inside the block this process works on that ledger."""
    former = os.environ.get("LUODI_DATABASE_URL", "")
    os.environ["LUODI_DATABASE_URL"] = url
    try:
        yield
    finally:
        engine().dispose()
        os.environ["LUODI_DATABASE_URL"] = former


@contextmanager
def own_ledger(office: Office, name: str) -> Iterator[None]:
    """Inside the block this process works on an empty ledger of that name."""
    office.postgres.ensure_databases(name)
    with ledger(office.postgres.url(name, "psycopg")):
        prepare()
        yield


def measure_sweep(office: Office) -> list[Row]:
    """The sweep, on a ledger of its own."""
    with own_ledger(office, SWEPT):
        return sweep.measure()


def measure_bulletin(office: Office) -> list[Row]:
    """The bulletin, on a ledger of its own."""
    with own_ledger(office, REPORTED):
        return bulletin.measure()


def measure_files(office: Office) -> list[Row]:
    """Ledger files, each first import into a ledger of its own."""

    return ledger_files.measure(lambda: own_ledger(office, f"bench_files_{secrets.token_hex(4)}"))


WORKLOADS: tuple[Callable[[Office], list[Row]], ...] = (
    runs.measure,
    measure_sweep,
    measure_files,
    measure_bulletin,
    revisits.measure,
)
"""Each measures itself, its floor and, where there is one, the usual way in turns."""


def main() -> int:
    """Measure every workload, print the table, write `bench.json`."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    rows: list[Row] = []
    with scratch_office() as office:
        for measure in WORKLOADS:
            rows += measure(office)
    print(table(rows))
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps([row.as_json() for row in rows], indent=1))
    print(f"\nWritten to {OUTPUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
