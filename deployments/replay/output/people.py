"""The final table's people: how diligent they were, and what came of it."""

from collections.abc import Callable
from datetime import date

from deployments.replay.checks.raw import Raw, Workdays
from deployments.replay.city.world import World
from deployments.replay.output.columns import table
from deployments.replay.output.work import mean_days, solved_in
from deployments.replay.people.cast import Diligence
from models.campaigns.rates import Rate
from models.i18n import gettext as _
from models.words import Role


def officer_table(world: World, raw: Raw, eve: date) -> str:
    """The assigned officers by diligence: their visits, what was raised over their heads, what became of projects."""
    items, raised, projects = raw["item"], raw["escalation"], raw["project"]
    visits = items[items.kind == "visit"]
    pressed = raised[raised.step != "reminder_before"].item_id
    to_leader = raised[raised.step == "leader"].item_id
    followed = projects[projects.ended_on.isna() | (projects.ended_on.fillna(eve) > eve)]

    def line(people: set[int]) -> tuple[str, ...]:
        own, theirs = visits[visits.owner_id.isin(people)], followed[followed.officer_id.isin(people)]
        made = own[own.result == "done"]
        return (
            str(len(made)),
            Rate(int((~made.id.isin(pressed)).sum()), len(made)).text,
            Rate(int(own.id.isin(to_leader).sum()), len(own)).text,
            Rate(int((theirs.stage == "landed").sum()), len(theirs)).text,
            Rate(int((theirs.stage == "exited").sum()), len(theirs)).text,
        )

    heads = (
        *(_("Officers"), _("People"), _("Visits made"), _("without being pressed")),
        *(_("Visits raised to the leader"), _("Projects landed"), _("Projects lost")),
    )
    return table(heads, _by_diligence(world, Role.OFFICER, line))


def leader_table(world: World, raw: Raw) -> str:
    """The responsible leaders by diligence: what was raised to them, what they answered."""
    asked = raw["escalation"][raw["escalation"].step == "leader"]

    def line(people: set[int]) -> tuple[str, ...]:
        own = asked[asked.recipient_id.isin(people)]
        answered = own[own.replied_at.notna() | own.acknowledged_at.notna()]
        return Rate(len(answered), len(own)).text, Rate(int(own.replied_at.notna().sum()), len(own)).text

    heads = (_("Responsible leaders"), _("People"), _("Acknowledged or answered"), _("Answered"))
    return table(heads, _by_diligence(world, Role.LEADER, line))


def unit_table(world: World, raw: Raw, workdays: Workdays) -> str:
    """The units with which problems lay, by how fast they solve them."""
    blockers = solved_in(raw, workdays)
    names = raw["unit"].set_index("id").name
    pace = blockers.recipient_unit_id.map(names).map(world.cast.solving)
    rows = []
    for diligence in (Diligence.PROMPT, Diligence.AVERAGE, Diligence.SLOW):
        own = blockers[pace == diligence]
        units = sum(pace is diligence for pace in world.cast.solving.values())
        took = [int(days) for days in own.took.dropna()]
        rows.append((diligence.label, str(units), Rate(int(own.is_resolved.sum()), len(own)).text, mean_days(took)))
    heads = (_("Units that must solve problems"), _("Units"), _("Resolved"), _("Mean working days to resolve"))
    return table(heads, rows)


def _by_diligence(world: World, role: Role, line: Callable[[set[int]], tuple[str, ...]]) -> list[tuple[str, ...]]:
    rows = []
    for diligence in Diligence:
        people = {number for number, name in world.names.items() if _is(world, name, role, diligence)}
        rows.append((diligence.label, str(len(people)), *line(people)))
    return rows


def _is(world: World, name: str, role: Role, diligence: Diligence) -> bool:
    player = world.cast.players.get(name)
    return player is not None and player.role is role and player.diligence is diligence
