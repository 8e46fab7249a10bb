"""By the operator: many visits at once, to projects and to investors, until a day."""

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from models.i18n import gettext as _
from models.office_files.names.names import clean_name
from tasks.dialogues.parameters import fields
from tasks.dialogues.parameters import revisit_campaign as form
from tasks.dialogues.parameters.fields import selection_of
from tasks.dialogues.parameters.offers import NO_SQUAD
from tasks.dialogues.pipeline import offer_choices, try_to_open_runs
from tasks.ledger.office_time import check_has_come, day_of
from tasks.revisits.open import ACTOR
from tasks.revisits.opened_page import counted
from tasks.revisits.pipeline import move_bars, open_campaign, try_campaign
from tasks.revisits.terms import Terms
from tasks.runs.execution import end, refusals_as_states
from tasks.runs.parameters import tried


def run_name() -> str:
    return _("Revisit campaign: %(name)s") % {"name": flow_run.parameters.get("name", "")}


@flow(name=ACTOR, flow_run_name=run_name, timeout_seconds=7200, validate_parameters=False)
@refusals_as_states
def revisit_campaign(
    name: form.Name = "",
    deadline: form.Deadline = "",
    working_days: form.WorkingDays = 0,
    signed_from: fields.SignedFrom = "",
    signed_until: fields.SignedUntil = "",
    units: fields.Units = (),
    sectors: fields.Sectors = (),
    stages: fields.Stages = (),
    amount_from: fields.AmountFrom = 0,
    amount_until: fields.AmountUntil = 0,
    squad: form.SquadName = "",
    visit_projects: form.VisitProjects = True,
    visit_investors: form.VisitInvestors = True,
    dry_run: fields.TrialFirst = False,
    filled_in_by: fields.FilledInBy = "",
    as_of: fields.AsOf = "",
) -> State[None]:
    """Ask for a visit to every selected open project and to the investors of all selected.

    The visits are due on `deadline`, or `working_days` after today. A visit that is owed already is
    brought forward if it is due later, and never doubled; deadlines on hold stand. A landed project
    is not asked again, but its investor is; without `stages`, what has exited is left out. Projects
    signed since join a campaign that is opened again.
    """
    day = day_of(as_of) if dry_run else check_has_come(day_of(as_of))
    terms = Terms(
        name=clean_name(name),
        selection=selection_of(units, sectors, stages, (signed_from, signed_until), (amount_from, amount_until)),
        deadline=fields.day_under(deadline, form.DEADLINE),
        working_days=working_days,
        squad="" if fields.is_left_out(squad, NO_SQUAD) else squad,
        visits_projects=visit_projects,
        visits_investors=visit_investors,
    )
    opened = (try_campaign if dry_run else open_campaign)(terms, day, clean_name(filled_in_by))
    if dry_run:
        return tried(counted(opened))
    move_bars()  # before the runs are opened: of thousands that takes minutes
    missing = try_to_open_runs(day)
    offer_choices()
    return end(counted(opened), missing)
