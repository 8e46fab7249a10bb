"""Checks that what is raised to a leader reaches them, or whoever acts for them while they are away."""

from collections.abc import Iterator

from deployments.replay.checks.raw import Raw
from deployments.replay.city.world import World
from deployments.replay.people.cast import AWAY_FROM, AWAY_UNTIL
from models.i18n import gettext as _


def unheard(raw: Raw, world: World) -> Iterator[str]:
    """Steps raised to a leader that reached nobody, or the wrong one of the two while one leader was away."""
    raised = raw["escalation"][raw["escalation"].step == "leader"]
    raised = raised.merge(raw["item"][["id", "leader_id"]], left_on="item_id", right_on="id")
    if nobody := int(raised.recipient_id.isna().sum()):
        yield _("%(count)s matters raised to a leader have reached nobody.") % {"count": nobody}
    of_the_one_away = raised[raised.leader_id.map(world.names) == world.cast.away]
    was_away = of_the_one_away.raised_on.between(AWAY_FROM, AWAY_UNTIL)
    heard = of_the_one_away.recipient_id.map(world.names)
    expected = was_away.map({True: world.cast.delegate, False: world.cast.away})
    if wrong := int((heard != expected).sum()):
        yield _("%(count)s matters did not reach who acted for the leader on their day.") % {"count": wrong}
