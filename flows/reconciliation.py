"""Every 10 minutes: bring Prefect in step with the ledger. Safe to repeat or twice at once."""

from datetime import datetime
from pkgutil import iter_modules

from prefect import flow, get_client
from prefect.client.schemas.objects import State
from prefect.states import Completed

import flows
from models.i18n import clauses
from models.i18n import gettext as _
from tasks.dialogues.update_runs import STANDING, dialogues
from tasks.events.sending import send_all
from tasks.ledger.office_time import office_zone
from tasks.notices.pipeline import take_over_channels
from tasks.runs.execution import failed
from tasks.runs.idle import tidy_up
from tasks.runs.pipeline import mend
from tasks.runs.reconciliation import look_at_both, reconcile, show_mended
from tasks.steps import problems_of

NAMES = [module.name.replace("_", "-") for module in iter_modules(flows.__path__)]
OTHERS = [name for name in NAMES if name not in STANDING]


def run_name() -> str:
    return _("Reconciliation · %(moment)s") % {"moment": f"{datetime.now(office_zone()):%Y-%m-%d %H:%M}"}


@flow(name="reconciliation", flow_run_name=run_name, timeout_seconds=3600)
def reconciliation() -> State[None]:
    with get_client(sync_client=True) as client:
        look = look_at_both(client, dialogues(), standing=list(STANDING), others=OTHERS)
        mended, not_mended = reconcile(look, mend)
        not_mended += send_all(client)  # where no worker of ours does, which sends after each run
    not_mended += problems_of(take_over_channels)
    show_mended(mended, not_mended)
    count = sum(map(len, mended.values()))
    tidy_up(is_idle=not (count or not_mended))
    if not_mended:
        return failed(_("Not everything could be mended: %(why)s") % {"why": clauses(not_mended)})
    return Completed(message=_("%(count)s runs mended.") % {"count": count})
