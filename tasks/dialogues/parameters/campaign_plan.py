"""The form that plans a campaign, prefilled with the current one."""

from datetime import date
from typing import Any

from prefect import get_client
from sqlalchemy.orm import Session

from models.campaigns.plan import Plan
from models.words import MilestoneKind
from tasks.campaigns.plan import plan_of
from tasks.database import snapshot
from tasks.dialogues.parameters.target import TargetForm, choices, entry
from tasks.ledger.current_campaign import current_campaign
from tasks.ledger.lookups import unit_names
from tasks.runs.prefect_api import offer_in_entries

DEPLOYMENT = "campaign-plan"


def parameters(plan: Plan) -> dict[str, Any]:
    """A plan as the form shows it."""
    return {
        "name": plan.name,
        "starts_on": str(plan.starts_on),
        "ends_on": str(plan.ends_on),
        "landing": [kind.label for kind in plan.landing],
        "signed_from": str(plan.signed_from or ""),
        "signed_until": str(plan.signed_until or ""),
        "targets": [entry(target) for target in plan.targets],
    }


def present_parameters(session: Session, day: date) -> dict[str, Any]:
    """The current campaign as the form shows it; where only the standing one is on, what counts as landed there."""
    campaign = current_campaign(session, day)
    plan = plan_of(session, campaign)
    if plan is None:
        return {"landing": [MilestoneKind(kind).label for kind in campaign.landing_definition]}
    return parameters(plan)


def offer_places() -> None:
    """Let the form offer the units the ledger has by now: for whoever has just entered some."""
    with snapshot() as session:
        units = unit_names(session)
    with get_client(sync_client=True) as client:
        offer_in_entries(client, DEPLOYMENT, TargetForm.__name__, choices(units))
