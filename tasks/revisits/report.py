"""Writes a revisit campaign's report: a workbook among the exports, and a page linking to it."""

from datetime import date

from prefect.artifacts import create_markdown_artifact
from sqlalchemy.orm import Session

from models.i18n import gettext as _
from models.refusal import Refused
from tasks.database import snapshot
from tasks.files import Folder, link, new_path
from tasks.ledger.selection import described
from tasks.ledger.workdays import calendar_around
from tasks.revisits.facts import problems_of, visits_of
from tasks.revisits.figures import Report
from tasks.revisits.open import campaign_named
from tasks.revisits.page import page_of
from tasks.revisits.terms import selected
from tasks.revisits.workbook import write_book


def write_report(name: str, day: date, ending: str = "") -> None:
    """Write the report on `day` (see `report_of`); `ending` says how the campaign ends, if so.

    `Refused` when there is no such campaign, or it was opened after that day.
    """
    with snapshot() as session:
        report = report_of(session, name, day, ending)
    path = new_path(Folder.EXPORTS, _("Report on %(name)s %(day)s.xlsx") % {"name": name, "day": day.isoformat()})
    write_book(report, path)
    create_markdown_artifact(
        page_of(report, f"- {link(Folder.EXPORTS, path)}"),
        key="revisit-campaign-report",
        description=_("Report on the revisit campaign “%(name)s”") % {"name": name},
    )


def report_of(session: Session, name: str, day: date, ending: str = "") -> Report:
    """The campaign's figures on that day, or on its last day if it was over by then.

    Refused when there is no such campaign, or it was opened after that day.
    """
    campaign = campaign_named(session, name)
    if day < campaign.opened_on:
        message = _("The campaign “%(name)s” was opened only on %(day)s.")
        raise Refused(message % {"name": name, "day": campaign.opened_on})
    day = min(day, campaign.closed_on or day)  # later visits were not made for this campaign
    visits = visits_of(session, campaign.id, day)
    return Report(
        name=name,
        opened_on=campaign.opened_on,
        due_on=campaign.due_on,
        as_of=day,
        squad=campaign.squad.name if campaign.squad else "",
        filters=described(selected(campaign.selection)),
        ending=ending,
        visits=visits,
        problems=problems_of(session, campaign.id, campaign.opened_on, day),
        calendar=calendar_around(session, day, *(visit.due_on for visit in visits)),
    )
