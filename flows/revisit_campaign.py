"""By the operator: many visits at once, to projects and to investors, until a day. Safe to repeat."""

from datetime import date
from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from pydantic import Field

from models.i18n import gettext as _
from models.i18n import in_any_locale
from models.office_files.names import clean_name
from tasks.dialogues.parameters.offers import NO_SQUAD, offer_choices
from tasks.dialogues.parameters.selection import day_or_none, selection_of
from tasks.dialogues.update_runs import try_to_update_runs
from tasks.ledger.office_time import day_of
from tasks.ledger.selection import described
from tasks.revisits.open import open_campaign
from tasks.revisits.opened_page import DEPLOYMENT, show
from tasks.revisits.progress import move_bars
from tasks.revisits.terms import Terms
from tasks.revisits.visits import Line
from tasks.runs.execution import refused


def run_name() -> str:
    """The campaign, so that runs are told apart."""
    return _("Revisit campaign: %(name)s") % {"name": flow_run.parameters.get("name", "")}


@flow(name=DEPLOYMENT, flow_run_name=run_name)
def revisit_campaign(
    name: Annotated[str, Field(min_length=1)],
    deadline: str = "",
    working_days: Annotated[int, Field(ge=0, le=500)] = 0,
    signed_from: str = "",
    signed_until: str = "",
    units: tuple[str, ...] = (),
    sectors: tuple[str, ...] = (),
    stages: tuple[str, ...] = (),
    amount_from: float = 0,
    amount_until: float = 0,
    squad: str = "",
    visit_projects: bool = True,
    visit_investors: bool = True,
    dry_run: bool = False,
    filled_in_by: str = "",
    as_of: str = "",
) -> State[Any]:
    """Ask for a visit to every selected open project and to every investor of the selected projects.

    The visits are due on `deadline`, or `working_days` after today. A visit that is owed already is brought forward if
    it is due later, and never doubled; deadlines on hold stand. A landed project is not asked again, but its investor
    is; without `stages`, what has exited is left out. Filters and amounts are those of `ledger-export`. The same
    `name` again goes on with the same campaign: projects signed since join it. `squad` is only named, on the forms and
    in the report. With `dry_run` nothing changes. `as_of` (ISO date; empty: today in the office's time zone) is the
    day it opens.
    """
    selected = (units, sectors, stages, (signed_from, signed_until), (amount_from, amount_until))
    return refused(
        lambda: _open(
            Terms(
                name=clean_name(name),
                selection=selection_of(*selected),
                deadline=day_or_none(deadline),
                working_days=working_days,
                squad="" if squad in in_any_locale(NO_SQUAD) else squad,
                visits_projects=visit_projects,
                visits_investors=visit_investors,
            ),
            day_of(as_of),
            clean_name(filled_in_by),
            dry_run=dry_run,
        )
    )


def _open(terms: Terms, day: date, who: str, *, dry_run: bool) -> State[Any]:
    opened = open_campaign(terms, day, who, dry_run=dry_run)
    show(opened, described(terms.selection))
    if dry_run:
        told = _("Dry run, nothing was changed: %(projects)s projects and %(investors)s investors would be asked.")
        return Completed(message=told % _counts(opened.total))
    move_bars()  # before the runs are opened: of thousands that takes minutes
    missing = try_to_update_runs(str(day))
    offer_choices()
    told = _("%(projects)s projects and %(investors)s investors are asked by %(day)s.")
    message = told % {**_counts(opened.total), "day": opened.due_on}
    if missing:
        message += " " + _("Runs are missing, reconciliation opens them: %(why)s") % {"why": missing}
    return Failed(message=message) if missing else Completed(message=message)


def _counts(total: Line) -> dict[str, int]:
    return {"projects": total.projects, "investors": total.investors}
