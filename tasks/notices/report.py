"""What a delivery did: who was told, how, and what could not be delivered."""

from collections.abc import Sequence

from prefect.artifacts import create_table_artifact

from models.i18n import gettext as _
from tasks.notices.delivery import DeliveryOutcome, Sent
from tasks.notices.digest import ACTOR


def show_sent(sent: Sequence[Sent]) -> None:
    """Show beside the run who was told, and how; nothing where nobody was."""
    if sent:
        create_table_artifact([_row(message) for message in sent], key=ACTOR, description=_("Who was told, and how"))


def count_delivered(sent: Sequence[Sent]) -> int:
    """How many messages arrived."""
    return sum(message.outcome is DeliveryOutcome.DELIVERED for message in sent)


def not_delivered(sent: Sequence[Sent], unwritten: Sequence[str]) -> str:
    """Who got no message and why, unwritten digests included; empty when all arrived."""
    failed = [message for message in sent if message.outcome in (DeliveryOutcome.DELAYED, DeliveryOutcome.REFUSED)]
    missing = [f"{message.recipient} ({_channel(message)}): {message.why}" for message in failed]
    missing += unwritten
    return _("Not delivered: %(names)s") % {"names": "; ".join(missing)} if missing else ""


def _row(message: Sent) -> dict[str, str | int]:
    return {
        _("Recipient"): message.recipient,
        _("Channel"): _channel(message),
        _("Outcome"): message.outcome.label,
        _("Reason"): message.why,
        _("Message"): message.delivery_id,
    }


def _channel(message: Sent) -> str:
    return message.channel or _("built-in inbox")
