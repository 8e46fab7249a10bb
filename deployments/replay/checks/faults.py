"""A day's checks: whatever they find wrong, in words."""

from collections.abc import Iterator, Sequence
from datetime import date

import pandas as pd
from sqlalchemy import text

from deployments.replay.checks.ladder_anew import STEPS, Firing, must_fire, rung_of, too_early
from deployments.replay.checks.rates import wrong_rates
from deployments.replay.checks.raw import Raw, Workdays, rows
from deployments.replay.city.world import Deed, Today, World
from deployments.replay.people.cast import AWAY_FROM, AWAY_UNTIL
from deployments.replay.people.revisits import wrong_coverage
from models.i18n import gettext as _
from tasks.campaigns.targets import TargetStanding
from tasks.database import snapshot

SHOWN = 5
# After these the inspection office hears before anybody else
OFFICE_FIRST = (Deed.PROMISED, Deed.INSTRUCTED, Deed.REOPENED)
HISTORY = """
SELECT table_name, CASE WHEN column_name IS NULL THEN '' ELSE new #>> '{}' END AS what, count(*) FROM change
WHERE column_name IS NULL AND table_name IN ('project', 'visit')
   OR column_name = 'stage' AND table_name = 'project' AND new #>> '{}' IN ('landed', 'exited')
GROUP BY 1, 2
"""


def faults(
    today: Today, workdays: Workdays, before: Raw, after: Raw, standings: Sequence[TargetStanding]
) -> Iterator[str]:
    """What is wrong this evening; `before`: the tables as they were before the sweep."""
    world = today.world
    yield from _lost_items(after)
    yield from _clocks(after)
    yield from _fired_steps(after)
    yield from _wrong_firings(before, after, workdays, today)
    first_at_office = world.journal.subjects(*OFFICE_FIRST) | world.owed_again
    yield from _firings(_("Raised before its day: %(which)s"), too_early(after, workdays, first_at_office))
    yield from _unheard(after, world)
    yield from wrong_rates(after, standings, today.day)
    yield from wrong_coverage(after, today.day)
    yield from _gaps(after, world)


def _lost_items(raw: Raw) -> Iterator[str]:
    """Open projects without their visit, ended ones that owe something, notices in no digest."""
    items, projects = raw["item"], raw["project"]
    opened = items[items.closed_on.isna()]
    owing = opened[opened.kind == "visit"].groupby("project_id").size()
    running = projects.set_index("id")[["code", "stage"]]
    running["owed"] = owing.reindex(running.index).fillna(0)
    goes_on = running.stage.isin(["signed", "follow_up"])
    lacking = running[goes_on & (running.owed != 1)]
    yield from _these(_("An open project does not owe exactly one visit: %(which)s"), lacking.code)
    ended = opened[opened.project_id.isin(running.index[~goes_on])]
    yield from _these(_("Something is owed on a project that has ended; item %(which)s"), ended.id)
    if len(raw["waiting"]):
        yield _("%(count)s notices were not gathered into anybody's digest.") % {"count": len(raw["waiting"])}


def _clocks(raw: Raw) -> Iterator[str]:
    """Open items whose clock neither runs nor stands still for a reason."""
    opened = raw["item"][raw["item"].closed_on.isna()]
    is_paused = opened.is_paused.astype(bool)
    stopped = opened[~is_paused & opened.next_step.isna() & (opened.fired_step != STEPS[-1])]
    yield from _these(_("An open item has no next step, without being on hold; item %(which)s"), stopped.id)
    unlike = opened[is_paused != opened.id.isin(raw["pause"].item_id)]
    yield from _these(_("An item is on hold without a pause, or the other way round; item %(which)s"), unlike.id)


def _fired_steps(raw: Raw) -> Iterator[str]:
    """What the items say has fired against what the escalations say."""
    raised = raw["escalation"]
    twice = raised[raised.duplicated(["item_id", "round", "step"])]
    yield from _these(_("A step was fired twice in one round; item %(which)s"), twice.item_id)
    highest = raised.assign(rung=raised.step.map(rung_of)).sort_values("rung").groupby(["item_id", "round"]).tail(1)
    both = raw["item"].merge(highest, how="left", left_on=["id", "round"], right_on=["item_id", "round"])
    is_other_step = both.fired_step.fillna("") != both.step.fillna("")
    is_other_day = both.fired_on.fillna("") != both.raised_on.fillna("")
    unlike = both[is_other_step | is_other_day]
    yield from _these(_("An item does not know the step that fired last; item %(which)s"), unlike.id_x)
    numbers = raised.document_no.dropna().sort_values().to_list()
    if numbers != list(range(1, len(numbers) + 1)):
        yield _("The supervision notices are not numbered without gaps.")


def _these(message: str, which: "pd.Series[int] | pd.Series[str]") -> Iterator[str]:
    if len(which):
        more = " …" if len(which) > SHOWN else ""
        yield message % {"which": ", ".join(map(str, which.to_list()[:SHOWN])) + more}


def _wrong_firings(before: Raw, after: Raw, workdays: Workdays, today: Today) -> Iterator[str]:
    """Where the sweep fired something else than the rule, applied once more, says."""
    expected = must_fire(before, workdays, today.day) if today.is_swept else set()
    fired = _raised(after) - _raised(before)
    yield from _firings(_("Should have been raised today and was not: %(which)s"), sorted(expected - fired))
    yield from _firings(_("Raised today though nothing was due: %(which)s"), sorted(fired - expected))


def _raised(raw: Raw) -> set[Firing]:
    return set(map(Firing._make, rows(raw["escalation"], Firing._fields)))


def _firings(message: str, firings: Sequence[Firing]) -> Iterator[str]:
    place = _("item %(item)s, round %(round)s, %(step)s")
    for firing in firings[:SHOWN]:
        yield message % {"which": place % {"item": firing.item_id, "round": firing.round, "step": firing.step}}


def _unheard(raw: Raw, world: World) -> Iterator[str]:
    """Steps raised to a leader that reached neither them nor, while they are away, the delegate."""
    raised = raw["escalation"][raw["escalation"].step == "leader"]
    raised = raised.merge(raw["item"][["id", "leader_id"]], left_on="item_id", right_on="id")
    if nobody := int(raised.recipient_id.isna().sum()):
        yield _("%(count)s matters raised to a leader have reached nobody.") % {"count": nobody}
    of_the_one_away = raised[raised.leader_id.map(world.names) == world.cast.away]
    was_away = of_the_one_away.raised_on.between(AWAY_FROM, AWAY_UNTIL)
    expected = was_away.map({True: world.cast.delegate, False: world.cast.away})
    if wrong := int((of_the_one_away.recipient_id.map(world.names) != expected).sum()):
        yield _("%(count)s matters did not reach who acted for the leader on their day.") % {"count": wrong}


def _gaps(raw: Raw, world: World) -> Iterator[str]:
    """Where history or a table has another number than what the simulated people did."""
    done = world.journal.counts(date.min, date.max)
    raised = done[Deed.RAISED] + done[Deed.HEARD]
    ended = {
        "landed": done[Deed.LANDED] + world.ended_before["landed"],
        "exited": done[Deed.LOST] + world.ended_before["exited"],
    }
    expected = {("project", ""): done[Deed.SIGNED], ("visit", ""): done[Deed.VISITED]}
    expected |= {("project", stage): count for stage, count in ended.items()}
    with snapshot() as session:
        recorded = {(row[0], row[1]): row[2] for row in session.execute(text(HISTORY))}
    for (table, what), count in expected.items():
        there = recorded.get((table, what), 0)
        if there != count:
            message = _("History has %(there)s entries of “%(table)s %(what)s”, the replay made %(count)s.")
            yield message % {"there": there, "table": table, "what": what, "count": count}
    if len(raw["escalation"]) != raised:
        message = _("The ledger holds %(there)s escalations, %(count)s were raised.")
        yield message % {"there": len(raw["escalation"]), "count": raised}
    stages = raw["project"].stage.value_counts()
    for stage, count in ended.items():
        there = stages.get(stage, 0)
        if there != count:
            message = _("The ledger calls %(there)s projects “%(stage)s”, the replay made %(count)s.")
            yield message % {"there": there, "stage": stage, "count": count}
