"""How targets stand, in Markdown tables: the fraction, what is missing, and how far behind."""

from collections.abc import Iterable, Sequence

from models.campaigns.attainment import Attainment
from models.campaigns.clock import CampaignClock
from models.i18n import gettext as _
from tasks.campaigns.targets import OfLeader, OfUnit, TargetStanding
from tasks.documents.markdown import table

Line = tuple[str, ...]


def clock_line(clock: CampaignClock | None) -> str:
    """The campaign's clock in a sentence; '' for a campaign without an end."""
    if clock is None:
        return ""
    sentence = _("Day %(day_no)s of %(days)s; %(gone)s of %(working_days)s working days are gone, %(left)s are left.")
    return sentence % {
        "day_no": clock.day_no,
        "days": clock.days,
        "gone": clock.working_days_gone,
        "working_days": clock.working_days,
        "left": clock.working_days_left,
    }


def target_tables(standings: Sequence[TargetStanding]) -> list[str]:
    """A table of the targets, with a line per county where needed, and the splits over leaders."""
    heads = (_("Target"), _("Unit"), _("Goal"), _("Reached"), _("Still missing"), _("Against the time gone"))
    rows = [_line(standing, line) for standing in standings for line in standing.units]
    return [table(heads, rows), *_splits(standings)]


def _line(standing: TargetStanding, line: OfUnit) -> Line:
    attained = line.attained
    return (
        standing.target.name,
        line.unit or _("Whole city"),
        attained.goal_text,
        attained.text,
        str(attained.missing) if attained.missing else "",
        pace(attained, standing.clock),
    )


def pace(attained: Attainment, clock: CampaignClock | None) -> str:
    """Whether a target is reached, in time, or how many points behind the time gone."""
    if attained.has_nothing_to_reach:
        return _("no project in the cohort")
    if attained.is_reached:
        return _("reached")
    gone = clock.time_gone if clock else None
    if attained.is_behind(gone):
        return _("%(points)s points behind") % {"points": attained.points_behind(gone)}
    return _("in time")


def _splits(standings: Iterable[TargetStanding]) -> Iterable[str]:
    for standing in standings:
        if standing.target.by_leader:
            title = _("%(target)s: by responsible leader") % {"target": standing.target.name}
            heads = (_("Responsible leader"), _("Unit"), standing.target.measure.label, _("Projects it is about"))
            yield f"### {title}"
            yield table(heads, [_share(line) for line in standing.leaders]) if standing.leaders else _("Nothing.")


def _share(line: OfLeader) -> Line:
    return line.leader or _("(nobody)"), line.unit, line.attained.text, str(line.attained.whole)
