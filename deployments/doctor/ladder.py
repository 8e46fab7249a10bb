"""The ladder: was it swept, and was entered what people answered."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from deployments.doctor.findings import Finding, fine, notice, wrong
from deployments.doctor.ledger import reading
from models.escalation.question import Ask
from models.i18n import gettext as _
from models.ledger.history import SweepLog
from tasks.escalation.clock import waits_since
from tasks.ledger.office_time import day_of
from tasks.ledger.workdays import calendar_around

ENTERED_WITHIN = timedelta(minutes=10)  # a worker takes seconds, and reconciliation comes in between


def sweeps() -> Iterator[Finding]:
    """Has the ladder been swept since the last working day before today?"""
    today = day_of("")
    with reading() as session:
        last = session.scalar(select(func.max(SweepLog.as_of)).where(SweepLog.as_of <= today))  # not one tried ahead
        before = today - timedelta(days=1)
        since = last or waits_since(session, before)
        missed = since and calendar_around(session, since, today).elapsed(since, before)
    remedy = _("Keep `luodi up` running, or start the deployment `escalation-sweep`: coming late loses nothing.")
    if missed and last:
        what = _("The last sweep was on %(day)s; %(count)s working days were missed.")
        yield wrong(what % {"day": last, "count": missed}, remedy)
    elif missed:
        what = _("The ladder was never swept; something has waited for it since %(day)s.")
        yield wrong(what % {"day": since}, remedy)
    elif last:
        yield fine(_("The last sweep was on %(day)s.") % {"day": last})
    else:
        remedy = _("The deployment `escalation-sweep` starts itself at 08:30 on working days.")
        yield notice(_("The ladder was not swept yet."), remedy)


def answers() -> Iterator[Finding]:
    """Is in the ledger what people answered?"""
    late = Ask.answered_at < datetime.now(UTC) - ENTERED_WITHIN
    with reading() as session:
        waiting = select(func.count(), func.min(Ask.form_no)).where(
            Ask.answer.is_not(None), Ask.verdict.is_(None), late
        )
        count, form = session.execute(waiting).one()
    if count:
        what = _("%(count)s answers are not entered yet, of form %(form)s among others.")
        remedy = _("Start the deployment `reconciliation`; the logs of the form's run say what goes wrong.")
        yield wrong(what % {"count": count, "form": form}, remedy)
