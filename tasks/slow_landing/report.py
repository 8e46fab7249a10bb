"""The slow landing report: the analysis as a page beside the run, and as a workbook."""

from collections.abc import Sequence
from datetime import date

from prefect.artifacts import create_markdown_artifact

from models.i18n import enumerated
from models.i18n import gettext as _
from tasks.database import snapshot
from tasks.files import Folder, link, new_path
from tasks.ledger.current_campaign import current_campaign
from tasks.slow_landing.analysis import slow_landing
from tasks.slow_landing.page import page
from tasks.slow_landing.workbook import write_slow_landing

DEPLOYMENT = "slow-landing"


def report_slow_landing(units: Sequence[str], day: date) -> int:
    """Report the current campaign's projects behind on that day; returns their number.

    `Refused` when the ledger knows no such unit.
    """
    path = new_path(Folder.EXPORTS, _("Slow landing %(day)s.xlsx") % {"day": day.isoformat()})
    scope = enumerated(units)
    with snapshot() as session:
        analysis = slow_landing(session, current_campaign(session, day), day, units=units)
        write_slow_landing(session, analysis, path, scope)
    text = "\n\n".join([page(analysis, scope), _("All of them: %(link)s") % {"link": link(Folder.EXPORTS, path)}])
    create_markdown_artifact(text, key=DEPLOYMENT, description=_("What is behind, and where the days go"))
    return len(analysis.cohort.ids)
