"""After each sweep and hourly: one digest a person by their channel, or into the built-in inbox. Safe to repeat."""

from datetime import datetime
from typing import Any

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from models.i18n import gettext as _
from tasks.ledger.office_time import day_of, office_zone
from tasks.notices.delivery import DeliveryOutcome, Sent, deliver_all
from tasks.notices.digest import gather
from tasks.runs.execution import refused


def run_name() -> str:
    """The hour, so that runs are told apart."""
    return _("Notices of %(moment)s") % {"moment": f"{datetime.now(office_zone()):%Y-%m-%d %H:%M}"}


@flow(name="notice-delivery", flow_run_name=run_name)
def notice_delivery(as_of: str = "") -> State[Any]:
    """Gather what waits and send it; the run fails while anything could not be delivered as it should.

    `as_of` (ISO date; empty: today in the office's time zone) is the day overdue days are counted to.
    """
    return refused(lambda: _deliver(as_of))


def _deliver(as_of: str) -> State[Any]:
    unwritten = gather(day_of(as_of))
    sent = deliver_all()
    if sent:
        told = _("Who was told, and how")
        create_table_artifact([_row(each) for each in sent], key="notice-delivery", description=told)
    delivered = sum(each.outcome is DeliveryOutcome.DELIVERED for each in sent)
    failed = [each for each in sent if each.outcome in (DeliveryOutcome.DELAYED, DeliveryOutcome.REFUSED)]
    missing = [f"{each.recipient} ({_channel(each)}): {each.why}" for each in failed] + unwritten
    message = _("%(count)s messages delivered.") % {"count": delivered}
    if missing:
        missed = _("Not delivered: %(names)s") % {"names": "; ".join(missing)}
        return Failed(message=f"{message} {missed}")
    return Completed(message=message)


def _row(sent: Sent) -> dict[str, Any]:
    return {
        _("Recipient"): sent.recipient,
        _("Channel"): _channel(sent),
        _("Outcome"): sent.outcome.label,
        _("Reason"): sent.why,
        _("Message"): sent.delivery_id,
    }


def _channel(sent: Sent) -> str:
    return sent.channel or _("built-in inbox")
