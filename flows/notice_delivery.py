"""After each sweep and hourly: one digest a person, by their channel or into the inbox."""

from datetime import datetime
from functools import partial
from typing import Any, cast

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from models.i18n import gettext as _
from tasks.dialogues.parameters.fields import AsOf, TrialFirst
from tasks.ledger.office_time import check_has_come, day_of, office_zone
from tasks.notices.delivery import count_delivered, deliver_all, not_delivered, show_sent
from tasks.notices.digest import ACTOR
from tasks.notices.pipeline import gather, serve, take_over_channels
from tasks.notices.trial import show_trial, try_delivery
from tasks.notices.turns import AT_ONCE
from tasks.runs.execution import end, refusals_as_states
from tasks.runs.idle import tidy_up
from tasks.runs.parameters import is_trial, tried
from tasks.steps import problems_of

SENDERS = cast(TaskRunner[PrefectFuture[Any]], ThreadPoolTaskRunner(max_workers=AT_ONCE))


def run_name() -> str:
    moment = {"moment": f"{datetime.now(office_zone()):%Y-%m-%d %H:%M}"}
    is_tried = is_trial(flow_run.parameters.get("dry_run"))
    return _("Trial: notices of %(moment)s") % moment if is_tried else _("Notices of %(moment)s") % moment


@flow(name=ACTOR, flow_run_name=run_name, task_runner=SENDERS, timeout_seconds=1800, validate_parameters=False)
@refusals_as_states
def notice_delivery(as_of: AsOf = "", dry_run: TrialFirst = False) -> State[None]:
    """Gather what waits and send it; the run fails if anything was not delivered.

    Overdue days are counted to `as_of`. With `dry_run` only show who would be sent what.
    """
    if dry_run:
        show_trial(rows := try_delivery())
        if not rows:
            return tried(_("Dry run: nothing was sent, and nobody would be told now."))
        message = _("Dry run: nothing was sent. %(count)s people would be told now: the artifact names them.")
        return tried(message % {"count": len(rows)})
    day = check_has_come(day_of(as_of))
    not_kept = problems_of(take_over_channels)
    unwritten = problems_of(partial(gather, day))
    sent = deliver_all(serve)
    show_sent(sent)
    tidy_up(is_idle=not (sent or unwritten or not_kept))
    message = _("%(count)s messages delivered.") % {"count": count_delivered(sent)}
    return end(message, not_delivered(sent, unwritten), *not_kept)
