"""Notices: are they gathered, sent, and can their channels be reached."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from sqlalchemy import func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from deployments.doctor.findings import Finding, fine, some, wrong
from deployments.doctor.ledger import reading
from deployments.doctor.threads import begin
from models.escalation.notice import Delivery, Notice
from models.i18n import gettext as _
from models.i18n import of_each
from models.ledger.organisation import Person
from tasks.ledger.office_time import office_zone
from tasks.notices.delivery import UNSETTLED
from tasks.notices.webhook import DeliveryDelayed, DeliveryRefused, channel

SENT_WITHIN = timedelta(hours=3)  # the hourly delivery has come twice by then
ANSWERED_WITHIN = 4.5  # seconds, by all channels: they are asked at once
MANY_ATTEMPTS = 3  # of one message, also if each ended before it could note why


def deliveries() -> Iterator[Finding]:
    """Does everybody get their messages?"""
    is_old = Delivery.recorded_at < datetime.now(UTC) - SENT_WITHIN
    is_stuck = or_(Delivery.last_error != "", Delivery.attempts >= MANY_ATTEMPTS, is_old)
    with reading() as session:
        stuck = session.scalars(select(Delivery).where(*UNSETTLED, is_stuck)).all()
        named = sorted({of_each(message.recipient.name, _why(message)) for message in stuck})
    if stuck:
        what = _("%(count)s messages could not be delivered yet: %(names)s")
        remedy = _("See the last run of `notice-delivery`; it tries again every hour.")
        yield wrong(what % {"count": len(stuck), "names": some(named)}, remedy)


def _why(message: Delivery) -> str:
    return message.last_error or _("tried %(count)s times") % {"count": message.attempts}


def waiting() -> Iterator[Finding]:
    """Do notices wait that no message has taken?"""
    ungathered = (Notice.delivery_id.is_(None), Notice.dropped_at.is_(None))
    with reading() as session:
        count = session.scalar(select(func.count(Notice.id)).where(*ungathered))
        since = session.scalar(select(func.min(Notice.recorded_at)).where(*ungathered))
    if since and since < datetime.now(UTC) - SENT_WITHIN:
        what = _("%(count)s notices wait to be sent, since %(moment)s.")
        what %= {"count": count, "moment": f"{since.astimezone(office_zone()):%Y-%m-%d %H:%M}"}
        yield wrong(what, _("Start the deployment `notice-delivery`; its run says what goes wrong."))


def channels() -> Iterator[Finding]:
    """Do the channels that people are told by exist, and does anybody answer there?"""
    with reading() as session:
        lists = session.scalars(select(Person.channels).where(Person.channels != literal([], JSONB))).all()
    names = sorted({name for channels in lists for name in channels})
    deadline = time.monotonic() + ANSWERED_WITHIN
    reached = {name: begin(partial(_reach, name)) for name in names}
    for name, answer in reached.items():
        try:
            answer.result(max(0.0, deadline - time.monotonic()))
        except DeliveryRefused as problem:
            remedy = _("Set it at the desk, under Channels; until then the notices go to the inbox.")
            yield wrong(_("Channel “%(name)s”: %(why)s") % {"name": name, "why": problem}, remedy)
        except (DeliveryDelayed, TimeoutError) as problem:
            why = str(problem) or _("The receiver does not answer.")
            remedy = _("Check the receiver and the network; notices wait and are tried again every hour.")
            yield wrong(_("Channel “%(name)s”: %(why)s") % {"name": name, "why": why}, remedy)
        else:
            yield fine(_("Channel “%(name)s” can be reached.") % {"name": name})


def _reach(name: str) -> None:
    channel(name).reach()
