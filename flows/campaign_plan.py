"""By the operator: a campaign with its targets, prefilled with the current one; a dry run shows where each stands."""

from datetime import date
from typing import Annotated, Any

from prefect import flow, get_client
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import Field

from models.campaigns.clock import last_day
from models.campaigns.plan import Plan
from models.i18n import gettext as _
from models.i18n import mark
from models.refusal import Refused
from models.words import MilestoneKind
from tasks.campaigns.plan import adopt, draft, former
from tasks.campaigns.plan_page import page
from tasks.campaigns.targets import evaluate_targets
from tasks.database import snapshot, transaction
from tasks.dialogues.parameters.campaign_plan import DEPLOYMENT, parameters
from tasks.dialogues.parameters.selection import word_of
from tasks.dialogues.parameters.target import SIGNED_FROM, SIGNED_UNTIL, TargetForm, day_under
from tasks.ledger.current_campaign import clock_on
from tasks.ledger.locks import one_at_a_time
from tasks.ledger.office_time import day_of
from tasks.runs.execution import refused
from tasks.runs.prefect_api import prefill

STARTS_ON, ENDS_ON = mark("First day"), mark("Last day")
MOST_DAYS = 3660


def run_name() -> str:
    """The campaign, so that runs are told apart."""
    return _("Plan of the campaign “%(name)s”") % {"name": flow_run.parameters.get("name", "")}


@flow(name=DEPLOYMENT, flow_run_name=run_name)
def campaign_plan(
    filled_in_by: Annotated[str, Field(min_length=1)],
    name: str,
    starts_on: str,
    ends_on: str = "",
    days: int = 0,
    landing: tuple[str, ...] = (),
    signed_from: str = "",
    signed_until: str = "",
    targets: tuple[TargetForm, ...] = (),
    dry_run: bool = True,
    as_of: str = "",
) -> State[Any]:
    """Plan the campaign of that name, or change it; with `dry_run` only show where each target stands.

    It lasts from `starts_on` through `ends_on`, or for so many `days`, the first and the last counted. `landing` names
    the milestones that together count as landed; `signed_from` and `signed_until` the projects it is for (empty: all).
    `targets` take the place of those the campaign has. `as_of` (ISO date; empty: today in the office's time zone) is
    the day the targets are looked at.
    """

    def planned() -> State[Any]:
        first_on = day_under(starts_on, STARTS_ON)
        if first_on is None:
            raise Refused(_("Say when the campaign begins: fill in “%(field)s”.") % {"field": _(STARTS_ON)})
        plan = Plan(
            name=" ".join(name.split()),
            starts_on=first_on,
            ends_on=_end(first_on, ends_on, days),
            landing=tuple(dict.fromkeys(word_of(MilestoneKind, each) for each in landing)),
            targets=tuple(target.planned() for target in targets),
            signed_from=day_under(signed_from, SIGNED_FROM),
            signed_until=day_under(signed_until, SIGNED_UNTIL),
        )
        return _plan(filled_in_by, plan, day_of(as_of.strip()), dry_run=dry_run)

    return refused(planned)


def _end(starts_on: date, ends_on: str, days: int) -> date:
    """The campaign's last day, by its day or by its length.

    Raises:
        Refused: when it has neither, or both and they differ.
    """
    said = day_under(ends_on, ENDS_ON)
    if days < 0 or days > MOST_DAYS:
        raise Refused(_("A campaign lasts from 1 to %(most)s days.") % {"most": MOST_DAYS})
    counted = last_day(starts_on, days) if days else said
    if counted is None:
        raise Refused(_("Say when the campaign ends: by its last day, or by its number of days."))
    if said and said != counted:
        told = _("%(days)s days from %(first)s end on %(counted)s, not on %(said)s: leave one of the two empty.")
        raise Refused(told % {"days": days, "first": starts_on, "counted": counted, "said": said})
    return counted


def _plan(who: str, plan: Plan, day: date, *, dry_run: bool) -> State[Any]:
    with snapshot() if dry_run else transaction(who, DEPLOYMENT) as session:
        if not dry_run:
            one_at_a_time(session, "campaigns")  # what is read now must not be over when it is adopted
        present = former(session, plan)
        campaign, targets = draft(session, plan)
        text = page(plan, present, evaluate_targets(session, campaign, targets, day), clock_on(session, campaign, day))
        if not dry_run:
            adopt(session, plan)
    create_markdown_artifact(text, key=DEPLOYMENT, description=_("The campaign and where its targets stand"))
    if dry_run:
        return Completed(message=_("Dry run: nothing was changed. The artifact shows where each target stands."))
    with get_client(sync_client=True) as client:
        prefill(client, DEPLOYMENT, parameters(plan))
    told = _("“%(name)s” is planned like this already.") if plan == present else _("“%(name)s” is planned.")
    return Completed(message=told % {"name": plan.name})
