"""Every 10 minutes: bring Prefect in step with the ledger. Safe to repeat, late, or twice at once."""

from typing import Any

from prefect import flow, get_client
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from models.i18n import gettext as _
from models.i18n import mark
from tasks.dialogues.change_assignment import AssignmentDialogue
from tasks.dialogues.correction import CorrectionDialogue
from tasks.dialogues.record_fact import FactDialogue
from tasks.dialogues.update_runs import STANDING, dialogues
from tasks.runs.reconciliation import Flows, Mended, reconcile

POOL = "luodi"
FLOWS = Flows(
    standing=list(STANDING),
    others=[
        FactDialogue.flow,
        AssignmentDialogue.flow,
        CorrectionDialogue.flow,
        "campaign-plan",
        "close-revisit-campaign",
        "escalation-sweep",
        "ladder-policy",
        "ledger-export",
        "ledger-import",
        "notice-delivery",
        "reconciliation",
        "revisit-campaign",
        "slow-landing",
        "weekly-bulletin",
    ],
)
FOUND = {
    "restarted": mark("The worker had died: scheduled again"),
    "ended": mark("Cancelled while it worked: ended"),
    "opened": mark("No live run: opened"),
    "nudged": mark("The question was out of date: asked anew"),
    "rewritten": mark("The form was missing: written again"),
    "cancelled": mark("Serves nothing in the ledger: cancelled"),
    "resumed": mark("Its answer was not entered yet: scheduled again"),
    "given_up": mark("The run was gone: its question is settled"),
}


@flow(name="reconciliation")
def reconciliation() -> State[Any]:
    """Find runs that are missing, orphaned, abandoned or out of date, and mend them; the table says which."""
    with get_client(sync_client=True) as client:
        mended, failed = reconcile(client, POOL, dialogues(), FLOWS)
    count = show(mended, failed)
    if failed:
        return Failed(message=_("Not everything could be mended: %(why)s") % {"why": "; ".join(failed)})
    return Completed(message=_("%(count)s runs mended.") % {"count": count})


def show(mended: Mended, failed: list[str]) -> int:
    """Show what was mended as a table, if anything was; returns how many runs."""
    run, found = _("Run"), _("What was found")
    rows = [{run: str(each), found: _(FOUND[step])} for step, runs in mended.items() for each in runs]
    rows += [{run: "", found: why} for why in failed]
    if rows:
        create_table_artifact(rows, key="reconciliation", description=_("What was missing or orphaned"))
    return sum(map(len, mended.values()))
