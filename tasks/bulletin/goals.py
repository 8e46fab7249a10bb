"""A bulletin's lines on targets: what is reached, its share of the goal, who is behind."""

from collections.abc import Sequence
from decimal import Decimal

from models.bulletin.figures import Figures, Goal, Share
from models.campaigns.rates import Rate, half_up
from models.i18n import gettext as _
from models.words import TargetMeasure
from tasks.documents.table import Cell, Cells
from tasks.documents.text import NOTHING


def goal_rows(figures: Figures) -> list[Cells]:
    """One row per target; of a target for each county, how many counties reached it."""
    gone = figures.drive.clock.time_gone if figures.drive.clock else None
    return [_row(goal, gone) for goal in figures.targets]


def _row(goal: Goal, gone: Rate | None) -> Cells:
    each_county = len(goal.lines) != 1
    behind = [line for line in goal.lines if goal.attained(line).is_behind(gone)]
    return {
        "name": goal.name,
        "goal": _goal(goal, each_county=each_county),
        "reached": _counties(goal) if each_county else _reached(goal, goal.lines[0]),
        "done": f"{done(goal)}%",
        "state": _state(goal, behind, gone),
        "detail": _detail(goal, behind if each_county else []),
    }


def _goal(goal: Goal, *, each_county: bool) -> str:
    figure = f"{goal.goal.normalize():f}"
    if goal.measure is TargetMeasure.LANDING_RATE:
        return f"{figure}%"
    return (_("%(count)s in each county") if each_county else _("%(count)s projects")) % {"count": figure}


def _counties(goal: Goal) -> str:
    reached = sum(goal.attained(line).is_reached for line in goal.lines)
    return _("%(count)s of %(all)s counties") % {"count": reached, "all": len(goal.lines)}


def _reached(goal: Goal, line: Share) -> Cell:
    if goal.measure is TargetMeasure.LANDING_RATE:
        return Rate(line.part, line.whole)
    return _("%(count)s projects") % {"count": line.part}


def done(goal: Goal) -> Decimal:
    """Percent reached, at most 100; for per-county goals, percent of counties that reached theirs."""
    attained = [goal.attained(line) for line in goal.lines]
    if len(attained) == 1:
        share = attained[0].share * 100
        return half_up(Decimal(share.numerator) / share.denominator)
    percent = Rate(sum(county.is_reached for county in attained), len(attained)).percent
    return half_up(Decimal(0)) if percent is None else percent


def _state(goal: Goal, behind: Sequence[Share], gone: Rate | None) -> str:
    if not goal.lines:
        return NOTHING
    if all(goal.attained(line).is_reached for line in goal.lines):
        return _("reached")
    if len(behind) > 1 or (behind and len(goal.lines) > 1):
        return _("%(count)s counties behind") % {"count": len(behind)}
    if behind:
        return _("behind by %(points)s points") % {"points": goal.attained(behind[0]).points_behind(gone)}
    return _("in step") if gone else NOTHING


def _detail(goal: Goal, behind: Sequence[Share]) -> str:
    """The counties that are behind, and the split over the leaders."""
    is_rate = goal.measure is TargetMeasure.LANDING_RATE
    counties = [_of(line, has_whole=is_rate) for line in behind]
    leaders = [_of(line, has_whole=goal.measure is not TargetMeasure.SIGNED) for line in goal.leaders]
    return "\n".join(_(", ").join(names) for names in (counties, leaders) if names)


def _of(line: Share, *, has_whole: bool) -> str:
    """What a county or leader has reached; `has_whole` adds the whole."""
    name = line.name or _("nobody")
    if has_whole:
        return f"{name} {line.part}/{line.whole}"
    return _("%(unit)s %(count)s") % {"unit": name, "count": line.part}
