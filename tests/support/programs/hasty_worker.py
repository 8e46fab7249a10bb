"""A worker that gives a visit's answer three seconds, then as many to end as it is told."""

import sys

from deployments import cli, lanes, steps
from tasks.ledger.questions import LIFECYCLE

lanes.LANES[LIFECYCLE] = lanes.Lane(threads=2, minutes=3 / 60)
_name, patience, *options = sys.argv
steps.PATIENCE = float(patience)
sys.argv[1:] = ["worker", *options]
cli.main()
