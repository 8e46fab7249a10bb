"""A line a week: what was done, and how the cohorts stand."""

from collections.abc import Sequence
from datetime import date

from deployments.replay.city.world import World
from deployments.replay.output.curve import Point
from deployments.replay.output.journal import Deed
from deployments.replay.play import Evening
from models.i18n import gettext as _


def week_line(world: World, evening: Evening, first: date, rates: Sequence[Point]) -> str:
    """What happened from `first` through the evening's day."""
    done = world.journal.counts(first, evening.day)
    escalations, clock = evening.raw["escalation"], evening.clock
    raised = escalations[escalations.raised_on.between(first, evening.day)].step
    figures = {
        "week": str(first)
        if first == evening.day
        else _("%(first)s to %(last)s") % {"first": first, "last": evening.day},
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
    return (
        _(
            "%(week)s, day %(day)s of %(days)s: %(signed)s signed, %(visited)s visits, blockers +%(opened)s "
            "−%(resolved)s, %(raised)s steps fired (%(leader)s to leaders, %(office)s to the inspection office), "
            "%(landed)s landed, %(lost)s lost. %(rates)s"
        )
        % figures
    )
