"""`luodi doctor`: prints every finding, part by part."""

import argparse
import os
import sys
import time
from collections.abc import Sequence

import psutil

from deployments.doctor import desk, home, ladder, ledger, notices, people, pool, registered, runs, server, workdays
from deployments.doctor.examination import LEAST_PATIENCE, WHOLE_PATIENCE, Check, examine
from models.i18n import mark

LEDGER = Check(mark("the ledger database"), ledger.database)
SERVER = Check(mark("the Prefect server"), server.server)
LEDGER_CHECKS = tuple(
    Check(subject, look, (LEDGER,))
    for subject, look in (
        (mark("the database's shape"), ledger.shape),
        (mark("the database's character type"), ledger.character_types),
        (mark("whether the ledger takes changes"), ledger.changes),
        (mark("the database's connections"), ledger.connections),
        (mark("the database's clock"), ledger.clock),
        (mark("the working calendar"), workdays.calendar),
        (mark("responsible leaders"), people.leaders),
        (mark("the inspection office"), people.inspection),
        (mark("the inspection office's leader"), people.inspection_leader),
        (mark("the commerce bureau"), people.last_resort),
        (mark("matters that reach nobody"), people.unheard),
        (mark("sweeps"), ladder.sweeps),
        (mark("answers"), ladder.answers),
        (mark("messages"), notices.deliveries),
        (mark("notices"), notices.waiting),
    )
)
SERVER_CHECKS = tuple(
    Check(subject, look, (SERVER,))
    for subject, look in (
        (mark("deployments"), registered.deployments),
        (mark("schedules"), registered.schedules),
        (mark("the work pool"), pool.pool),
        (mark("workers"), pool.workers),
        (mark("late runs"), runs.late),
        (mark("runs that are stuck"), runs.stuck),
        (mark("the last runs"), runs.last_runs),
    )
)
BOTH = (LEDGER, SERVER)
CHECKS = (
    LEDGER,
    *LEDGER_CHECKS,
    SERVER,
    *SERVER_CHECKS,
    Check(mark("runs that wait for answers"), runs.waiting, BOTH),
    Check(mark("channels"), notices.channels, BOTH),
    Check(mark("the desk"), desk.desk),
    Check(mark("the disk"), home.disk),
    Check(mark("who may write in the home"), home.writable),
    Check(mark("the room for files"), home.room),
    Check(mark("workbooks that came back"), home.rejects),
)


def main(_arguments: argparse.Namespace) -> int:
    """Print every finding; 1 when something is wrong."""
    since_start = time.time() - psutil.Process().create_time()
    status = report(CHECKS, max(WHOLE_PATIENCE - since_start, LEAST_PATIENCE))
    sys.stdout.flush()
    os._exit(status)  # nothing here is left to close, and a thread that hangs must not keep us


def report(checks: Sequence[Check], patience: float) -> int:
    is_wrong = False
    for finding in examine(checks, patience):
        print(f"{finding.level} {finding.what}", flush=True)
        if finding.remedy:
            print(f"  → {finding.remedy}", flush=True)
        is_wrong |= finding.is_wrong
    return int(is_wrong)
