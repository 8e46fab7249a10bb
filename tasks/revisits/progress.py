"""Progress bars of revisit campaigns: Prefect artifacts that move as reports come in."""

import uuid
from dataclasses import dataclass
from typing import cast

import httpx
from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.exceptions import PrefectHTTPStatusError
from prefect.logging import get_logger
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models.campaigns.rates import Rate
from models.campaigns.revisit import RevisitCampaign, RevisitVisit
from models.escalation.action_item import ActionItem, Visit
from models.i18n import gettext as _
from models.ledger.project import Subject
from tasks.database import transaction


@dataclass(frozen=True)
class Progress:
    campaign_id: int
    name: str
    bar: uuid.UUID | None
    visited: Rate

    @property
    def percent(self) -> float:
        return float(self.visited.percent or 0)

    @property
    def description(self) -> str:
        return _("Revisit campaign “%(name)s”: visited %(rate)s") % {"name": self.name, "rate": self.visited.text}


def move_bars(subject: Subject | None = None) -> None:
    """Update the bars of the open campaigns; with `subject`, of those with a visit to it.

    A bar that Prefect has lost is drawn again in the current run. If Prefect refuses an update,
    the next report or sweep repeats it.
    """
    with transaction() as session:
        campaigns = progress(session, subject)
    for campaign in campaigns:
        try:
            _show(campaign)
        except (PrefectHTTPStatusError, httpx.TransportError):
            get_logger().warning("the progress bar of %s could not be moved", campaign.name, exc_info=True)


def progress(session: Session, subject: Subject | None = None) -> list[Progress]:
    """How far the open campaigns are; with `subject`, those with a visit to it."""
    which = select(RevisitCampaign.id).where(RevisitCampaign.closed_on.is_(None))
    if subject:
        theirs = ActionItem.investor_id if subject.investor_id else ActionItem.project_id
        visits = which.join(RevisitVisit).join(ActionItem, ActionItem.id == RevisitVisit.item_id)
        which = visits.where(theirs == (subject.investor_id or subject.project_id))
    counted = (
        select(
            RevisitCampaign.id,
            RevisitCampaign.name,
            RevisitCampaign.progress_id,
            func.count(Visit.item_id),
            func.count(RevisitVisit.item_id),
        )
        .join(RevisitVisit, RevisitVisit.campaign_id == RevisitCampaign.id)
        .outerjoin(Visit, Visit.item_id == RevisitVisit.item_id)
        .where(RevisitCampaign.id.in_(which))
        .group_by(RevisitCampaign.id)
        .order_by(RevisitCampaign.id)
    )
    return [
        Progress(campaign_id, name, bar, Rate(visited, asked))
        for campaign_id, name, bar, visited, asked in session.execute(counted)
    ]


def _show(progress: Progress) -> None:
    if progress.bar and _is_moved(progress.bar, progress):
        return
    key = f"revisit-campaign-{progress.campaign_id}"
    bar = cast(uuid.UUID, create_progress_artifact(progress.percent, key, progress.description))
    with transaction(source="revisit-campaign") as session:
        # Another run may have drawn a bar meanwhile
        same = RevisitCampaign.progress_id.is_not_distinct_from(progress.bar)
        named = update(RevisitCampaign).where(RevisitCampaign.id == progress.campaign_id, same)
        session.execute(named.values(progress_id=bar))


def _is_moved(bar: uuid.UUID, progress: Progress) -> bool:
    """Update the bar; False if Prefect no longer has it."""
    try:
        update_progress_artifact(bar, progress.percent, progress.description)
    except PrefectHTTPStatusError as problem:
        if problem.response.status_code != 404:
            raise
        return False
    return True
