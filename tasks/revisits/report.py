"""Writes the report of a revisit campaign: a workbook in the folder of exports, and the page that links to it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from prefect.artifacts import create_markdown_artifact
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.campaigns.revisit import RevisitCampaign
from models.i18n import gettext as _
from models.refusal import Refused
from tasks.database import snapshot
from tasks.files import Folder, link, new_path
from tasks.ledger.selection import described
from tasks.ledger.workdays import calendar_around
from tasks.revisits.facts import problems_of, visits_of
from tasks.revisits.figures import Report
from tasks.revisits.page import page_of
from tasks.revisits.terms import selected
from tasks.revisits.workbook import write_book


@dataclass(frozen=True)
class Written:
    """A report that was written, and where its workbook is."""

    report: Report
    path: Path


def write_report(name: str, day: date, ending: str = "") -> Written:
    """Write the report of the campaign as it stands on `day`; `ending` says what becomes of it now.

    Raises:
        Refused: when there is no such campaign.
    """
    with snapshot() as session:
        report = report_of(session, name, day, ending)
    path = new_path(Folder.EXPORTS, _("Report on %(name)s %(day)s.xlsx") % {"name": name, "day": day})
    write_book(report, path)
    create_markdown_artifact(
        page_of(report, f"- {link(Folder.EXPORTS, path)}"),
        key="revisit-campaign-report",
        description=_("Report on the revisit campaign “%(name)s”") % {"name": name},
    )
    return Written(report, path)


def report_of(session: Session, name: str, day: date, ending: str = "") -> Report:
    """The campaign's figures on that day; of one that was over by then, those of its last.

    Raises:
        Refused: when there is no such campaign, or it was opened after that day.
    """
    asked = select(RevisitCampaign).where(RevisitCampaign.name == name).options(joinedload(RevisitCampaign.squad))
    campaign = session.scalars(asked).one_or_none()
    if campaign is None:
        raise Refused(_("There is no revisit campaign “%(name)s”.") % {"name": name})
    if day < campaign.opened_on:
        told = _("The campaign “%(name)s” was opened only on %(day)s.")
        raise Refused(told % {"name": name, "day": campaign.opened_on})
    day = min(day, campaign.closed_on or day)  # what was visited since was asked for by somebody else
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
        calendar=calendar_around(session, day, *(each.due_on for each in visits)),
    )
