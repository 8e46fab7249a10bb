"""The final table's work: what the ladder fired, and what became of the blockers."""

import math
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pandas as pd

from deployments.replay.checks.raw import Raw, Workdays
from deployments.replay.output.columns import table
from deployments.replay.output.journal import Deed, Journal
from models.campaigns.rates import Rate, half_up
from models.i18n import gettext as _
from models.words import BlockerCategory, Step


def deed_table(journal: Journal, first: date, last: date) -> str:
    """What people did in the campaign, and how often."""
    done = journal.counts(first, last)
    return table((_("What was done"), _("Number")), [(deed.label, str(done[deed])) for deed in Deed if done[deed]])


def step_table(raw: Raw) -> str:
    """How often each step of the ladder fired."""
    fired = raw["escalation"].step.value_counts()
    rows = [(step.label, str(fired.get(step.value, 0))) for step in Step]
    return table((_("Step"), _("Fired")), [*rows, (_("In all"), str(len(raw["escalation"])))])


def blocker_table(raw: Raw, workdays: Workdays) -> str:
    """Blockers by category: opened, resolved, open, closed otherwise, and how long those resolved took."""
    blockers = solved_in(raw, workdays)
    rows = [_line(word.label, blockers[blockers.category == word.value]) for word in BlockerCategory]
    heads = (
        _("Category"),
        _("Opened"),
        _("Resolved"),
        _("Open"),
        _("Closed otherwise"),
        _("Mean working days to resolve"),
    )
    return table(heads, [*(row for row in rows if row[1] != "0"), _line(_("In all"), blockers)])


def solved_in(raw: Raw, workdays: Workdays) -> pd.DataFrame:
    """Every blocker with its item, and the working days from the day it was opened through its resolution."""
    blockers = raw["blocker"].merge(raw["item"], left_on="item_id", right_on="id")
    is_resolved = blockers.result == "resolved"
    spans = zip(blockers.opened_on, blockers.closed_on, is_resolved, strict=True)
    took = [float(workdays.between(*span)) if resolved else math.nan for *span, resolved in spans]
    return blockers.assign(is_resolved=is_resolved, took=took)


def mean_days(took: Sequence[int]) -> str:
    """A mean of working days, rounded as rates are; a dash of nothing."""
    return str(half_up(Decimal(sum(took)) / len(took))) if took else "–"


def _line(label: str, own: pd.DataFrame) -> tuple[str, ...]:
    resolved, still = int(own.is_resolved.sum()), int(own.closed_on.isna().sum())
    took = [int(days) for days in own.took.dropna()]
    return (
        label,
        str(len(own)),
        Rate(resolved, len(own)).text,
        str(still),
        str(len(own) - resolved - still),
        mean_days(took),
    )
