"""The tables a replay ends with, in Chinese or English."""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal

import pandas as pd

from deployments.replay.checks.raw import Raw, Workdays
from deployments.replay.city.opening import EVE
from deployments.replay.city.world import Deed, Journal, World
from deployments.replay.people.cast import Diligence
from deployments.replay.people.revisits import REVISITS, parts, visited
from models.campaigns.attainment import Attainment
from models.campaigns.rates import Rate, half_up
from models.i18n import gettext as _
from models.words import BlockerCategory, Role, Step
from tasks.campaigns.plan_page import pace
from tasks.campaigns.targets import TargetStanding
from tasks.documents.characters import width

Row = Sequence[str]


def table(heads: Row, rows: Sequence[Row]) -> str:
    """Rows below their heads, the first column to the left, the others to the right."""
    widths = [max(map(width, column)) for column in zip(heads, *rows, strict=True)]
    lines = [heads, ["-" * column_width for column_width in widths], *rows]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Row, widths: Sequence[int]) -> str:
    padding = [" " * (wide - width(cell)) for cell, wide in zip(cells, widths, strict=True)]
    others = (space + cell for space, cell in zip(padding[1:], cells[1:], strict=True))
    return "  ".join([cells[0] + padding[0], *others]).rstrip()


def target_table(standings: Sequence[TargetStanding]) -> str:
    """Every target; of those of each county, how many counties reached them."""
    rows = []
    for standing in standings:
        attained = standing.units[0].attained
        if standing.target.each_county:
            reached = f"{standing.reached}/{len(standing.units)}"
            is_done = standing.reached == len(standing.units)
            counties = _("%(goal)s in each county") % {"goal": attained.goal_text}
            rows.append((standing.target.name, counties, reached, _("reached") if is_done else _("not everywhere")))
        else:
            rows.append((standing.target.name, attained.goal_text, attained.text, pace(attained, standing.clock)))
    return table((_("Target"), _("Goal"), _("Standing"), _("Reached or not")), rows)


def county_table(standings: Sequence[TargetStanding]) -> str:
    """Every county's standing in the targets each has to reach, with a tick where it has."""
    own = [standing for standing in standings if standing.target.each_county]
    heads, columns = [_("County")], [[line.unit for line in standing.units] for standing in own[:1]]
    for standing in own:
        goal = standing.units[0].attained.goal_text
        heads.append(_("%(target)s (%(goal)s)") % {"target": standing.target.name, "goal": goal})
        columns.append([_with_tick(line.attained) for line in standing.units])
    return table(heads, list(zip(*columns, strict=True)))


def _with_tick(attained: Attainment) -> str:
    return f"{attained.part}/{attained.goal:.0f}{' ✓' if attained.is_reached else '  '}"


def leader_target_tables(standings: Sequence[TargetStanding]) -> Iterator[tuple[str, str]]:
    for standing in standings:
        if standing.target.by_leader and standing.leaders:
            title = _("%(target)s: by responsible leader") % {"target": standing.target.name}
            heads = (_("Responsible leader"), standing.target.measure.label)
            shares = [f"{line.attained.part}/{line.attained.whole}" for line in standing.leaders]
            names = [line.leader or _("(nobody)") for line in standing.leaders]
            yield title, table(heads, list(zip(names, shares, strict=True)))


def revisit_table(raw: Raw, day: date) -> str:
    """How many of the visits asked for were made while each campaign went on."""
    rows = []
    for revisit in REVISITS:
        name, deadline = revisit.terms.name, revisit.terms.deadline
        own = raw["revisit"][raw["revisit"].name == name]
        if len(own):
            closed_on, is_cancelled = own.closed_on.iloc[0], own.is_cancelled.iloc[0]
            end = _("cancelled on %(day)s") if is_cancelled else _("closed on %(day)s") if closed_on else _("open")
            made = (visited(part, closed_on or day).text for part in parts(own))
            rows.append((name, str(deadline), *made, end % {"day": closed_on}))
    heads = (_("Revisit campaign"), _("Due"), _("Projects visited"), _("Investors visited"), _("State"))
    return table(heads, rows) if rows else _("None was opened yet.")


def deed_table(journal: Journal, first: date, last: date) -> str:
    done = journal.counts(first, last)
    return table((_("What was done"), _("Number")), [(deed.label, str(done[deed])) for deed in Deed if done[deed]])


def step_table(raw: Raw) -> str:
    fired = raw["escalation"].step.value_counts()
    rows = [(step.label, str(fired.get(step.value, 0))) for step in Step]
    return table((_("Step"), _("Fired")), [*rows, (_("In all"), str(len(raw["escalation"])))])


def blocker_table(raw: Raw, workdays: Workdays) -> str:
    """Blockers by category, and how long those resolved took."""
    blockers = _blockers(raw, workdays)
    rows = [_blocker_row(word.label, blockers[blockers.category == word.value]) for word in BlockerCategory]
    heads = (_("Category"), _("Opened"), _("Resolved"), _("Open"), _("Closed otherwise"))
    shown = [*(row for row in rows if row[1] != "0"), _blocker_row(_("In all"), blockers)]
    return table((*heads, _("Mean working days to resolve")), shown)


def _blocker_row(label: str, own: pd.DataFrame) -> Row:
    resolved, still = int(own.is_resolved.sum()), int(own.closed_on.isna().sum())
    rate, otherwise = Rate(resolved, len(own)).text, len(own) - resolved - still
    return label, str(len(own)), rate, str(still), str(otherwise), _mean_days(own)


def _blockers(raw: Raw, workdays: Workdays) -> pd.DataFrame:
    """Every blocker with its item; `took`: working days from its opening through its resolution."""
    blockers = raw["blocker"].merge(raw["item"], left_on="item_id", right_on="id")
    is_resolved = blockers.result == "resolved"
    spans = zip(blockers.opened_on, blockers.closed_on, is_resolved, strict=True)
    took = [float(workdays.between(*span)) if resolved else math.nan for *span, resolved in spans]
    return blockers.assign(is_resolved=is_resolved, took=took)


def _mean_days(blockers: pd.DataFrame) -> str:
    """Mean working days to resolve, rounded as rates are; a dash if none was resolved."""
    took = [int(days) for days in blockers.took.dropna()]
    return str(half_up(Decimal(sum(took)) / len(took))) if took else "–"


def officer_table(world: World, raw: Raw) -> str:
    """The assigned officers by diligence: visits, what was raised over their heads, projects."""
    items, raised, projects = raw["item"], raw["escalation"], raw["project"]
    visits = items[items.kind == "visit"]
    pressed = raised[raised.step != "reminder_before"].item_id
    to_leader = raised[raised.step == "leader"].item_id
    followed = projects[projects.ended_on.fillna(date.max) > EVE]

    def line(people: set[int]) -> Row:
        own, theirs = visits[visits.owner_id.isin(people)], followed[followed.officer_id.isin(people)]
        made = own[own.result == "done"]
        return (
            str(len(made)),
            _rate(~made.id.isin(pressed)),
            _rate(own.id.isin(to_leader)),
            _rate(theirs.stage == "landed"),
            _rate(theirs.stage == "exited"),
        )

    heads = (_("Officers"), _("People"), _("Visits made"), _("without being pressed"), _("Visits raised to the leader"))
    return table((*heads, _("Projects landed"), _("Projects lost")), _by_diligence(world, Role.OFFICER, line))


def leader_table(world: World, raw: Raw) -> str:
    """The responsible leaders by diligence: what was raised to them, what they answered."""
    asked = raw["escalation"][raw["escalation"].step == "leader"]

    def line(people: set[int]) -> Row:
        own = asked[asked.recipient_id.isin(people)]
        return _rate(own.replied_at.notna() | own.acknowledged_at.notna()), _rate(own.replied_at.notna())

    heads = (_("Responsible leaders"), _("People"), _("Acknowledged or answered"), _("Answered"))
    return table(heads, _by_diligence(world, Role.LEADER, line))


def unit_table(world: World, raw: Raw, workdays: Workdays) -> str:
    """The units with which problems lay, by how fast they solve them."""
    blockers = _blockers(raw, workdays)
    names = raw["unit"].set_index("id").name
    pace_of = blockers.recipient_unit_id.map(names).map(world.cast.solving)
    rows = []
    for diligence in (Diligence.PROMPT, Diligence.AVERAGE, Diligence.SLOW):
        own = blockers[pace_of == diligence]
        units = sum(pace is diligence for pace in world.cast.solving.values())
        rows.append((diligence.label, str(units), _rate(own.is_resolved), _mean_days(own)))
    heads = (_("Units that must solve problems"), _("Units"), _("Resolved"), _("Mean working days to resolve"))
    return table(heads, rows)


def _rate(is_so: "pd.Series[bool]") -> str:
    return Rate(int(is_so.sum()), len(is_so)).text


def _by_diligence(world: World, role: Role, line: Callable[[set[int]], Row]) -> Sequence[Row]:
    players = {number: world.cast.players.get(name) for number, name in world.names.items()}
    of_role = {number: player.diligence for number, player in players.items() if player and player.role is role}
    rows = []
    for diligence in Diligence:
        people = {number for number, theirs in of_role.items() if theirs is diligence}
        rows.append((diligence.label, str(len(people)), *line(people)))
    return rows
