"""What a replay prints: a line a week as it goes by, then the final tables."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from deployments.replay.output.curve import Point, drawn, points, write_csv
from deployments.replay.output.people import leader_table, officer_table, unit_table
from deployments.replay.output.targets import county_table, leader_tables, target_table
from deployments.replay.output.weeks import week_line
from deployments.replay.output.work import blocker_table, deed_table, step_table
from deployments.replay.people.revisits import revisit_table
from deployments.replay.play import Evening, Replay
from models.i18n import gettext as _

SUNDAY = 6


def report_lines(played: Replay, until: date, csv: Path | None = None) -> Iterator[str]:
    """Play until a day and tell of it; the same text for the same seed.

    Raises:
        ReplayFailed: on the first day on which something is wrong.
    """
    head = _("The hundred days of 2013, replayed: seed %(seed)s, %(projects)s projects on the eve, until %(until)s.")
    yield head % {"seed": played.world.seed, "projects": len(played.world.journal.entries), "until": until}
    curve: list[Point] = []
    first = played.plan.starts_on
    for evening in played.days(until):
        rates = list(points(evening.day, evening.standings))
        curve += rates
        if evening.day.weekday() == SUNDAY or evening.day == until:
            yield week_line(played.world, evening, first, rates)
            first = evening.day + timedelta(1)
        if evening.day == until:
            yield from _final(played, evening, curve)
    if csv:
        write_csv(csv, curve)


def _final(played: Replay, last: Evening, curve: list[Point]) -> Iterator[str]:
    shown = [day for day in dict.fromkeys(point.day for point in curve) if day.weekday() == SUNDAY or day == last.day]
    world, raw, workdays = played.world, last.raw, played.workdays
    sections = [
        (_("Landing rate"), drawn(curve, shown)),
        (_("Targets"), target_table(last.standings)),
        (_("Targets of each county"), county_table(last.standings)),
        *leader_tables(last.standings),
        (_("Revisit campaigns"), revisit_table(raw, last.day)),
        (_("What was done"), deed_table(world.journal, played.plan.starts_on, last.day)),
        (_("Steps of the ladder"), step_table(raw)),
        (_("Blockers"), blocker_table(raw, workdays)),
        (_("Diligence and results"), officer_table(world, raw, played.eve)),
        ("", leader_table(world, raw)),
        ("", unit_table(world, raw, workdays)),
    ]
    for title, text in sections:
        yield f"\n{title}\n\n{text}" if title else f"\n{text}"
    checked = _(
        "%(days)s days checked: no item was lost, none was raised before its day, every rate was recomputed, "
        "the figures of %(weeks)s weekly bulletins are the sums over their days."
    )
    yield "\n" + checked % {"days": (last.day - played.eve).days, "weeks": len(played.bulletins.issued)}
