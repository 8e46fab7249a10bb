"""Monday at 08:00: issue last week's bulletin and send it."""

from datetime import date
from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from pydantic import Field

from models.i18n import gettext as _
from models.i18n import mark, sentences
from tasks.bulletin.delivery import count_recipients, show_trial
from tasks.bulletin.issue import ACTOR, WEEK_TITLE, bulletin_name, known_at, preview, week_of
from tasks.bulletin.pipeline import freeze, render, send_bulletin
from tasks.dialogues.parameters.fields import AsOf, TrialFirst
from tasks.ledger.office_time import day_in_words, day_of
from tasks.runs.execution import end, refusals_as_states
from tasks.runs.parameters import is_trial, tried

Week = Annotated[str, Field(title=WEEK_TITLE, description=mark("Any day of it, like 2026-06-09. Empty: last week"))]
Send = Annotated[
    bool,
    Field(
        title=mark("Send"),
        description=mark("To responsible leaders, inspectors and the commerce bureau; each gets a bulletin once"),
    ),
]


def run_name() -> str:
    asked = flow_run.parameters.get("week") or flow_run.parameters.get("as_of")
    day = {"day": day_in_words(asked)}
    is_tried = is_trial(flow_run.parameters.get("dry_run"))
    return _("Trial: weekly bulletin %(day)s") % day if is_tried else _("Weekly bulletin %(day)s") % day


@flow(name=ACTOR, flow_run_name=run_name, timeout_seconds=7200, validate_parameters=False)
@refusals_as_states
def weekly_bulletin(week: Week = "", as_of: AsOf = "", send: Send = True, dry_run: TrialFirst = False) -> State[None]:
    """Issue the bulletin of the week a day lies in, and send it; with `dry_run` only show it.

    A week whose bulletin was issued shows that one again, and what has been corrected since.
    `as_of` is the day it is issued on; of a past one the ledger counts as it was known then.
    """
    day = day_of(as_of)
    if dry_run:
        return try_bulletin(week, day)
    year, number, is_new = freeze(week_of(week, day), day)
    problem = render(year, number, is_new)
    parts = [_("%(name)s is issued.") if is_new else _("%(name)s was issued before: shown again.")]
    if send:
        parts.append(_("%(count)s people are sent it now."))
    words = {"name": bulletin_name(year, number), "count": send_bulletin(year, number) if send else 0}
    return end(sentences(parts) % words, problem)


def try_bulletin(week: str, day: date) -> State[None]:
    figures = preview(week_of(week, day), day, known_at(day))
    show_trial(figures)
    message = _(
        "Dry run: no bulletin was issued, and nothing sent. The artifact shows it; it would go to %(count)s people."
    )
    return tried(message % {"count": count_recipients()})
