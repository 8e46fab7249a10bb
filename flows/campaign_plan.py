"""By the operator: a campaign and its targets; a dry run shows where each target stands."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from models.i18n import gettext as _
from tasks.campaigns.pipeline import adopt_plan, show_plan
from tasks.campaigns.plan import DEPLOYMENT
from tasks.dialogues.parameters.campaign_plan import (
    Days,
    EndsOn,
    Landing,
    Name,
    StartsOn,
    Targets,
    plan_from,
    prefill_plan,
)
from tasks.dialogues.parameters.fields import AsOf, DryRun, Signature, SignedFrom, SignedUntil
from tasks.dialogues.pipeline import offer_choices
from tasks.ledger.office_time import day_of
from tasks.runs.execution import refusals_as_states
from tasks.runs.parameters import tried


def run_name() -> str:
    return _("Plan of the campaign “%(name)s”") % {"name": flow_run.parameters.get("name", "")}


@flow(name=DEPLOYMENT, flow_run_name=run_name, timeout_seconds=7200, validate_parameters=False)
@refusals_as_states
def campaign_plan(
    filled_in_by: Signature = "",
    name: Name = "",
    starts_on: StartsOn = "",
    ends_on: EndsOn = "",
    days: Days = 0,
    landing: Landing = (),
    signed_from: SignedFrom = "",
    signed_until: SignedUntil = "",
    targets: Targets = (),
    dry_run: DryRun = True,
    as_of: AsOf = "",
) -> State[None]:
    """Plan the campaign, or change it; with `dry_run` only show where its targets stand.

    `signed_from` and `signed_until` say which projects it is for (empty: all).
    """
    plan = plan_from(name, (starts_on, ends_on, days), landing, (signed_from, signed_until), targets)
    show_plan(plan, day_of(as_of))
    if dry_run:
        return tried(_("Dry run: nothing was changed. The artifact shows where each target stands."))
    is_changed = adopt_plan(filled_in_by, plan)
    prefill_plan(plan)
    offer_choices()
    message = _("“%(name)s” is planned.") if is_changed else _("“%(name)s” is planned like this already.")
    return Completed(message=message % {"name": plan.name})
