"""Opens revisit campaigns. The same name is the same campaign, and nobody is asked twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.campaigns.revisit import RevisitCampaign
from models.i18n import enumerated
from models.i18n import gettext as _
from models.ledger.organisation import Squad
from models.refusal import Refused
from tasks.database import transaction
from tasks.events.outbox import announce, count_as_one
from tasks.items.next_steps import keep_policy
from tasks.ledger.locks import one_at_a_time
from tasks.revisits.terms import TITLES, Terms
from tasks.revisits.visits import Line, Passed, ask_visits

ACTOR = "revisit-campaign"


@dataclass(frozen=True)
class OpenedCampaign:
    """What opening a campaign did, or would do: visits by unit, and projects passed over."""

    terms: Terms
    due_on: date
    lines: Sequence[Line]
    passed: Passed
    is_new: bool
    is_dry_run: bool = False

    @property
    def total(self) -> Line:
        return sum(self.lines, Line(""))


def open_campaign(terms: Terms, as_of: date, who: str = "", *, dry_run: bool = False) -> OpenedCampaign:
    """Ask for all visits of a campaign in one transaction, which a dry run rolls back.

    Called again, it asks for the visits that are missing: of projects signed or changed since.
    Refused when the terms make no sense or differ from the first ones, or it is over.
    """
    terms.check()
    with transaction(who or ACTOR, f"{ACTOR} {terms.name}") as session:
        one_at_a_time(session, "revisit-campaign")  # before any project is locked
        keep_policy(session)
        count_as_one(session)
        campaign = find(session, terms.name)
        is_new = campaign is None
        campaign = _check_same(session, campaign, terms) if campaign else _enter(session, terms, as_of)
        lines, passed = ask_visits(session, campaign, terms.selection, as_of)
        if is_new and not lines:
            raise Refused(_("Nobody is selected: no open project and no investor fits these filters."))
        opened = OpenedCampaign(terms, campaign.due_on, lines, passed, is_new, dry_run)
        if lines:
            _announce(session, campaign, opened)
        if dry_run:
            session.rollback()
    return opened


def _announce(session: Session, campaign: RevisitCampaign, opened: OpenedCampaign) -> None:
    counts = {"projects": opened.total.projects, "investors": opened.total.investors, "is_new": opened.is_new}
    announce(session, "luodi.campaign.opened", campaign_id=campaign.id, due_on=str(campaign.due_on), **counts)


def find(session: Session, name: str) -> RevisitCampaign | None:
    return session.scalars(select(RevisitCampaign).where(RevisitCampaign.name == name)).one_or_none()


def campaign_named(session: Session, name: str) -> RevisitCampaign:
    """The campaign of that name; refused when there is none."""
    campaign = find(session, name)
    if campaign is None:
        raise Refused(_("There is no revisit campaign “%(name)s”.") % {"name": name})
    return campaign


def open_names(session: Session) -> list[str]:
    still = select(RevisitCampaign.name).where(RevisitCampaign.closed_on.is_(None))
    return list(session.scalars(still.order_by(RevisitCampaign.id.desc())))


def _squad_id(session: Session, name: str) -> int | None:
    if not name:
        return None
    squad_id = session.scalar(select(Squad.id).where(Squad.name == name))
    if squad_id is None:
        raise Refused(_("The ledger knows no squad “%(name)s”.") % {"name": name})
    return squad_id


def _enter(session: Session, terms: Terms, as_of: date) -> RevisitCampaign:
    campaign = RevisitCampaign(
        name=terms.name,
        opened_on=as_of,
        due_on=terms.due_on(session, as_of),
        selection=terms.filters(session),
        squad_id=_squad_id(session, terms.squad),
        visits_projects=terms.visits_projects,
        visits_investors=terms.visits_investors,
    )
    session.add(campaign)
    session.flush()
    return campaign


def _check_same(session: Session, campaign: RevisitCampaign, terms: Terms) -> RevisitCampaign:
    """The campaign, if it is open and was opened with the same terms."""
    if campaign.closed_on:
        message = _("The campaign “%(name)s” has been over since %(day)s: give the new one another name.")
        raise Refused(message % {"name": campaign.name, "day": campaign.closed_on})
    filters = terms.filters(session)
    other = [_(title) for name, title in TITLES.items() if campaign.selection.get(name) != filters.get(name)]
    other += [_("Squad")] if campaign.squad_id != _squad_id(session, terms.squad) else []
    other += [_("One visit a project")] if campaign.visits_projects != terms.visits_projects else []
    other += [_("One visit an investor")] if campaign.visits_investors != terms.visits_investors else []
    if other:
        message = _(
            "There is a campaign “%(name)s” already, opened on %(day)s with other entries: %(fields)s. Fill them in "
            "as they were, or give the new campaign another name."
        )
        raise Refused(message % {"name": campaign.name, "day": campaign.opened_on, "fields": enumerated(other)})
    return campaign
