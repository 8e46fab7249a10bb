"""A worker that gives a visit's answer three seconds, then as many to end as it is told."""

import argparse
import sys
from pathlib import Path

from deployments import environment
from deployments.logs.records import Records, print_through

print_through(Records)
environment.enter()

# These import Prefect, which takes streams and settings as it finds them
from deployments import steps, worker  # noqa: E402
from deployments.entrypoints import entrypoints, flow_at  # noqa: E402
from tasks.ledger.questions import LIFECYCLE  # noqa: E402

parser = argparse.ArgumentParser()
parser.add_argument("patience", type=float)
parser.add_argument("--beat", type=Path)
arguments = parser.parse_args()
flow_at(entrypoints()[LIFECYCLE]).timeout_seconds = 3
steps.PATIENCE = arguments.patience
sys.exit(worker.main(arguments))
