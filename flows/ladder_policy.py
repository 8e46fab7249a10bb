"""By the operator: the ladder's numbers; a dry run shows what would fire by them."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from models.i18n import gettext as _
from tasks.dialogues.parameters.fields import AsOf, DryRun, Signature
from tasks.dialogues.parameters.ladder_policy import NO_NUMBERS, CampaignName, Kind, Numbers, prefill_numbers, scope_of
from tasks.escalation.pipeline import adopt_numbers, compare_numbers
from tasks.escalation.policy import DEPLOYMENT
from tasks.ledger.office_time import day_of
from tasks.runs.execution import refusals_as_states
from tasks.runs.parameters import tried


def run_name() -> str:
    asked = flow_run.parameters
    scope = " · ".join(filter(None, (_("Numbers of the ladder"), asked.get("campaign"), asked.get("kind"))))
    return _("%(what)s · trial") % {"what": scope} if asked.get("dry_run", True) else scope


@flow(name=DEPLOYMENT, flow_run_name=run_name, timeout_seconds=7200, validate_parameters=False)
@refusals_as_states
def ladder_policy(
    filled_in_by: Signature = "",
    numbers: Numbers = NO_NUMBERS,
    campaign: CampaignName = "",
    kind: Kind = "",
    dry_run: DryRun = True,
    as_of: AsOf = "",
) -> State[None]:
    """Change the numbers; with `dry_run` only show what the next working day would fire."""
    scope = scope_of(campaign, kind)
    compare_numbers(numbers, scope, day_of(as_of))
    if dry_run:
        return tried(_("Dry run: nothing was changed. The artifact shows what would fire on the next working day."))
    version = adopt_numbers(filled_in_by, numbers, scope)
    prefill_numbers()
    return Completed(message=_("Version %(version)s of the numbers applies from now on.") % {"version": version})
