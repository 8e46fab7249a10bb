"""By the operator: the official ledger of chosen projects, on demand with dossiers."""

from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed
from pydantic import Field

from models.i18n import enumerated, mark
from models.i18n import gettext as _
from tasks.dialogues.parameters import fields
from tasks.dialogues.parameters.fields import selection_of
from tasks.exports.export import DEPLOYMENT, exporting, show_export
from tasks.exports.pipeline import write_dossiers, write_ledger
from tasks.ledger.office_time import day_in_words, day_of
from tasks.runs.execution import refusals_as_states

Dossiers = Annotated[
    bool,
    Field(
        title=mark("With dossiers"),
        description=mark("A dossier of each project too, in one .zip; 500 projects at most"),
    ),
]


def run_name() -> str:
    asked = flow_run.parameters
    whose = enumerated(asked.get("units") or ()) or _("all units")
    return _("Official ledger · %(units)s · %(day)s") % {"units": whose, "day": day_in_words(asked.get("as_of"))}


@flow(name=DEPLOYMENT, flow_run_name=run_name, timeout_seconds=7200, validate_parameters=False)
@refusals_as_states
def ledger_export(
    units: fields.Units = (),
    sectors: fields.Sectors = (),
    stages: fields.Stages = (),
    signed_from: fields.SignedFrom = "",
    signed_until: fields.SignedUntil = "",
    amount_from: fields.AmountFrom = 0,
    amount_until: fields.AmountUntil = 0,
    dossiers: Dossiers = False,
    as_of: fields.AsOf = "",
) -> State[None]:
    """Write the official ledger (.xlsx) of the projects that fit every filter.

    Deadlines and traffic lights are judged on `as_of`. Nothing in the ledger changes.
    """
    selection = selection_of(units, sectors, stages, (signed_from, signed_until), (amount_from, amount_until))
    with exporting(selection, day_of(as_of), with_dossiers=dossiers) as export:
        write_ledger(export)
        if dossiers:
            write_dossiers(export)
    exported = export.exported
    show_export(exported, selection, export.bundle)
    message = _("%(count)s projects are in the ledger: the artifact links to it.")
    return Completed(message=message % {"count": exported.total.count})
