"""Every 10 minutes: bring Prefect in step with the ledger. Safe to repeat or twice at once."""

from pkgutil import iter_modules

from prefect import flow, get_client
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

import flows
from models.i18n import clauses
from models.i18n import gettext as _
from tasks.dialogues.update_runs import STANDING, dialogues
from tasks.events.sending import forget_stored, send_events
from tasks.notices.blocks import take_over
from tasks.runs.reconciliation import reconcile, show_mended

NAMES = [module.name.replace("_", "-") for module in iter_modules(flows.__path__)]
OTHERS = [name for name in NAMES if name not in STANDING]


@flow(name="reconciliation", timeout_seconds=3600)
def reconciliation() -> State[None]:
    with get_client(sync_client=True) as client:
        mended, failed = reconcile(client, dialogues(), standing=list(STANDING), others=OTHERS)
        send_events(client)  # where no worker of ours sends them: that one has done so by now
        forget_stored(client)
    failed += take_over()
    show_mended(mended, failed)
    if failed:
        return Failed(message=_("Not everything could be mended: %(why)s") % {"why": clauses(failed)})
    return Completed(message=_("%(count)s runs mended.") % {"count": sum(map(len, mended.values()))})
