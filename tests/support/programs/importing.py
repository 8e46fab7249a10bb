"""An import in a process of its own, which may be killed; what each needs is loaded once."""

import multiprocessing
import os
import time
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from tasks.database import engine
from tasks.imports.entering.import_file import import_ledger
from tasks.imports.reader import read_ledger

AS_OF = date(2013, 6, 9)
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tasks.imports.entering.import_file", "tasks.imports.reader"])


@dataclass(frozen=True)
class Import:
    """An import that has begun."""

    process: ForkServerProcess

    def kill(self) -> None:
        """Kill it with -9, wherever it is."""
        self.process.kill()
        self.process.join()

    def finish(self) -> float:
        """Let it finish; how long that took, in seconds."""
        begun = time.monotonic()
        self.process.join()
        assert self.process.exitcode == 0
        return time.monotonic() - begun


def start(workbook: Path) -> Import:
    """Start an import into the ledger of `LUODI_DATABASE_URL`, and wait until it begins."""
    begins, tells = PROCESSES.Pipe(duplex=False)
    process = PROCESSES.Process(target=_bring_in, args=(workbook, os.environ["LUODI_DATABASE_URL"], tells))
    process.start()
    tells.close()
    with begins:
        assert begins.recv() == "begun"
    return Import(process)


def _bring_in(workbook: Path, ledger_url: str, tells: Connection) -> None:
    os.environ["LUODI_DATABASE_URL"] = ledger_url
    with engine().connect(), tells:
        tells.send("begun")
    import_ledger(read_ledger(workbook), AS_OF)
