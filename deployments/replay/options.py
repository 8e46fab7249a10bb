"""The options of `luodi replay`, apart from what plays it: the command line is read before anything is loaded."""

import argparse
from pathlib import Path

from models.i18n import gettext as _

PROJECTS, DAYS = 300, 100
# Projects on the eve: enough for every cohort, and no more than there are names for
FEWEST, MOST = 50, 3000


def add_options(command: argparse.ArgumentParser) -> None:
    """Let the command know them."""
    command.add_argument("--seed", type=int, default=1, help=_("another number plays another summer (1)"))
    command.add_argument("--days", type=int, default=DAYS, help=_("how many days from 9 June 2013 on (100)"))
    command.add_argument("--until", default="", help=_("the last day instead, like 2013-07-31"))
    command.add_argument("--projects", type=int, default=PROJECTS, help=_("projects in the ledger on the eve (300)"))
    command.add_argument("--csv", type=Path, default=None, help=_("write the landing rates by day to this file"))
    command.add_argument("--keep", action="store_true", help=_("keep the scratch ledger, to look at it in the UI"))
