"""Reads, drafts and adopts the plan of a campaign in the ledger."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.campaigns.campaign import Campaign
from models.campaigns.plan import Plan, PlannedTarget
from models.campaigns.target import Target
from models.i18n import gettext as _
from models.refusal import Refused
from models.words import MilestoneKind
from tasks.database import transaction
from tasks.items.campaign_numbers import has_campaign_numbers
from tasks.items.next_steps import keep_items, set_next_steps
from tasks.ledger.current_campaign import clock_on, targets_of
from tasks.ledger.locks import one_at_a_time
from tasks.ledger.lookups import unit_named

DEPLOYMENT = "campaign-plan"


def plan_of(session: Session, campaign: Campaign) -> Plan | None:
    """The campaign's plan; None for the standing campaign, which nobody plans."""
    if campaign.ends_on is None:
        return None
    return Plan(
        campaign.name,
        campaign.starts_on,
        campaign.ends_on,
        tuple(MilestoneKind(kind) for kind in campaign.landing_definition),
        tuple(_planned(target) for target in targets_of(session, campaign)),
        campaign.signed_from,
        campaign.signed_until,
    )


def _planned(target: Target) -> PlannedTarget:
    return PlannedTarget(
        name=target.name,
        measure=target.measure,
        goal=target.goal,
        signed_from=target.signed_from,
        signed_until=target.signed_until,
        amount_from=target.amount_from,
        sector=target.sector,
        unit=target.unit.name if target.unit else "",
        each_county=target.each_county,
        by_leader=target.by_leader,
    )


def former(session: Session, plan: Plan) -> Plan | None:
    """The present plan of the campaign of that name, if there is one.

    `Refused` when it is the standing campaign, which has no end.
    """
    campaign = _named(session, plan.name)
    if campaign is None:
        return None
    if campaign.ends_on is None:
        message = _("“%(name)s” is the standing campaign, which has no end: give yours another name.")
        raise Refused(message % {"name": plan.name})
    return plan_of(session, campaign)


def draft(session: Session, plan: Plan) -> tuple[Campaign, Sequence[Target]]:
    """The campaign and its targets as planned, to count with; nothing is added to the session.

    Refused when the plan makes no sense or names a unit the ledger does not know.
    """
    plan.check()
    campaign = Campaign()
    _write_terms(campaign, plan)
    clock_on(session, campaign, plan.starts_on)
    targets = []
    for position, planned in enumerate(plan.targets):
        target = Target()
        _write_target(session, target, planned, position)
        targets.append(target)
    return campaign, targets


def adopt(session: Session, plan: Plan) -> Campaign:
    """Make the campaign of that name follow the plan; create it if it is new.

    Refused as in `draft`. A caller that reads campaigns in the same transaction first calls
    `one_at_a_time(session, "campaigns")`.
    """
    one_at_a_time(session, "campaigns")
    draft(session, plan)
    known = former(session, plan)
    campaign = _named(session, plan.name) or Campaign()
    if known == plan:
        return campaign
    _write_terms(campaign, plan)
    session.add(campaign)
    session.flush()
    _set_targets(session, campaign, plan)
    if has_campaign_numbers(session):  # another campaign may be followed now
        keep_items(session)
        set_next_steps(session)
    return campaign


def adopt_plan(who: str, plan: Plan) -> bool:
    """Adopt a plan in a transaction of its own; False if that was the plan already.

    `Refused` when the plan makes no sense, or names what the ledger does not know.
    """
    with transaction(who, DEPLOYMENT) as session:
        one_at_a_time(session, "campaigns")
        is_changed = former(session, plan) != plan
        adopt(session, plan)
    return is_changed


def _set_targets(session: Session, campaign: Campaign, plan: Plan) -> None:
    """A target keeps its row by name; one no longer planned is deleted and stays in history."""
    left = {target.name: target for target in targets_of(session, campaign)}
    for position, planned in enumerate(plan.targets):
        target = left.pop(planned.name, None) or Target(campaign_id=campaign.id)
        _write_target(session, target, planned, position)
        session.add(target)
    for target in left.values():
        session.delete(target)
    session.flush()


def _named(session: Session, name: str) -> Campaign | None:
    return session.scalars(select(Campaign).where(Campaign.name == name)).one_or_none()


def _write_terms(campaign: Campaign, plan: Plan) -> None:
    campaign.name, campaign.starts_on, campaign.ends_on = plan.name, plan.starts_on, plan.ends_on
    campaign.signed_from, campaign.signed_until = plan.signed_from, plan.signed_until
    campaign.landing_definition = [kind.value for kind in plan.landing]


def _write_target(session: Session, target: Target, planned: PlannedTarget, position: int) -> None:
    unit = unit_named(session, planned.unit) if planned.unit else None
    target.position, target.unit_id = position, unit.id if unit else None
    target.name, target.measure, target.goal = planned.name, planned.measure, planned.goal
    target.signed_from, target.signed_until = planned.signed_from, planned.signed_until
    target.amount_from, target.sector = planned.amount_from, planned.sector
    target.each_county, target.by_leader = planned.each_county, planned.by_leader
