"""By the operator: the official ledger as a workbook, of the projects chosen; dossiers with it on demand."""

from datetime import date
from pathlib import Path
from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.states import Completed

from models.i18n import gettext as _
from tasks.database import snapshot
from tasks.dialogues.parameters.selection import selection_of
from tasks.dossiers.bundle import check_number, write_dossiers
from tasks.exports.official_ledger import write_ledger
from tasks.exports.page import report
from tasks.files import Folder, new_path
from tasks.ledger.office_time import day_of
from tasks.ledger.selection import Selection, described, projects_of
from tasks.runs.execution import refused

DEPLOYMENT = "ledger-export"


@flow(name=DEPLOYMENT)
def ledger_export(
    units: tuple[str, ...] = (),
    sectors: tuple[str, ...] = (),
    stages: tuple[str, ...] = (),
    signed_from: str = "",
    signed_until: str = "",
    amount_from: float = 0,
    amount_until: float = 0,
    dossiers: bool = False,
    as_of: str = "",
) -> State[Any]:
    """Write the official ledger (.xlsx) of the projects that fit every filter; the artifact links to it.

    An empty filter fits all. `units` takes a project also where a unit shares it. Amounts are in ten thousand yuan
    (of projects in dollars: ten thousand dollars); 0 is no limit. With `dossiers` a .zip holds a dossier of each
    project, 500 at most. `as_of` (ISO date; empty: today in the office's time zone) is the day deadlines and traffic
    lights are judged on. Nothing in the ledger changes.
    """
    return refused(
        lambda: _export(
            selection_of(units, sectors, stages, (signed_from, signed_until), (amount_from, amount_until)),
            day_of(as_of),
            dossiers=dossiers,
        )
    )


def _export(selection: Selection, day: date, *, dossiers: bool) -> State[Any]:
    bundle: Path | None = None
    with snapshot() as session:
        if dossiers:
            check_number(projects_of(session, selection))
        named = {"day": day}
        exported = write_ledger(
            session, selection, new_path(Folder.EXPORTS, _("Official ledger %(day)s.xlsx") % named), day
        )
        if dossiers:
            bundle = new_path(Folder.EXPORTS, _("Dossiers %(day)s.zip") % named)
            write_dossiers(session, exported.project_ids, bundle, day)
    page = report(exported, described(selection), bundle)
    create_markdown_artifact(page, key=DEPLOYMENT, description=_("The official ledger, to download"))
    message = _("%(count)s projects are in the ledger: the artifact links to it.")
    return Completed(message=message % {"count": exported.total.count})
