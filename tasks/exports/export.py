from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from prefect.artifacts import create_markdown_artifact
from sqlalchemy.orm import Session

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


class Export:
    """The official ledger and, on demand, the dossiers, both of the ledger at one moment.

    Its steps are taken once each, the ledger first.
    """

    exported: Exported
    bundle: Path | None = None

    def __init__(self, session: Session, selection: Selection, day: date) -> None:
        self.session, self.selection, self.day = session, selection, day

    def write_ledger(self) -> None:
        path = new_path(Folder.EXPORTS, _("Official ledger %(day)s.xlsx") % {"day": self.day.isoformat()})
        self.exported = write_ledger(self.session, self.selection, path, self.day)

    def write_dossiers(self) -> None:
        self.bundle = new_path(Folder.EXPORTS, _("Dossiers %(day)s.zip") % {"day": self.day.isoformat()})
        write_dossiers(self.session, self.exported.project_ids, self.bundle, self.day)


@contextmanager
def exporting(selection: Selection, day: date, *, with_dossiers: bool) -> Iterator[Export]:
    """An export to be written.

    Raises:
        Refused: if the selection names what the ledger does not know, or too many for dossiers.
    """
    with snapshot() as session:
        if with_dossiers:
            check_number(projects_of(session, selection))
        yield Export(session, selection, day)


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
