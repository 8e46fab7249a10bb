"""Checks that no item is lost: whatever is open has a clock that runs, or stands still for a reason."""

from collections.abc import Iterator

import pandas as pd

from deployments.replay.checks.ladder_anew import STEPS, rung_of
from deployments.replay.checks.raw import Raw
from models.i18n import gettext as _

SHOWN = 5


def lost_items(raw: Raw) -> Iterator[str]:
    """What is wrong with the items, in words."""
    items, projects = raw["item"], raw["project"]
    is_open = items.closed_on.isna()
    owing = items[is_open & (items.kind == "visit")].groupby("project_id").size()
    running = projects.set_index("id")[["code", "stage"]]
    running["owed"] = owing.reindex(running.index).fillna(0)
    goes_on = running.stage.isin(["signed", "follow_up"])
    yield from _told(
        _("An open project does not owe exactly one visit: %(which)s"), running[goes_on & (running.owed != 1)].code
    )
    ended = items[is_open & items.project_id.isin(running.index[~goes_on])]
    yield from _told(_("Something is owed on a project that has ended; item %(which)s"), ended.id)
    yield from _clocks(items[is_open], set(raw["pause"].item_id))
    yield from _fired(raw)


def _clocks(opened: pd.DataFrame, paused: set[int]) -> Iterator[str]:
    is_paused = opened.is_paused.astype(bool)
    has_ended = opened.fired_step == STEPS[-1]
    stopped = opened[~is_paused & opened.next_step.isna() & ~has_ended]
    yield from _told(_("An open item has no next step, without being on hold; item %(which)s"), stopped.id)
    unlike = opened[is_paused != opened.id.isin(paused)]
    yield from _told(_("An item is on hold without a pause, or the other way round; item %(which)s"), unlike.id)


def _fired(raw: Raw) -> Iterator[str]:
    """What the items say has fired against what the escalations say."""
    raised = raw["escalation"]
    twice = raised[raised.duplicated(["item_id", "round", "step"])]
    yield from _told(_("A step was fired twice in one round; item %(which)s"), twice.item_id)
    highest = raised.assign(rung=raised.step.map(rung_of)).sort_values("rung").groupby(["item_id", "round"]).tail(1)
    both = raw["item"].merge(highest, how="left", left_on=["id", "round"], right_on=["item_id", "round"])
    differs = both[
        (both.fired_step.fillna("") != both.step.fillna("")) | (both.fired_on.fillna("") != both.raised_on.fillna(""))
    ]
    yield from _told(_("An item does not know the step that fired last; item %(which)s"), differs.id_x)
    numbers = raised.document_no.dropna().sort_values().to_list()
    if numbers != list(range(1, len(numbers) + 1)):
        yield _("The supervision notices are not numbered without gaps.")
    if len(raw["waiting"]):
        yield _("%(count)s notices were not gathered into anybody's digest.") % {"count": len(raw["waiting"])}


def _told(text: str, which: "pd.Series[int] | pd.Series[str]") -> Iterator[str]:
    if len(which):
        more = " …" if len(which) > SHOWN else ""
        yield text % {"which": ", ".join(map(str, which.to_list()[:SHOWN])) + more}
