"""The landing-rate curve: each cohort of the campaign by day, against its target."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from deployments.replay.output.columns import bar
from models.campaigns.rates import Rate, half_up
from models.i18n import gettext as _
from models.words import TargetMeasure
from tasks.campaigns.targets import TargetStanding


class Point(NamedTuple):
    """A cohort's landing rate on the evening of a day."""

    day: date
    target: str
    rate: Rate
    goal: Decimal


def points(day: date, standings: Iterable[TargetStanding]) -> Iterator[Point]:
    """The day's rates."""
    for standing in standings:
        if standing.target.measure is TargetMeasure.LANDING_RATE:
            yield Point(day, standing.target.name, standing.total.rate, standing.target.goal)


def drawn(curve: Sequence[Point], days: Sequence[date]) -> str:
    """The curve of every cohort as bars, a line for each of the days."""
    parts = []
    for name in dict.fromkeys(point.target for point in curve):
        own = [point for point in curve if point.target == name and point.day in days]
        head = _("%(target)s, target %(goal)s%%") % {"target": name, "goal": half_up(own[0].goal)}
        parts += [head, *(f"{point.day}  {bar(point.rate, point.goal)}  {point.rate.text}" for point in own), ""]
    return "\n".join(parts).rstrip()


def write_csv(path: Path, curve: Sequence[Point]) -> None:
    """Write the curve by day, as a spreadsheet opens it."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        sheet = csv.writer(file)
        sheet.writerow([_("Day"), _("Target"), _("Landed"), _("Projects"), _("Per cent"), _("Goal, per cent")])
        for point in curve:
            rate = point.rate
            sheet.writerow([point.day, point.target, rate.part, rate.whole, rate.percent, half_up(point.goal)])
