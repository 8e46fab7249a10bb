"""Enters capital that was paid in or increased."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.ledger.facts import CapitalReported, check_day
from models.ledger.project import CapitalEvent, Project
from models.refusal import Refused
from models.words import Stage


def record_capital(session: Session, project: Project, reports: Iterable[CapitalReported], as_of: date) -> None:
    """Enter each report as an event of the project's capital, also after it has landed.

    Raises:
        Refused: when the project has exited, a sum is nothing, or a day is before the signing or
            still to come.
    """
    if project.stage is Stage.EXITED:
        raise Refused(_("The project is closed: %(stage)s.") % {"stage": project.stage.label})
    for report in reports:
        check_day(report.happened_on, project, as_of)
        if not report.amount:
            raise Refused(_("“%(kind)s” needs a sum above 0.") % {"kind": report.kind.label})
        session.add(
            CapitalEvent(
                project_id=project.id,
                kind=report.kind,
                happened_on=report.happened_on,
                amount=report.amount,
                currency=report.currency,
                evidence=report.evidence,
            )
        )
