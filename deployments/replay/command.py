"""`luodi replay`: the hundred days of 2013 in minutes."""

import argparse
import signal
import sys
from datetime import date, timedelta

from deployments import environment
from deployments.replay import DAYS, FEWEST, MOST
from deployments.replay.output.report import report_lines
from deployments.replay.play import Replay
from deployments.replay.scratch import scratch_ledger
from models.campaigns.hundred_days import hundred_days_of_2013
from models.i18n import gettext as _
from models.refusal import Refused
from tasks.ledger.office_time import day_of


class NotPlayable(ValueError):
    """The replay cannot be played as asked for: the message says what to change."""


def main(arguments: argparse.Namespace) -> int:
    until = last_day(arguments.days, arguments.until)
    if not FEWEST <= arguments.projects <= MOST:
        raise NotPlayable(_("--projects must be from %(least)s to %(most)s.") % {"least": FEWEST, "most": MOST})
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the scratch ledger is dropped all the same
    with scratch_ledger(environment.home(), keep=arguments.keep) as how_to_open:
        replay = Replay(arguments.seed, arguments.projects)
        for text in report_lines(replay, until, arguments.csv):
            print(text, flush=True)
    if arguments.keep:
        print(_("The ledger is kept. Open it by: %(command)s") % {"command": how_to_open}, file=sys.stderr)
    return 0


def last_day(days: int = DAYS, until: str = "") -> date:
    """The last day: `until` (ISO) or the last of so many days; NotPlayable outside the campaign."""
    plan = hundred_days_of_2013()
    try:
        day = day_of(until) if until else plan.starts_on + timedelta(days - 1)
    except Refused as problem:
        raise NotPlayable(str(problem)) from problem
    if not plan.starts_on <= day <= plan.ends_on:
        outside = _("The campaign lasts from %(first)s until %(last)s: %(day)s lies outside.")
        raise NotPlayable(outside % {"first": plan.starts_on, "last": plan.ends_on, "day": day})
    return day
