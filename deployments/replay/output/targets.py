"""The final table's targets: reached or not, each with its fraction."""

from collections.abc import Iterator, Sequence

from deployments.replay.output.columns import table
from models.i18n import gettext as _
from tasks.campaigns.plan_page import pace
from tasks.campaigns.targets import TargetStanding


def target_table(standings: Sequence[TargetStanding]) -> str:
    """The targets of the whole city, or of one unit; of those of each county how many counties reached them."""
    rows = []
    for standing in standings:
        if standing.target.each_county:
            reached = f"{standing.reached}/{len(standing.units)}"
            done = standing.reached == len(standing.units)
            counties = _("%(goal)s in each county") % {"goal": standing.units[0].attained.goal_text}
            rows.append((standing.target.name, counties, reached, _("reached") if done else _("not everywhere")))
        else:
            attained = standing.units[0].attained
            rows.append((standing.target.name, attained.goal_text, attained.text, pace(attained, standing.clock)))
    return table((_("Target"), _("Goal"), _("Standing"), _("Reached or not")), rows)


def county_table(standings: Sequence[TargetStanding]) -> str:
    """Every county's standing in the targets each has to reach, with a tick where it has."""
    own = [standing for standing in standings if standing.target.each_county]
    heads = [
        _("County"),
        *(
            _("%(target)s (%(goal)s)") % {"target": standing.target.name, "goal": standing.units[0].attained.goal_text}
            for standing in own
        ),
    ]
    rows = [
        [
            lines[0].unit,
            *(
                f"{line.attained.part}/{line.attained.goal:.0f}{' ✓' if line.attained.is_reached else '  '}"
                for line in lines
            ),
        ]
        for lines in zip(*(standing.units for standing in own), strict=True)
    ]
    return table(heads, rows)


def leader_tables(standings: Sequence[TargetStanding]) -> Iterator[tuple[str, str]]:
    """Title and table of each target that is split over the responsible leaders."""
    for standing in standings:
        if standing.target.by_leader and standing.leaders:
            title = _("%(target)s: by responsible leader") % {"target": standing.target.name}
            heads = (_("Responsible leader"), standing.target.measure.label)
            rows = [
                (line.leader or _("(nobody)"), f"{line.attained.part}/{line.attained.whole}")
                for line in standing.leaders
            ]
            yield title, table(heads, rows)
