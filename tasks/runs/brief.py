"""The brief at the head of a form: the project, who owes what by when, what happened last."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from models.campaigns.revisit import RevisitCampaign, RevisitVisit
from models.escalation.action_item import ActionItem
from models.i18n import gettext as _
from models.ledger.project import Progress, Project, in_words
from models.words import ItemKind
from tasks.documents.markdown import cell, lines, table
from tasks.items.open_items import open_items
from tasks.items.wording import _name, _whom, state, what, whose
from tasks.runs.prefect_api import Label

PROGRESS_SHOWN = 3


def label(project: Project, subject: str = "") -> Label:
    """How a project's run is found: code and name; tags for county, sector and stage."""
    name = f"{project.title} · {subject}" if subject else project.title
    return Label(name, (project.unit.name, project.sector.label, project.stage.label))


def item_label(item: ActionItem, subject: str) -> Label:
    """The label of an item's run: its project's, or the investor's name and the unit."""
    if item.project:
        return label(item.project, subject)
    return Label(f"{whose(item)} · {subject}", (item.unit.name,))


def brief(session: Session, project: Project, as_of: date, focus: ActionItem | None = None) -> str:
    """What somebody who fills in a form about the project must know, the item at hand first."""
    items = open_items(session, project.id)
    if focus is not None:
        items = [focus, *(item for item in items if item is not focus)]
    parts = [
        f"### {cell(project.title)}",
        _about(project),
        revisit(session, focus),
        owed(session, items, as_of),
        _latest(session, project),
    ]
    return "\n\n".join(part for part in parts if part)


def _about(project: Project) -> str:
    investor = project.investor.name if project.investor else ""
    facts: tuple[tuple[str, object], ...] = (
        (_("Investor"), investor),
        (_("Amount"), in_words(project.amount, project.currency)),
        (_("Sector"), project.sector.label),
        (_("Responsible unit"), project.unit.name),
        (_("Signed on"), project.signed_on),
        (_("Stage"), project.stage.label),
        (_("Assigned officer"), _name(project.officer)),
        (_("Responsible leader"), _name(project.leader)),
    )
    return lines(facts)


def revisit(session: Session, item: ActionItem | None) -> str:
    """The open campaigns a visit counts for, with days and squads; empty without any."""
    if item is None or item.kind is not ItemKind.VISIT:
        return ""
    campaigns = asking_for(session, item.id)
    names = [_("%(name)s, by %(day)s") % {"name": campaign.name, "day": campaign.due_on} for campaign in campaigns]
    squads = dict.fromkeys(campaign.squad.name for campaign in campaigns if campaign.squad)
    return lines(((_("Revisit campaign"), "; ".join(names)), (_("Squad"), "、".join(squads))))


def owed(session: Session, items: Sequence[ActionItem], as_of: date) -> str:
    """Who owes what by when, as a table."""
    if not items:
        return ""
    rows = [(what(item), _whom(item), str(item.due_on), state(session, item, as_of)) for item in items]
    moment = _("As of %(day)s") % {"day": as_of}  # the form may wait for weeks
    return f"{table((_('Owed'), _('By whom'), _('Due'), _('State')), rows)}\n\n{moment}"


def _latest(session: Session, project: Project) -> str:
    entries = session.scalars(
        select(Progress)
        .where(Progress.project_id == project.id)
        .order_by(Progress.happened_on.desc(), Progress.id.desc())
        .limit(PROGRESS_SHOWN)
    )
    lines = [f"- {entry.happened_on} {cell(entry.text)} {_by(entry.reported_by)}".rstrip() for entry in entries]
    return "\n".join([_("What happened last:"), "", *lines]) if lines else ""


def _by(name: str) -> str:
    return f"({cell(name)})" if name else ""


def asking_for(session: Session, item_id: int) -> list[RevisitCampaign]:
    """The open campaigns a visit counts for, with their squads."""
    held = select(RevisitCampaign).join(RevisitVisit).where(RevisitVisit.item_id == item_id)
    still = held.where(RevisitCampaign.closed_on.is_(None)).options(joinedload(RevisitCampaign.squad))
    return list(session.scalars(still.order_by(RevisitCampaign.id)))
