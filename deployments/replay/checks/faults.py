"""A day's checks: whatever they find wrong, in words."""

from collections.abc import Iterator, Sequence
from datetime import date

from deployments.replay.checks.heard import unheard
from deployments.replay.checks.history import gaps
from deployments.replay.checks.items import lost_items
from deployments.replay.checks.ladder_anew import Firing, must_fire, too_early
from deployments.replay.checks.rates import wrong_rates
from deployments.replay.checks.raw import Raw, Workdays
from deployments.replay.city.world import Today
from deployments.replay.output.journal import Deed
from deployments.replay.people.revisits import wrong_coverage
from models.i18n import gettext as _
from tasks.campaigns.targets import TargetStanding

# After these the inspection office hears before anybody else
OFFICE_FIRST = (Deed.PROMISED, Deed.INSTRUCTED, Deed.REOPENED)


def faults(
    today: Today, workdays: Workdays, before: Raw, after: Raw, standings: Sequence[TargetStanding]
) -> Iterator[str]:
    """What is wrong this evening; `before`: the tables as they were before the sweep."""
    world = today.world
    yield from lost_items(after)
    yield from _wrong_firings(before, after, workdays, today.day, is_swept=today.is_swept)
    first_at_office = world.journal.subjects(*OFFICE_FIRST) | world.owed_again
    yield from _named(_("Raised before its day: %(which)s"), too_early(after, workdays, first_at_office))
    yield from unheard(after, world)
    yield from wrong_rates(after, standings, today.day)
    yield from wrong_coverage(after, today.day)
    yield from gaps(world.journal, after, world.ended_before)


def _wrong_firings(before: Raw, after: Raw, workdays: Workdays, day: date, *, is_swept: bool) -> Iterator[str]:
    """Where the sweep fired something else than the rule, applied once more, says."""
    expected = must_fire(before, workdays, day) if is_swept else set()
    fired = _raised(after) - _raised(before)
    yield from _named(_("Should have been raised today and was not: %(which)s"), sorted(expected - fired))
    yield from _named(_("Raised today though nothing was due: %(which)s"), sorted(fired - expected))


def _raised(raw: Raw) -> set[Firing]:
    columns = raw["escalation"][["item_id", "round", "step"]]
    return {Firing._make(row) for row in columns.itertuples(index=False, name=None)}


def _named(text: str, firings: Sequence[Firing]) -> Iterator[str]:
    place = _("item %(item)s, round %(round)s, %(step)s")
    for firing in firings[:5]:
        yield text % {"which": place % {"item": firing.item_id, "round": firing.round, "step": firing.step}}
