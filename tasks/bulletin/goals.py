"""A bulletin's lines on targets: what is reached, its share of the goal, who is behind."""

from collections.abc import Sequence
from decimal import Decimal

from models.bulletin.figures import Figures, Goal, Share
from models.campaigns.rates import Rate, half_up
from models.i18n import enumerated
from models.i18n import gettext as _
from models.words import TargetMeasure
from tasks.documents.table import Cell, Column, Kind, Table
from tasks.documents.text import NOTHING


def goals(figures: Figures) -> Table[Goal]:
    """One row per target; of a target for each county, how many counties reached it."""
    gone = figures.drive.clock.time_gone if figures.drive.clock else None
    return Table(
        [
            Column("name", _("Target"), 38, value=lambda goal: goal.name),
            Column("goal", _("Goal"), 24, Kind.SHORT, _goal),
            Column("reached", _("Reached"), 28, Kind.SHORT, _reached),
            Column("done", _("Share of the goal"), 16, Kind.SHORT, lambda goal: f"{done(goal)}%"),
            Column("state", _("Against the time gone"), 26, Kind.SHORT, lambda goal: _state(goal, gone)),
            Column("detail", _("Who is behind; by leader"), 46, value=lambda goal: _detail(goal, gone)),
        ],
        figures.targets,
    )


def _is_for_each_county(goal: Goal) -> bool:
    return len(goal.lines) != 1


def _behind(goal: Goal, gone: Rate | None) -> Sequence[Share]:
    return [line for line in goal.lines if goal.attained(line).is_behind(gone)]


def _goal(goal: Goal) -> str:
    figure = f"{goal.goal.normalize():f}"
    if goal.measure is TargetMeasure.LANDING_RATE:
        return f"{figure}%"
    return (_("%(count)s in each county") if _is_for_each_county(goal) else _("%(count)s projects")) % {"count": figure}


def _reached(goal: Goal) -> Cell:
    if _is_for_each_county(goal):
        reached = sum(goal.attained(line).is_reached for line in goal.lines)
        return _("%(count)s of %(all)s counties") % {"count": reached, "all": len(goal.lines)}
    (line,) = goal.lines
    if goal.measure is TargetMeasure.LANDING_RATE:
        return Rate(line.part, line.whole)
    return _("%(count)s projects") % {"count": line.part}


def done(goal: Goal) -> Decimal:
    """Percent reached, at most 100; of a goal for each county, percent of the counties at it."""
    attained = [goal.attained(line) for line in goal.lines]
    if len(attained) == 1:
        share = attained[0].share * 100
        return half_up(Decimal(share.numerator) / share.denominator)
    percent = Rate(sum(county.is_reached for county in attained), len(attained)).percent
    return half_up(Decimal(0)) if percent is None else percent


def _state(goal: Goal, gone: Rate | None) -> str:
    if not goal.lines:
        return NOTHING
    if all(goal.attained(line).is_reached for line in goal.lines):
        return _("reached")
    behind = _behind(goal, gone)
    if behind and _is_for_each_county(goal):
        return _("%(count)s counties behind") % {"count": len(behind)}
    if behind:
        return _("behind by %(points)s points") % {"points": goal.attained(behind[0]).points_behind(gone)}
    return _("in step") if gone else NOTHING


def _detail(goal: Goal, gone: Rate | None) -> str:
    behind = _behind(goal, gone) if _is_for_each_county(goal) else []
    counties = [_of(line, has_whole=goal.measure is TargetMeasure.LANDING_RATE) for line in behind]
    leaders = [_of(line, has_whole=goal.measure is not TargetMeasure.SIGNED) for line in goal.leaders]
    return "\n".join(enumerated(names) for names in (counties, leaders) if names)


def _of(line: Share, *, has_whole: bool) -> str:
    """What a county or leader has reached; `has_whole` adds the whole."""
    name = line.name or _("nobody")
    if has_whole:
        return f"{name} {line.part}/{line.whole}"
    return _("%(unit)s %(count)s") % {"unit": name, "count": line.part}
