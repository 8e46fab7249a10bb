"""An export: the workbook, on demand the dossiers, and the page that links to both."""

from datetime import date
from pathlib import Path

from prefect.artifacts import create_markdown_artifact

from models.i18n import gettext as _
from tasks.database import snapshot
from tasks.dossiers.bundle import check_number, write_dossiers
from tasks.exports.official_ledger import Exported, write_ledger
from tasks.exports.page import report
from tasks.files import Folder, new_path
from tasks.ledger.selection import Selection, described, projects_of

DEPLOYMENT = "ledger-export"


def export_ledger(selection: Selection, day: date, *, with_dossiers: bool) -> tuple[Exported, Path | None]:
    """Write the official ledger of the selected projects and, on demand, their dossiers.

    Raises:
        Refused: when the selection names what the ledger does not know, or too many projects for
            dossiers.
    """
    with snapshot() as session:  # both files say the same
        if with_dossiers:
            check_number(projects_of(session, selection))
        workbook = new_path(Folder.EXPORTS, _("Official ledger %(day)s.xlsx") % {"day": day})
        exported = write_ledger(session, selection, workbook, day)
        if not with_dossiers:
            return exported, None
        bundle = new_path(Folder.EXPORTS, _("Dossiers %(day)s.zip") % {"day": day})
        write_dossiers(session, exported.project_ids, bundle, day)
        return exported, bundle


def show_export(exported: Exported, selection: Selection, bundle: Path | None) -> None:
    """Show beside the run the links to the files, and the totals by unit."""
    page = report(exported, described(selection), bundle)
    create_markdown_artifact(page, key=DEPLOYMENT, description=_("The official ledger, to download"))
