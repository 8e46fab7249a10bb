"""The final table's targets: reached or not, each with its fraction."""

from collections.abc import Iterator, Sequence

from deployments.replay.output.columns import table
from models.i18n import gettext as _
from tasks.campaigns.target_page import pace
from tasks.campaigns.targets import TargetStanding


def target_table(standings: Sequence[TargetStanding]) -> str:
    """The targets of the whole city, or of one unit; of those of each county how many counties reached them."""
    rows = []
    for each in standings:
        if each.target.each_county:
            reached = f"{each.reached}/{len(each.units)}"
            done = each.reached == len(each.units)
            counties = _("%(goal)s in each county") % {"goal": each.units[0].attained.goal_text}
            rows.append((each.target.name, counties, reached, _("reached") if done else _("not everywhere")))
        else:
            attained = each.units[0].attained
            rows.append((each.target.name, attained.goal_text, attained.text, pace(attained, each.clock)))
    return table((_("Target"), _("Goal"), _("Standing"), _("Reached or not")), rows)


def county_table(standings: Sequence[TargetStanding]) -> str:
    """Every county's standing in the targets each has to reach, with a tick where it has."""
    own = [each for each in standings if each.target.each_county]
    heads = [
        _("County"),
        *(
            _("%(target)s (%(goal)s)") % {"target": each.target.name, "goal": each.units[0].attained.goal_text}
            for each in own
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
        for lines in zip(*(each.units for each in own), strict=True)
    ]
    return table(heads, rows)


def leader_tables(standings: Sequence[TargetStanding]) -> Iterator[tuple[str, str]]:
    """Title and table of each target that is split over the responsible leaders."""
    for each in standings:
        if each.target.by_leader and each.leaders:
            title = _("%(target)s: by responsible leader") % {"target": each.target.name}
            heads = (_("Responsible leader"), each.target.measure.label)
            rows = [
                (line.leader or _("(nobody)"), f"{line.attained.part}/{line.attained.whole}") for line in each.leaders
            ]
            yield title, table(heads, rows)
