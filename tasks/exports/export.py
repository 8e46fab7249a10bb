from datetime import date
from pathlib import Path

from prefect.artifacts import create_markdown_artifact

from models.i18n import gettext as _
from models.ledger.project import in_words
from tasks.database import snapshot
from tasks.documents.markdown import table
from tasks.dossiers.dossier import check_number, write_dossiers
from tasks.exports.official_ledger import Exported, write_ledger
from tasks.exports.summary import Line
from tasks.files import Folder, link, new_path
from tasks.ledger.selection import Selection, described, projects_of

DEPLOYMENT = "ledger-export"


def export_ledger(selection: Selection, day: date, *, with_dossiers: bool) -> tuple[Exported, Path | None]:
    """Write the official ledger of the selected projects and, on demand, their dossiers.

    Raises:
        Refused: if the selection names what the ledger does not know, or too many for dossiers.
    """
    with snapshot() as session:  # both files say the same
        if with_dossiers:
            check_number(projects_of(session, selection))
        workbook = new_path(Folder.EXPORTS, _("Official ledger %(day)s.xlsx") % {"day": day.isoformat()})
        exported = write_ledger(session, selection, workbook, day)
        if not with_dossiers:
            return exported, None
        bundle = new_path(Folder.EXPORTS, _("Dossiers %(day)s.zip") % {"day": day.isoformat()})
        write_dossiers(session, exported.project_ids, bundle, day)
        return exported, bundle


def show_export(exported: Exported, selection: Selection, bundle: Path | None) -> None:
    title = _("Official ledger as of %(day)s") % {"day": exported.as_of}
    links = [f"- {link(Folder.EXPORTS, path)}" for path in (exported.path, bundle) if path]
    heads = (_("Responsible unit"), _("Number of projects"), _("Amount"), _("Landing rate"))
    totals = table(heads, [_row(line) for line in (*exported.units, exported.total)])
    page = "\n\n".join([f"# {title}", described(selection), "\n".join(links), totals])
    create_markdown_artifact(page, key=DEPLOYMENT, description=_("The official ledger, to download"))


def _row(line: Line) -> tuple[str, ...]:
    amounts = [in_words(amount, currency) for currency, amount in line.amounts.items() if amount]
    return line.name, str(line.count), " + ".join(amounts), f"{line.rate:.1%} ({line.fraction})"
