"""The page beside an export, Markdown: links to the files, and the totals by unit."""

from pathlib import Path

from models.i18n import gettext as _
from models.ledger.project import in_words
from tasks.documents.markdown import table
from tasks.exports.official_ledger import Exported
from tasks.exports.summary import Line
from tasks.files import Folder, link


def report(exported: Exported, filters: str, bundle: Path | None) -> str:
    """The page with the links, Markdown."""
    title = _("Official ledger as of %(day)s") % {"day": exported.as_of}
    files = [link(Folder.EXPORTS, path) for path in (exported.path, bundle) if path]
    heads = (_("Responsible unit"), _("Number of projects"), _("Amount"), _("Landing rate"))
    rows = [_row(line) for line in (*exported.units, exported.total)]
    return "\n\n".join([f"# {title}", filters, "\n".join(f"- {file}" for file in files), table(heads, rows)])


def _row(line: Line) -> tuple[str, ...]:
    amounts = [in_words(amount, currency) for currency, amount in line.amounts.items() if amount]
    return line.name, str(line.count), " + ".join(amounts), f"{line.rate:.1%} ({line.fraction})"
