"""How a bulletin tells of targets: what is reached, what share of the goal, who lags behind the time gone."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from models.bulletin.figures import Figures, Goal, Share
from models.campaigns.rates import Rate, half_up
from models.i18n import gettext as _
from models.words import TargetMeasure


def goal_rows(figures: Figures) -> list[Mapping[str, Any]]:
    """One row a target; one that every county has to reach by itself tells how many have."""
    gone = figures.drive.clock.time_gone if figures.drive.clock else None
    return [_row(goal, gone) for goal in figures.targets]


def _row(goal: Goal, gone: Rate | None) -> Mapping[str, Any]:
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


def _reached(goal: Goal, line: Share) -> Any:
    if goal.measure is TargetMeasure.LANDING_RATE:
        return Rate(line.part, line.whole)
    return _("%(count)s projects") % {"count": line.part}


def done(goal: Goal) -> Decimal:
    """Per cent of the goal that is reached, at most all of it; where every county has one, of the counties."""
    attained = [goal.attained(line) for line in goal.lines]
    if len(attained) == 1:
        share = attained[0].share * 100
        return half_up(Decimal(share.numerator) / share.denominator)
    percent = Rate(sum(each.is_reached for each in attained), len(attained)).percent
    return half_up(Decimal(0)) if percent is None else percent


def _state(goal: Goal, behind: Sequence[Share], gone: Rate | None) -> str:
    if not goal.lines:
        return "—"
    if all(goal.attained(line).is_reached for line in goal.lines):
        return _("reached")
    if len(behind) > 1 or (behind and len(goal.lines) > 1):
        return _("%(count)s counties behind") % {"count": len(behind)}
    if behind:
        return _("behind by %(points)s points") % {"points": goal.attained(behind[0]).points_behind(gone)}
    return _("in step") if gone else "—"


def _detail(goal: Goal, behind: Sequence[Share]) -> str:
    """Which counties are behind, with what they have; and how the projects are split over the leaders."""
    is_rate = goal.measure is TargetMeasure.LANDING_RATE
    counties = [_of(line, has_whole=is_rate) for line in behind]
    leaders = [_of(line, has_whole=goal.measure is not TargetMeasure.SIGNED) for line in goal.leaders]
    return "\n".join(_(", ").join(each) for each in (counties, leaders) if each)


def _of(line: Share, *, has_whole: bool) -> str:
    """What one has; the whole beside it, unless a reader would take it for the goal."""
    name = line.name or _("nobody")
    if has_whole:
        return f"{name} {line.part}/{line.whole}"
    return _("%(unit)s %(count)s") % {"unit": name, "count": line.part}
