"""Monday at 08:00: issue last week's bulletin and send it; a week that has its bulletin gets the very same again."""

from datetime import date, datetime, time, timedelta
from typing import Any

from prefect import flow, get_client
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from models.i18n import gettext as _
from models.refusal import Refused
from tasks.bulletin import delivery as bulletin_delivery
from tasks.bulletin.delivery import links, write_files
from tasks.bulletin.issue import Issued, corrected, issue, week_of
from tasks.bulletin.page import page
from tasks.ledger.office_time import day_of, office_zone
from tasks.runs.execution import refused
from tasks.runs.prefect_api import start_run

DEPLOYMENT = "weekly-bulletin"


def run_name() -> str:
    """The week that was asked for, or the day, so that runs are told apart."""
    asked = flow_run.parameters.get("week") or flow_run.parameters.get("as_of") or day_of("")
    return _("Weekly bulletin %(day)s") % {"day": asked}


@flow(name=DEPLOYMENT, flow_run_name=run_name)
def weekly_bulletin(week: str = "", as_of: str = "", send: bool = True) -> State[Any]:
    """Issue the bulletin of the week a day lies in (ISO text; empty: last week), and send it.

    A week whose bulletin was issued shows that one again, and what has been corrected since. `as_of` (ISO date; empty:
    today in the office's time zone) is the day it is issued on; of a past one the ledger counts as it was known then.
    """
    return refused(lambda: _bulletin(week, as_of, is_sent=send))


def _bulletin(week: str, as_of: str, *, is_sent: bool) -> State[Any]:
    day = day_of(as_of)
    if day > day_of(""):
        raise Refused(_("A bulletin is not issued before its day: %(day)s has not come.") % {"day": day})
    issued = issue(week_of(week, day), day, known_at(day))
    _paths, problem = write_files(issued)
    text = page(issued, links(issued), "" if issued.is_new else _correction(issued))
    create_markdown_artifact(text, key=DEPLOYMENT, description=issued.name)
    told = [_("%(name)s is issued.") if issued.is_new else _("%(name)s was issued before: shown again.")]
    if is_sent:
        told.append(_("%(count)s people are sent it now."))
    message = " ".join(told) % {"name": issued.name, "count": _send(issued) if is_sent else 0}
    return Failed(message=f"{message} {problem}") if problem else Completed(message=message)


def known_at(day: date) -> datetime | None:
    """Until when what was entered counts: to the end of a day that is past, else until now."""
    if day >= day_of(""):
        return None
    return datetime.combine(day + timedelta(1), time(), office_zone())


def _correction(issued: Issued) -> str:
    """What of the week's facts is known otherwise by now."""
    changed = [f"{name} {former} → {now}" for name, former, now in corrected(issued)]
    if not changed:
        return ""
    return _("Corrected in the ledger since it was issued: %(changes)s") % {"changes": _("; ").join(changed)}


def _send(issued: Issued) -> int:
    count = bulletin_delivery.send(issued)
    if count:
        with get_client(sync_client=True) as client:
            start_run(client, "notice-delivery", f"notice-delivery of bulletin {issued.id} to {count}")
    return count
