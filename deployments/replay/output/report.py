"""What a replay prints: a line a week, then the landing-rate curve and the final tables."""

import csv
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from deployments.replay.city.opening import EVE
from deployments.replay.city.world import Deed, World
from deployments.replay.output import tables
from deployments.replay.play import Evening, Replay
from models.campaigns.rates import Rate, half_up
from models.i18n import gettext as _
from models.words import TargetMeasure

SUNDAY = 6
BAR = 50  # signs of a whole bar: two per cent each
FULL, EMPTY, GOAL = "█", "░", "┃"


class Point(NamedTuple):
    day: date
    target: str
    rate: Rate
    goal: Decimal


def report_lines(played: Replay, until: date, csv_path: Path | None = None) -> Iterator[str]:
    """Play until a day and report it, alike for a seed; ReplayFailed if something is wrong."""
    head = _("The hundred days of 2013, replayed: seed %(seed)s, %(projects)s projects on the eve, until %(until)s.")
    yield head % {"seed": played.world.seed, "projects": len(played.world.journal.lines), "until": until}
    curve: list[Point] = []
    first = played.plan.starts_on
    for evening in played.days(until):
        rates = _points(evening)
        curve += rates
        if evening.day.weekday() == SUNDAY or evening.day == until:
            yield _week_line(played.world, evening, first, rates)
            first = evening.day + timedelta(1)
        if evening.day == until:
            yield from _final(played, evening, curve)
    if csv_path:
        _write_csv(csv_path, curve)


def _points(evening: Evening) -> list[Point]:
    rates = [own for own in evening.standings if own.target.measure is TargetMeasure.LANDING_RATE]
    return [Point(evening.day, own.target.name, own.total.rate, own.target.goal) for own in rates]


def _week_line(world: World, evening: Evening, first: date, rates: Sequence[Point]) -> str:
    """What happened from `first` through the evening's day, and how the cohorts stand."""
    done = world.journal.counts(first, evening.day)
    escalations, clock = evening.raw["escalation"], evening.clock
    raised = escalations[escalations.raised_on.between(first, evening.day)].step
    days = str(first)
    if first != evening.day:
        days = _("%(first)s to %(last)s") % {"first": first, "last": evening.day}
    figures = {
        "week": days,
        "day": clock.day_no,
        "days": clock.days,
        "signed": done[Deed.SIGNED],
        "visited": done[Deed.VISITED],
        "opened": done[Deed.OPENED],
        "resolved": done[Deed.RESOLVED],
        "raised": len(raised),
        "leader": int((raised == "leader").sum()),
        "office": int(raised.str.startswith("office").sum()),
        "landed": done[Deed.LANDED],
        "lost": done[Deed.LOST],
        "rates": _("; ").join(f"{point.target} {point.rate.text}" for point in rates),
    }
    line = _(
        "%(week)s, day %(day)s of %(days)s: %(signed)s signed, %(visited)s visits, blockers +%(opened)s "
        "−%(resolved)s, %(raised)s steps fired (%(leader)s to leaders, %(office)s to the inspection office), "
        "%(landed)s landed, %(lost)s lost. %(rates)s"
    )
    return line % figures


def _final(played: Replay, last: Evening, curve: list[Point]) -> Iterator[str]:
    world, raw, workdays, standings = played.world, last.raw, played.workdays, last.standings
    sections = [
        (_("Landing rate"), _drawn(curve, last.day)),
        (_("Targets"), tables.target_table(standings)),
        (_("Targets of each county"), tables.county_table(standings)),
        *tables.leader_target_tables(standings),
        (_("Revisit campaigns"), tables.revisit_table(raw, last.day)),
        (_("What was done"), tables.deed_table(world.journal, played.plan.starts_on, last.day)),
        (_("Steps of the ladder"), tables.step_table(raw)),
        (_("Blockers"), tables.blocker_table(raw, workdays)),
        (_("Diligence and results"), tables.officer_table(world, raw)),
        ("", tables.leader_table(world, raw)),
        ("", tables.unit_table(world, raw, workdays)),
    ]
    for title, text in sections:
        yield f"\n{title}\n\n{text}" if title else f"\n{text}"
    checked = _(
        "%(days)s days checked: no item was lost, none was raised before its day, every rate was recomputed, "
        "the figures of %(weeks)s weekly bulletins are the sums over their days."
    )
    yield "\n" + checked % {"days": (last.day - EVE).days, "weeks": len(played.bulletins.issued)}


def _drawn(curve: Sequence[Point], last: date) -> str:
    """The curve of every cohort as bars, a line for each Sunday and the last day."""
    shown = [point for point in curve if point.day.weekday() == SUNDAY or point.day == last]
    parts = []
    for name in dict.fromkeys(point.target for point in shown):
        own = [point for point in shown if point.target == name]
        head = _("%(target)s, target %(goal)s%%") % {"target": name, "goal": half_up(own[0].goal)}
        parts.append("\n".join([head, *(f"{point.day}  {_bar(point)}  {point.rate.text}" for point in own)]))
    return "\n\n".join(parts)


def _bar(point: Point) -> str:
    """A rate as a bar, with a stroke where its goal is."""
    full = point.rate.part * BAR // point.rate.whole if point.rate.whole else 0
    goal = int(point.goal * BAR / 100)
    filled = FULL * full + EMPTY * (BAR - full)
    return filled[:goal] + GOAL + filled[goal:]


def _write_csv(path: Path, curve: Sequence[Point]) -> None:
    """Write the curve by day, as a spreadsheet opens it."""
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        sheet = csv.writer(file)
        sheet.writerow([_("Day"), _("Target"), _("Landed"), _("Projects"), _("Per cent"), _("Goal, per cent")])
        for point in curve:
            rate = point.rate
            sheet.writerow([point.day, point.target, rate.part, rate.whole, rate.percent, half_up(point.goal)])
